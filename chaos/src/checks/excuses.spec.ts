import type { HistoryEntry } from '@scoria/store';
import { MOST_OFF_MS, jumpDatabaseClock } from '../faults/clock.fault.js';
import { failCommand } from '../faults/command.fault.js';
import type { Blow } from '../storm.js';
import { SILENCE_MS, TRIES_MS, UNDISTURBED_MS, unexcused, type Failed } from './excuses.js';

const BEGAN = Date.parse('2026-11-25T12:00:00Z');
const iso = (at: number): string => new Date(at).toISOString();

/** A try on a host that failed, from `from` to `to` milliseconds after the operation began. */
const tried = (host: string, from: number, to: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at: iso(BEGAN + to),
  since: iso(BEGAN + from),
  step: 'provision',
  phase: 'run',
  attempt: 4,
  generation: 1,
  outcome: 'failed',
  service: 'volume',
  host,
  ...more,
});

const failed = (more: Partial<Failed> = {}): Failed => ({
  kind: 'volume.create',
  error: { message: 'The operation failed on the storage side.' },
  began: BEGAN,
  ended: BEGAN + 60_000,
  backend: null,
  pinned: null,
  history: [],
  ...more,
});

/** Something that happened from `from` to `to` milliseconds after the operation began. */
const blow = (host: string | undefined, from: number, to: number, excuses = true): Blow =>
  ({ fault: { excuses }, host, began: BEGAN + from, ended: BEGAN + to }) as Blow;

describe('a host on which an operation was given up', () => {
  const operation = failed({ history: [tried('host1', 20_000, 22_000)] });

  test('needs a fault of storage of that host', () => {
    expect(unexcused(operation, [])).toMatch('host1');
    expect(unexcused(operation, [blow('host2', 0, 60_000)])).toMatch('host1');
    expect(unexcused(operation, [blow(undefined, 0, 60_000)])).toMatch('host1');
    expect(unexcused(operation, [blow('host1', 0, 60_000, false)])).toMatch('host1');
    expect(unexcused(operation, [blow('host1', 0, 60_000)])).toBeUndefined();
  });

  test('needs it during the last try there, or just before: not at any time of the operation', () => {
    expect(unexcused(operation, [blow('host1', 0, 20_000 - TRIES_MS)])).toMatch('host1');
    expect(unexcused(operation, [blow('host1', 23_000, 60_000)])).toMatch('host1');
    expect(unexcused(operation, [blow('host1', 0, 20_001 - TRIES_MS)])).toBeUndefined();
    expect(unexcused(operation, [blow('host1', 21_000, 21_500)])).toBeUndefined();
  });

  test('needs one of its own, also where another one was struck', () => {
    const both = failed({ history: [tried('host1', 0, 5000), tried('host2', 6000, 9000)] });
    expect(unexcused(both, [blow('host1', 0, 5000)])).toMatch(/ to host2 /);
    expect(unexcused(both, [blow('host1', 0, 5000), blow('host2', 6000, 7000)])).toBeUndefined();
  });

  test('needs one of a program that the operation runs', () => {
    const failing = (program: string) => ({
      ...blow('host1', 0, 60_000),
      fault: failCommand,
      aim: `${program} of host1`,
    });
    const connect = { ...operation, kind: 'attachment.connect' };
    expect(unexcused(connect, [failing('qemu-img')])).toMatch('host1');
    expect(unexcused(connect, [failing('tgtadm')])).toBeUndefined();
    expect(unexcused(operation, [failing('qemu-img')])).toBeUndefined();
  });

  test('needs it also when the pools were full afterwards', () => {
    const error = { message: '3 pools: 3 not enough capacity (4 GiB asked, 3 GiB free at most).' };
    expect(unexcused({ ...operation, error }, [])).toMatch('host1');
    expect(unexcused({ ...operation, error }, [blow('host1', 20_000, 21_000)])).toBeUndefined();
  });
});

test('undos, lost leases and the tries of schedulers are not held against a host', () => {
  const history = [
    tried('host1', 0, 1000, { phase: 'undo' }),
    tried('host1', 0, 1000, { outcome: 'lost' }),
    tried('scheduler1', 0, 1000, { service: 'scheduler' }),
  ];
  const error = { message: '1 pool: 1 not enough capacity (2 GiB asked, 1 GiB free at most).' };
  expect(unexcused(failed({ history, error }), [])).toBeUndefined();
});

describe('a refusal without a try', () => {
  test('is right where the pools are full, and wrong where its own figures say that there was room', () => {
    const full = (figures: string) =>
      failed({ error: { message: `2 pools: 2 not enough capacity${figures}.` } });
    expect(unexcused(full(' (4 GiB asked, 3 GiB free at most)'), [])).toBeUndefined();
    expect(unexcused(full(''), [])).toBeUndefined();
    expect(unexcused(full(' (4 GiB asked, 4 GiB free at most)'), [])).toMatch('want of room');
  });

  test('is not right where one pool was full and others were taken for silent, though nothing was done to their hosts', () => {
    const refused = failed({
      ended: BEGAN + 1000,
      error: {
        message: '3 pools: 2 not in service, 1 not enough capacity (1 GiB asked, 0 GiB free at most).',
        cause:
          '3 pools.: host1@file#file (ServiceFilter: the service is down); ' +
          'host2@file#file (ServiceFilter: the backend reports itself down); ' +
          'host3@file#file (CapacityFilter: 1 GiB asked, 0 GiB free); host4@null#null (ServiceFilter: the service is down, ' +
          'CapabilitiesFilter: another name); before that: host5@file#file (ServiceFilter: the service is down)',
      },
    });
    expect(unexcused(refused, [])).toMatch('nothing was done to host1, host2,');
    const one = blow('host1', -SILENCE_MS, 0, false);
    expect(unexcused(refused, [one])).toMatch('nothing was done to host2,');
    expect(unexcused(refused, [one, blow('host2', 0, 1000)])).toBeUndefined();
    const outage = (ended: number) => ({ ...blow(undefined, -30_000, ended, false), aim: 'postgres' });
    expect(unexcused(refused, [outage(0)])).toBeUndefined();
    expect(unexcused(refused, [outage(-20_000)])).toMatch('nothing was done to host1');
  });

  test('needs a fault of the host that it is bound to, within the time for which a silent one is waited for', () => {
    const error = { message: '6 pools: 5 not where its source is, 1 not in service.' };
    const bound = failed({ error, pinned: 'host1@file#pool', ended: BEGAN + 1000 });
    const reach = -SILENCE_MS - TRIES_MS;
    expect(unexcused(bound, [])).toMatch('refused');
    expect(unexcused(bound, [blow('host2', 0, 1000)])).toMatch('refused');
    expect(unexcused(bound, [blow('host1', reach - 5000, reach)])).toMatch('refused');
    expect(unexcused(bound, [blow('host1', reach, reach + 1)])).toBeUndefined();
    expect(
      unexcused({ ...bound, pinned: null, backend: 'host1@file' }, [blow('host1', 0, 1000)]),
    ).toBeUndefined();
  });
});

test('a refusal by the one pool that it was bound to is right when that was full, and also down', () => {
  const refused = (free: number, pool = 'host1@file#file') => ({
    message: '2 pools: 1 away from its data, 1 not in service.',
    cause: `2 pools.: ${pool} (ServiceFilter: the service is down, CapacityFilter: 3 GiB asked, ${free} GiB free); host2@file#file (PinnedFilter: another backend)`,
  });
  const bound = failed({ error: refused(0), pinned: 'host1@file' });
  expect(unexcused(bound, [])).toBeUndefined();
  expect(unexcused({ ...bound, error: refused(3) }, [])).toMatch('refused');
  expect(unexcused({ ...bound, error: refused(0, 'host3@file#file') }, [])).toMatch('refused');
  expect(unexcused({ ...bound, pinned: null }, [])).toMatch('refused');
});

describe('what did not finish in time', () => {
  const error = { message: 'The operation did not finish in time.' };
  const late = failed({ error, backend: 'host1@file', ended: BEGAN + 120_000 });
  const most = 120_000 - UNDISTURBED_MS;

  test('is right when it, or what all share, was disturbed for most of its time', () => {
    expect(
      unexcused(late, [blow('host1', 0, 50_000, false), blow(undefined, 40_000, most, false)]),
    ).toBeUndefined();
  });

  test('is found when it had time enough', () => {
    expect(unexcused(late, [])).toMatch('too late');
    expect(unexcused(late, [blow('host2', 0, most, false)])).toMatch('too late');
    // Two at the same time disturb no longer than one.
    expect(unexcused(late, [blow('host1', 0, 50_000), blow('host1', 0, 50_000)])).toMatch('too late');
    expect(unexcused(late, [blow('host1', -50_000, most - 50_000)])).toMatch('too late');
  });
});

test('while the database’s clock was off, times differ by as much, and at no other time', () => {
  const operation = failed({ history: [tried('host1', 20_000, 22_000)] });
  const after = blow('host1', 22_000 + MOST_OFF_MS - 1, 70_000);
  const jump = (from: number): Blow => ({
    ...blow(undefined, from, from + 10_000, false),
    fault: jumpDatabaseClock,
  });
  expect(unexcused(operation, [after, jump(20_000)])).toBeUndefined();
  expect(unexcused(operation, [after, jump(-60_000)])).toMatch('host1');
  expect(unexcused(operation, [blow('host1', 22_001 + MOST_OFF_MS, 70_000), jump(20_000)])).toMatch('host1');
});

test('a clock that was set back while an operation ran puts its end before its beginning, and hides no fault', () => {
  const operation = failed({ history: [tried('host1', 0, -17_000)], ended: BEGAN - 17_000 });
  const jump = { ...blow(undefined, -30_000, -20_000, false), fault: jumpDatabaseClock } as Blow;
  expect(unexcused(operation, [blow('host1', -25_000, -16_000), jump])).toBeUndefined();
  expect(unexcused(operation, [blow('host2', -25_000, -16_000), jump])).toMatch('host1');
});
