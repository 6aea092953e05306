import { Fault } from '@scoria/domain';

/** What serves the exports does not run. Nothing is wrong with the request: it can be made once the daemon is back. */
export class ExportsAway extends Fault {
  /** @param retryAfter seconds after which the daemon may be back */
  constructor(
    message: string,
    override readonly retryAfter: number,
    cause: unknown,
  ) {
    super('unavailable', message, { cause, retryAfter });
  }
}
