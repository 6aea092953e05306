import type { ServerResponse } from 'node:http';

export class SlowClient extends Error {
  override name = 'SlowClient';
}

/**
 * Writes, and returns when there is room for more. Returns too when the client has gone.
 *
 * @throws SlowClient when it has not received what was written after `limitMs`
 */
export function write(response: ServerResponse, text: string, limitMs: number): Promise<void> {
  if (response.destroyed || response.write(text)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    const timer = setTimeout(() => {
      response.off('drain', settle).off('close', settle);
      reject(new SlowClient(`nothing was received for ${limitMs} ms`));
    }, limitMs);
    response.once('drain', settle).once('close', settle);
  });
}
