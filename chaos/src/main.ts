import { writeFile } from 'node:fs/promises';
import { NothingToSay } from './faults/left-out.js';
import { readOptions, USAGE, type Options } from './options.js';
import { markdown } from './report/markdown.js';
import { findingsOf } from './report/result.js';
import { run } from './run.js';

/** `npm run chaos`: see docs/faults.md. Exit code 1 when something was found, 2 when the harness itself failed. */
const began = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} ${line}`);

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
// Whatever breaks, mounts and processes go.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error) => {
    say(`${event}: ${String((error as Error).stack ?? error)}`);
    interruption.abort(error);
  });

const options = understood();
if (options) {
  try {
    const result = await run(options, interruption.signal, say);
    const text = markdown(result);
    console.log(`\n${text}`);
    if (options.report) await writeFile(options.report, text);
    process.exitCode = findingsOf(result).length === 0 ? 0 : 1;
  } catch (error) {
    const plain = interruption.signal.aborted || error instanceof NothingToSay;
    console.error(plain ? String(error) : error);
    console.error(`again: ${options.command}`);
    process.exitCode = 2;
  }
}
process.exit();

function understood(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}
