/**
 * Milliseconds for the broker to answer one thing. How long many answers take says more about the way to it than about the
 * broker, so that nothing that asks several times has a limit of its own.
 */
const ANSWER_MS = 5_000;

export class SilentBrokerError extends Error {
  override name = 'SilentBrokerError';
}

/** @throws SilentBrokerError when the broker has not answered within `limitMs` milliseconds */
export async function answered<T>(answer: Promise<T>, limitMs = ANSWER_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilentBrokerError('the broker does not answer')), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
