import { createRequire } from 'node:module';
import type { DestinationStream } from 'pino';
import type { PinoPretty } from 'pino-pretty';

/** For people: one short line each, on this thread (a worker thread would lose the last lines of a crash). */
export function prettyDestination(): DestinationStream {
  // Loaded only where it is used: services that write JSON do without.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof PinoPretty;
  return pretty({
    sync: true,
    colorize: process.stdout.isTTY,
    messageKey: 'message',
    errorLikeObjectKeys: ['error'],
    translateTime: 'HH:MM:ss.l',
    ignore: 'pid,service,traceId,spanId',
    messageFormat: '{service}: {message}',
  });
}
