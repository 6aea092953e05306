import { BackendConfig } from '@scoria/config';
import type { Driver } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import { Backend } from './backend.js';

/**
 * A service to be killed in the middle of a conversion. Prints the pid of a process that then goes on: a child, since a
 * command itself dies with its service wherever the kernel can be told so. Hence `node converting-service.spec-helper.js
 * BACKEND`.
 */
const config = Object.assign(new BackendConfig(), { name: process.argv[2]! });
await new Backend('host', config, {} as Driver, {} as ExportProtocol).imageCommands.run(
  'sh',
  ['-c', 'sleep 1000 & echo $!; wait'],
  { timeoutMs: 60_000, onStdoutLine: (line) => process.stdout.write(`${line}\n`) },
);
