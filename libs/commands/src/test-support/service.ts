import { CommandRunner } from '../command-runner.js';

/**
 * A service to be killed: runs a command of the owner given, whose two children print their pids. The second flees the
 * command's process group and session. Hence `node service.js OWNER`.
 */
const owner = process.argv[2]!;
await new CommandRunner({ owner }).run(
  'sh',
  ['-c', 'echo $$; sleep 1000 & echo $!; setsid sh -c "echo \\$\\$; exec sleep 1000" & wait'],
  { timeoutMs: 60_000, onStdoutLine: (line) => process.stdout.write(`${line}\n`) },
);
