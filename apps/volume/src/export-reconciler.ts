import { describeError } from '@scoria/domain';
import { parseConnector, type ExportProtocol, type ServedExport } from '@scoria/exports';
import { attachmentsOfBackend, claimedAmong, findAttachment, type AttachmentRow } from '@scoria/store';
import { count, registerObservable } from '@scoria/telemetry';
import type { ServiceLogger } from '@scoria/worker';
import { ensureExport, type ExportDeps } from './attachment-export.js';
import type { Backend } from './backend.js';

/** Exports ended by the reconciler at most, per hour; beyond that it only says what it would do. */
const REMOVALS_PER_HOUR = 100;

/** Exports made side by side, so that what serves them is read once for all of these. */
const RESTORED_TOGETHER = 32;

interface Options extends ExportDeps {
  /** Whether a backend is in service, and so what exports it. */
  isUp: (backend: Backend) => boolean;
  logger: ServiceLogger;
  intervalMs: number;
}

/** How many exports were found and left alone. */
interface Left {
  /** Nobody has a right to them, and the budget is used up. */
  budget: number;
  foreign: number;
  /** Of a backend that was taken out of the configuration, or of another service that shares the daemon. */
  elsewhere: number;
}

/** One that carries an attachment's id. */
type OwnExport = ServedExport & { attachmentId: string };

/** An attachment of a backend that this host serves, or is to serve. */
interface Expected {
  backend: Backend;
  row: AttachmentRow;
}

/**
 * Makes what a host serves equal to the attachments that the database holds, both ways: whenever a backend has come up,
 * when the target daemon was started anew, and every now and then. Reads what should be and what is; has no other input.
 * Exports under an operation are left to the operation, and exports that are not ours are not touched. So are those of a
 * backend that is not up: they may work, and without its storage they could not be made again.
 *
 * Backends may share one target daemon, so what is served is compared with the attachments of all of them. Services may
 * share one, too, so that an export is ended only when the database has no attachment at all that has a right to it.
 */
export class ExportReconciler {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private readonly stopping = new AbortController();
  private removals: number[] = [];
  /** Attachments whose export may have been made for whom it was before. */
  private readonly unsettled = new Set<string>();
  /** As of the last look. */
  private left: Left = { budget: 0, foreign: 0, elsewhere: 0 };
  private readonly unregister: (() => void)[];

  constructor(
    private readonly backends: readonly Backend[],
    private readonly options: Options,
  ) {
    this.unregister = [
      registerObservable('scoria_exports_left', () => [{ value: this.left.budget, labels: {} }]),
      registerObservable('scoria_exports_foreign', () => [{ value: this.left.foreign, labels: {} }]),
    ];
    // A series that begins with its first burst shows no growth: the first death of tgtd would raise no alert.
    for (const { address } of backends) count('scoria_exports_restored', { backend: address }, 0);
  }

  /** From now on it looks every now and then. */
  start(): void {
    if (this.stopped) return;
    this.timer = setInterval(() => this.nudge(), this.options.intervalMs);
  }

  /** Something happened to the exports behind our back. */
  nudge(): void {
    if (this.running) this.again = true;
    else void this.run();
  }

  /**
   * Looks at once. The exports of the backends that are up are as they should be when this resolves, or the log says why
   * not.
   */
  async look(): Promise<void> {
    // A look that is under way may have passed over what has come up since.
    await this.running;
    await this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the service is stopping'));
    clearInterval(this.timer);
    for (const end of this.unregister) end();
    this.again = false;
    await this.running;
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private run(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.running ??= this.reconcile().finally(() => {
      this.running = undefined;
      if (this.again) {
        this.again = false;
        void this.run();
      }
    });
    return this.running;
  }

  private async reconcile(): Promise<void> {
    const left: Left = { budget: 0, foreign: 0, elsewhere: 0 };
    for (const [exports, backends] of Map.groupBy(this.backends, (backend) => backend.exports)) {
      // What serves them may not even have been started for the others.
      if (!backends.some(this.options.isUp)) continue;
      await this.reconcileExports(exports, backends, left).catch((error: unknown) =>
        this.options.logger.warn({ reason: describeError(error) }, 'exports not reconciled'),
      );
    }
    this.tellOfElsewhere(left.elsewhere);
    this.left = left;
  }

  private async reconcileExports(
    exports: ExportProtocol,
    backends: readonly Backend[],
    left: Left,
  ): Promise<void> {
    // What is served is read before what should be: an export whose attachment was committed in between is found
    // in the second list, one that was made in between is not in the first.
    const served = await exports.list();
    const rows = (await Promise.all(backends.map(async (backend) => this.rowsOf(backend)))).flat();
    await this.restore(rows, new Map(served.map((one) => [one.attachmentId, one])));
    const known = new Set(rows.filter((expected) => this.isKnown(expected)).map(({ row }) => row.id));
    left.foreign += served.filter(({ attachmentId }) => attachmentId === undefined).length;
    const unknown = served.filter(
      ({ attachmentId }) => attachmentId !== undefined && !known.has(attachmentId),
    );
    await this.end(exports, unknown as OwnExport[], left);
  }

  /** Ends those to which nobody has a right. */
  private async end(exports: ExportProtocol, unknown: readonly OwnExport[], left: Left): Promise<void> {
    const elsewhere = await claimedAmong(
      this.options.database,
      unknown.map(({ attachmentId }) => attachmentId),
    );
    left.elsewhere += elsewhere.size;
    for (const { attachmentId, name } of unknown) {
      if (this.stopped) return;
      if (elsewhere.has(attachmentId)) continue;
      if (!this.mayRemove()) {
        left.budget++;
        this.options.logger.error(
          { export: name },
          'an export without an attachment is left: the budget is used up',
        );
        continue;
      }
      await this.endOne(exports, attachmentId, name).catch((error: unknown) =>
        this.options.logger.error(
          { export: name, reason: describeError(error) },
          'an export without an attachment could not be ended',
        ),
      );
    }
  }

  private async endOne(exports: ExportProtocol, attachmentId: string, name: string): Promise<void> {
    // Those before it took their time, in which it may have been connected.
    if ((await claimedAmong(this.options.database, [attachmentId])).size > 0) return;
    this.options.logger.warn({ export: name, attachmentId }, 'an export without an attachment is ended');
    await exports.remove(attachmentId);
    this.removals.push(performance.now());
    count('scoria_exports_ended', {});
  }

  private tellOfElsewhere(exports: number): void {
    if (exports !== this.left.elsewhere && exports > 0)
      this.options.logger.warn(
        { exports },
        'exports of backends that this service does not have are left alone',
      );
  }

  private isKnown({ backend, row }: Expected): boolean {
    return isClaimed(row) || !this.options.isUp(backend);
  }

  private async rowsOf(backend: Backend): Promise<Expected[]> {
    return (await attachmentsOfBackend(this.options.database, backend.address)).map((row) => ({
      backend,
      row,
    }));
  }

  private async restore(
    rows: readonly Expected[],
    served: ReadonlyMap<string | undefined, ServedExport>,
  ): Promise<void> {
    const lacking = rows.filter(
      ({ backend, row }) =>
        row.exported &&
        !row.busy &&
        this.options.isUp(backend) &&
        (!isServedFor(row, served.get(row.id)) || this.unsettled.has(row.id)),
    );
    for (const id of this.unsettled) if (!rows.some(({ row }) => row.id === id)) this.unsettled.delete(id);
    const [firsts, others] = firstOfEach(lacking);
    // Alone: storage that does not answer holds one of the few threads that Node has for files, and not all of them.
    for (const { backend, row } of firsts) await this.tryToRestore(backend, row.id);
    for (let from = 0; from < others.length; from += RESTORED_TOGETHER) {
      const together = others.slice(from, from + RESTORED_TOGETHER);
      await Promise.all(together.map(({ backend, row }) => this.tryToRestore(backend, row.id)));
    }
  }

  private async tryToRestore(backend: Backend, id: string): Promise<void> {
    if (this.stopped) return;
    await this.restoreOne(backend, id).catch((error: unknown) =>
      this.options.logger.error(
        { attachmentId: id, reason: describeError(error) },
        'export could not be restored',
      ),
    );
  }

  private async restoreOne(backend: Backend, id: string): Promise<void> {
    // Those before it took their time, in which its own operation may have come.
    const row = await findAttachment(this.options.database, id);
    if (!row?.exported || row.busy) return;
    const { signal } = this.stopping;
    await ensureExport(this.options, backend, row, parseConnector(row.connector), { signal });
    this.unsettled.delete(id);
    const now = await findAttachment(this.options.database, id);
    // A detach that ran meanwhile has found nothing to remove; what was just made must not outlive it.
    if (!now || now.detaching || !isClaimed(now)) return backend.exports.remove(id);
    // This may have undone what a connect did meanwhile: made once more, when the connect has ended.
    if (now.busy || !isSameWish(row, now)) this.unsettled.add(id);
    this.again ||= !now.busy && this.unsettled.has(id);
    count('scoria_exports_restored', { backend: backend.address });
    this.options.logger.info({ attachmentId: id }, 'export restored');
  }

  private mayRemove(): boolean {
    const hourAgo = performance.now() - 3_600_000;
    this.removals = this.removals.filter((at) => at > hourAgo);
    return this.removals.length < REMOVALS_PER_HOUR;
  }
}

/** The first of each backend, and all others. */
function firstOfEach(expected: readonly Expected[]): [Expected[], Expected[]] {
  const seen = new Set<Backend>();
  const isFirst = ({ backend }: Expected): boolean => !seen.has(backend) && Boolean(seen.add(backend));
  const { true: firsts = [], false: others = [] } = Object.groupBy(expected, (one) => `${isFirst(one)}`);
  return [firsts, others];
}

/** Whether somebody has a right to the export, or will say in a moment. */
const isClaimed = (row: AttachmentRow): boolean => row.exported || row.busy;

const isSameWish = (one: AttachmentRow, other: AttachmentRow): boolean =>
  one.mode === other.mode && one.connector?.['initiator'] === other.connector?.['initiator'];

/** Whether the attachment's client gets what its row says. A name alone is not enough: an export is made in steps. */
function isServedFor({ connector }: AttachmentRow, served: ServedExport | undefined): boolean {
  if (!served?.complete) return false;
  return served.initiator === undefined || served.initiator === connector?.['initiator'];
}
