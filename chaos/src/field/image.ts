import { IMAGE_CONTENT, writeCommands } from '../workload/content.js';
import { runProgram } from './programs.js';

/** An image that holds `IMAGE_CONTENT`: too small for the last place, which is therefore not written. */
export async function makeImage(path: string): Promise<void> {
  await runProgram('qemu-img', ['create', '-f', 'qcow2', path, '64M']);
  const commands = writeCommands(IMAGE_CONTENT).filter((command) => !command.includes('-P 0 '));
  await runProgram('qemu-io', ['-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), path]);
}
