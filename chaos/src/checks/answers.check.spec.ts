import { jumpClock } from '../faults/clock.fault.js';
import { fillDisk } from '../faults/disk.fault.js';
import type { Fault } from '../faults/index.js';
import { killService } from '../faults/kill-service.fault.js';
import { killTgtd } from '../faults/kill-tgtd.fault.js';
import { cutLink } from '../faults/link.fault.js';
import { pauseLong } from '../faults/pause-service.fault.js';
import type { Blow } from '../storm.js';
import { Ledger } from '../workload/model.js';
import type { Failure } from '../workload/patient-client.js';
import type { Done } from '../workload/tenant.js';
import { answersCheck } from './answers.check.js';
import type { Scene } from './check.js';

const VOLUME = '11111111-1111-4111-8111-111111111111';
const ATTACHMENT = '22222222-2222-4222-8222-222222222222';
const AT = 1_000_000;

interface Given {
  failures?: Partial<Failure>[];
  done?: Partial<Done>[];
  blows?: Partial<Blow>[];
  rows?: object[];
  leastAccepted?: number;
}

function find({
  failures = [],
  done = [],
  blows = [],
  rows = [],
  leastAccepted = 0,
}: Given): Promise<string[]> {
  const scene = {
    ledger: new Ledger(),
    tight: new Set(['tight']),
    leastAccepted,
    seen: { failures },
    done,
    blows,
    // The check reads rows and nothing else of the database.
    database: { query: async () => rows },
  } as unknown as Scene;
  return answersCheck.look(scene).then((found) => found.map(({ what }) => what));
}

const attach = (key: string, more: Partial<Failure> = {}): Partial<Failure> => ({
  status: 500,
  method: 'POST',
  path: '/attachments',
  about: VOLUME,
  key,
  requestId: `req of ${key}`,
  ...more,
});
const connect = { kind: 'attachment.connect', attachment: ATTACHMENT, volume: VOLUME };

test('a 500 without an operation that failed is found, whatever it was about', async () => {
  const other = {
    status: 500,
    method: 'GET',
    path: '/volumes/detail',
    about: undefined,
    key: '',
    requestId: 'req-1',
  };
  expect(await find({ failures: [other] })).toEqual(['answered 500']);
  expect(await find({ failures: [attach('a')] })).toEqual(['answered 500']);
  expect(await find({ failures: [attach('a')], rows: [{ ...connect, volume: 'other' }] })).toHaveLength(1);
});

test('a 500 for an attachment whose connect failed is no finding, however often it was asked for', async () => {
  expect(await find({ failures: [attach('a'), attach('a')], rows: [connect] })).toEqual([]);
  const put = attach('b', { method: 'PUT', path: `/attachments/${ATTACHMENT}`, about: ATTACHMENT });
  expect(await find({ failures: [put], rows: [connect] })).toEqual([]);
});

test('one failed operation explains the 500 of one request', async () => {
  expect(await find({ failures: [attach('a'), attach('b')], rows: [connect] })).toEqual(['answered 500']);
});

test('one failed connect explains the 500 of its attachment or that of its volume, and not both', async () => {
  const put = attach('b', { method: 'PUT', path: `/attachments/${ATTACHMENT}`, about: ATTACHMENT });
  expect(await find({ failures: [attach('a'), put], rows: [connect] })).toEqual(['answered 500']);
  const another = { ...connect, attachment: '33333333-3333-4333-8333-333333333333' };
  expect(await find({ failures: [attach('a'), put], rows: [connect, another] })).toEqual([]);
});

test('what no server of ours may answer is found, and a connect that takes longer than its request is not', async () => {
  for (const status of [501, 503, 504])
    expect(await find({ failures: [attach('a', { status })], rows: [connect] })).toEqual([
      `answered ${status}`,
    ]);
  expect(await find({ failures: [attach('a', { status: 502 })] })).toEqual([]);
  const look = attach('a', { status: 502, method: 'GET', path: '/volumes/detail' });
  expect(await find({ failures: [look] })).toEqual(['answered 502']);
});

test('a failed connect explains no 500 to what does not wait for it', async () => {
  const of = (method: string, path: string) => attach(path, { method, path, about: ATTACHMENT });
  const path = `/attachments/${ATTACHMENT}`;
  expect(await find({ failures: [of('POST', `${path}/action`)], rows: [connect] })).toHaveLength(1);
  expect(await find({ failures: [of('GET', path)], rows: [connect] })).toHaveLength(1);
  expect(await find({ failures: [of('DELETE', path)], rows: [connect] })).toHaveLength(1);
  const disconnect = { ...connect, kind: 'attachment.disconnect' };
  expect(await find({ failures: [of('DELETE', path)], rows: [disconnect] })).toEqual([]);
});

describe('a write that failed', () => {
  const write: Partial<Done> = {
    act: 'write',
    project: 'p',
    outcome: 'not written, available',
    detail: `${VOLUME} Error: I/O`,
    at: AT,
    seconds: 2,
  };
  const rows = [{ volume: VOLUME, host: 'host1' }];
  const on = (
    host: string | undefined,
    began: number,
    ended: number,
    fault: Fault = killTgtd,
  ): Partial<Blow> => ({
    fault,
    host,
    began,
    ended,
  });
  const foundWith = (...blows: Partial<Blow>[]) => find({ done: [write], rows, blows });

  test('is found when nothing was done to the host of its volume', async () => {
    expect(await foundWith()).toEqual(['write: not written, available']);
    expect(await foundWith(on('host2', AT, AT + 500), on(undefined, AT, AT + 500))).toHaveLength(1);
    expect(await foundWith(on('host1', AT - 60_000, AT - 30_000))).toHaveLength(1);
    expect(await foundWith(on('host1', AT + 3000, AT + 4000))).toHaveLength(1);
    expect(await find({ done: [write], blows: [on('host1', AT, AT + 500)] })).toHaveLength(1);
  });

  test('is found when only the service was struck, which exports outlive', async () => {
    for (const fault of [killService, pauseLong, cutLink, jumpClock])
      expect(await foundWith(on('host1', AT, AT + 500, fault))).toHaveLength(1);
    expect(await foundWith(on('host1', AT, AT + 500, fillDisk))).toEqual([]);
  });

  test('is no finding when that host was struck meanwhile, or exports were still being made anew', async () => {
    expect(await foundWith(on('host1', AT + 500, AT + 500))).toEqual([]);
    expect(await foundWith(on('host1', AT - 1000, AT - 1000))).toEqual([]);
  });
});

test('refusals other than over quota, and what never ended, are found', async () => {
  const ended = (outcome: string, act = 'extend', project = 'p'): Partial<Done> => ({
    act,
    project,
    outcome,
    detail: '',
  });
  expect(await find({ done: [ended('refused 413', 'create file', 'tight'), ended('available')] })).toEqual(
    [],
  );
  expect(
    await find({ done: [ended('refused 413', 'create file'), ended('refused 413', 'extend', 'tight')] }),
  ).toEqual(['create file: refused 413', 'extend: refused 413']);
  expect(
    await find({ done: [ended('refused 409'), ended('no answer'), ended('still moving')] }),
  ).toHaveLength(3);
});

test('a run in which hardly a request was accepted has tried nothing, and is found', async () => {
  expect(await find({ leastAccepted: 1 })).toEqual(['hardly a request was accepted']);
});

test('a 404 for what nobody has deleted is found', async () => {
  const ended = (act: string, outcome: string): Partial<Done> => ({ act, project: 'p', outcome, detail: '' });
  const deleted = [ended('delete', 'gone'), ended('create, force delete', 'gone')];
  expect(await find({ done: [...deleted, ended('clone, delete the source', 'available, gone')] })).toEqual(
    [],
  );
  expect(
    await find({ done: [ended('create file', 'gone'), ended('clone, delete the source', 'gone, gone')] }),
  ).toEqual(['create file: gone', 'clone, delete the source: gone, gone']);
});
