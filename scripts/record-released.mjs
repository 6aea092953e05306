/**
 * `npm run record-released`: writes contracts and operations that are new into the records of what was released
 * (`libs/contracts/released.json`, `libs/operations/released.json`). What stands there is never changed: that is what the
 * records are for. Build first.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contractShapes } from '../libs/contracts/dist/test-support/shapes.js';
import { operationShapes } from '../libs/operations/dist/test-support/shapes.js';

record('contracts', contractShapes());
record('operations', operationShapes());

function record(lib, shapes) {
  const file = fileURLToPath(new URL(`../libs/${lib}/released.json`, import.meta.url));
  const released = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const added = Object.keys(shapes).filter((key) => !(key in released));
  const all = { ...released, ...Object.fromEntries(added.map((key) => [key, shapes[key]])) };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
  console.log(added.length === 0 ? `${lib}: nothing new` : `${lib}: ${added.join(', ')}`);
}
