import type { Bus } from '@scoria/contracts';
import { describeError } from '@scoria/domain';
import type { Database, Tx } from '../database.js';
import { utcTime } from '../sql/utc-time.js';
import { pendingMigrations } from '../views/pending-migrations.js';
import { askBackends } from './ask-backends.js';
import type { DoctorReport, Finding } from './report.js';
import { ROW_CHECKS } from './row-checks.js';
import { runRowChecks } from './run-row-checks.js';
import { secondsAhead } from './seconds-ahead.js';

export interface DoctorOptions {
  database: Database;
  /** Without it storage is not looked at, and the report says so. */
  bus?: Bus | undefined;
  /** Subjects to name of each finding; all are counted. */
  limit: number;
  /** `scheduler.serviceDownSeconds`. */
  downSeconds: number;
  /** Milliseconds that a backend has to answer. */
  timeoutMs: number;
}

interface Facts {
  at: string;
  backends: string[];
  volumes: number;
  snapshots: number;
  attachments: number;
}

/**
 * Looks whether everything agrees: rows among themselves, then storage and exports with the rows, each on its host. It
 * changes nothing: the rows are read in a transaction that cannot write.
 *
 * @throws what the database throws when it cannot be looked at
 */
export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const { database, bus } = options;
  const pending = await pendingMigrations(database);
  if (pending > 0) return unmigrated(database, pending);
  const clockAheadSeconds = await clockAhead(database);
  const { facts, findings } = await database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return { facts: await factsOf(tx), findings: await runRowChecks(tx, ROW_CHECKS, options) };
  });
  const { at, backends, ...counts } = facts;
  const broker = bus ? await brokerFindings(bus) : [NO_BUS];
  // Each backend would be waited for in vain while the broker is away.
  const reachable = bus && !broker.some(({ check }) => check === BROKER_SILENT);
  const asked = reachable ? await askBackends(backends, { ...options, bus, clockAheadSeconds }) : [];
  const all = [...findings, ...merged(asked.flatMap((answer) => answer.findings)), ...broker];
  return {
    agreed: all.every(({ level }) => level === 'note'),
    at,
    looked: {
      checks: ROW_CHECKS.length,
      ...counts,
      backends: asked.flatMap(({ backend, reply }) =>
        reply ? [{ backend, inventory: reply.inventory }] : [],
      ),
    },
    findings: all,
  };
}

async function factsOf(tx: Tx): Promise<Facts> {
  const [facts] = await tx.query<Facts[]>(
    `select ${utcTime('clock_timestamp()')} as at,
            array(select backend from pools
                  union select host from services where "binary" = 'cinder-volume' and host like '%@%'
                  order by 1) as backends,
            (select count(*) from volumes)::int as volumes, (select count(*) from snapshots)::int as snapshots,
            (select count(*) from attachments)::int as attachments`,
  );
  return facts!;
}

/** What the database's clock is ahead of ours, in seconds. */
async function clockAhead(database: Database): Promise<number> {
  const before = Date.now();
  const [row] = await database.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 as now',
  );
  return secondsAhead(row!.now * 1000, before, Date.now());
}

/** The other checks may name what is not there yet. */
async function unmigrated(database: Database, pending: number): Promise<DoctorReport> {
  const [row] = await database.query<{ at: string }>(`select ${utcTime('clock_timestamp()')} as at`);
  return {
    agreed: false,
    at: row!.at,
    looked: { checks: 0, volumes: 0, snapshots: 0, attachments: 0, backends: [] },
    findings: [
      {
        check: 'migrations-pending',
        level: 'wrong',
        finds: 'a schema that is older than this program; nothing else was looked at',
        mend: 'scoria db migrate',
        count: pending,
        subjects: [],
      },
    ],
  };
}

const BROKER_SILENT = 'broker-silent';

async function brokerFindings(bus: Bus): Promise<Finding[]> {
  try {
    const count = await bus.countDeadLetters();
    if (count === 0) return [];
    return [
      {
        check: 'dead-letters',
        level: 'wrong',
        finds: 'a message that was given up; the work that it told of is in the database all the same',
        mend: 'read the queue scoria.dead, whose headers say why, then empty it: rabbitmqctl purge_queue scoria.dead',
        count,
        subjects: [],
      },
    ];
  } catch (error) {
    return [
      {
        check: BROKER_SILENT,
        level: 'wrong',
        finds: 'a message broker that does not answer: backends were not asked, and work is found by sweeps',
        mend: 'start RabbitMQ; nothing else has to be done',
        count: 1,
        subjects: [{ subject: 'amqp.url', detail: describeError(error) }],
      },
    ];
  }
}

const NO_BUS: Finding = {
  check: 'storage-not-seen',
  level: 'note',
  finds: 'storage and exports were not looked at: backends are asked over the bus',
  mend: 'give a configuration with amqp.url, or ask a running gateway: scoria doctor --url http://127.0.0.1:8776',
  count: 1,
  subjects: [],
};

/** The same finding of several backends is one. */
function merged(findings: readonly Finding[]): Finding[] {
  return [...Map.groupBy(findings, ({ check }) => check).values()].map((same) => ({
    ...same[0]!,
    count: same.reduce((sum, { count }) => sum + count, 0),
    subjects: same.flatMap(({ subjects }) => subjects),
  }));
}
