/** Which Node.js runs the product and its tests. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Running native ES modules in jest needs 24.9; OpenTelemetry needs 22.15. */
const OLDEST = [24, 9];

/** Path of this very Node.js when it is new enough, else of the one that npm installed for this checkout. */
export function rightNode(root) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  const installed = join(root, 'node_modules/.bin/node');
  if (existsSync(installed)) return installed;
  throw new Error(
    `Node.js ${OLDEST.join('.')} or newer is needed, this is ${process.versions.node}, and npm has none for ` +
      `${process.platform} ${process.arch}. Install one from https://nodejs.org/ and run this again.`,
  );
}
