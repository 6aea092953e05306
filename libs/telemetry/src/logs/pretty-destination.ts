import type { DestinationStream } from 'pino';
import { PinoPretty } from 'pino-pretty';

/** For people: one short line each, on this thread (a worker thread would lose the last lines of a crash). */
export function prettyDestination(): DestinationStream {
  return PinoPretty({
    sync: true,
    colorize: process.stdout.isTTY,
    messageKey: 'message',
    errorLikeObjectKeys: ['error'],
    translateTime: 'HH:MM:ss.l',
    ignore: 'pid,service,traceId,spanId',
    messageFormat: '{service}: {message}',
  });
}
