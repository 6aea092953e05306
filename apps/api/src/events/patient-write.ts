import type { ServerResponse } from 'node:http';

export class SlowClient extends Error {
  override name = 'SlowClient';
}

/**
 * Writes, and returns when there is room for more. Returns too when the client has gone, and when `end` says so.
 *
 * @throws SlowClient when it has not received what was written after `limitMs`
 */
export function write(
  response: ServerResponse,
  text: string,
  limitMs: number,
  end: AbortSignal,
): Promise<void> {
  if (response.destroyed || response.write(text) || end.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      clearTimeout(timer);
      response.off('drain', settle).off('close', settle);
      end.removeEventListener('abort', settle);
    };
    const settle = (): void => {
      forget();
      resolve();
    };
    const timer = setTimeout(() => {
      forget();
      reject(new SlowClient(`nothing was received for ${limitMs} ms`));
    }, limitMs);
    response.once('drain', settle).once('close', settle);
    end.addEventListener('abort', settle);
  });
}
