import { Fault } from '@scoria/domain';

/**
 * The gateway's last minute. From its beginning on nobody is invited to come again: `/ready` says no, and every answer ends
 * its connection. At its end nobody waits any more.
 */
export class Drain {
  private readonly patience = new AbortController();
  private begun = false;

  get hasBegun(): boolean {
    return this.begun;
  }

  /** Raised when what waits must answer; its reason is the fault to answer with. */
  get over(): AbortSignal {
    return this.patience.signal;
  }

  begin(): void {
    this.begun = true;
  }

  end(): void {
    const again = 'The service is being stopped. Ask again: what was begun goes on.';
    this.patience.abort(new Fault('unavailable', again, { retryAfter: 1 }));
  }
}
