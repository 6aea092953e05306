import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import type { ServerProcess } from '../process/server-process.js';

const READY_LIMIT_MS = 180_000;
const CONNECT_LIMIT_MS = 10_000;
const POLL_MS = 50;

/** Waits until the broker opens a connection for its user; false when it ended first. */
export async function awaitAmqp(server: ServerProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + READY_LIMIT_MS;
  while (server.ended === undefined) {
    try {
      const connection = await connect(url, { timeout: CONNECT_LIMIT_MS });
      await connection.close();
      return server.ended === undefined;
    } catch (cause) {
      if (performance.now() > deadline) {
        await server.kill();
        throw new Error(
          `RabbitMQ accepts no connection after ${READY_LIMIT_MS / 1000} s\n${server.logTail()}`,
          { cause },
        );
      }
      await delay(POLL_MS);
    }
  }
  return false;
}
