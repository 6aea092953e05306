import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { TraceFileSpan } from '@scoria/telemetry';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { Cluster } from './support/cluster.js';
import { asQcow2, ext4Image } from './support/image.js';
import { User } from './support/user.js';

jest.setTimeout(180_000);

const traceFile = join(tempDir('trace'), 'spans');
let cluster: Cluster;
let user: User;

beforeAll(async () => {
  cluster = await Cluster.start({ env: { SCORIA_TRACE_FILE: traceFile } });
  user = new User(cluster);
});

afterAll(async () => {
  await cluster?.stop();
  removeTempDirs();
});

async function spans(): Promise<TraceFileSpan[]> {
  const text = await readFile(traceFile, 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as TraceFileSpan);
}

/** Every process writes its spans for itself, and a span when it ends: after those within it. */
function isWhole(trace: TraceFileSpan[]): boolean {
  const ids = new Set(trace.map(({ spanId }) => spanId));
  return trace.every(({ parentSpanId }) => !parentSpanId || ids.has(parentSpanId));
}

/** Everything under one request, once `last` is among it, and all that it is within. */
function traceOf(request: string, last: string): Promise<TraceFileSpan[]> {
  return waitFor(
    async () => {
      const all = await spans();
      const roots = all.filter((span) => span.name === request && !span.parentSpanId);
      const traces = roots.map(({ traceId }) => all.filter((span) => span.traceId === traceId));
      return traces.find((trace) => isWhole(trace) && trace.some(({ name }) => name === last));
    },
    { describe: `the trace of ${request}` },
  );
}

test('one request is one trace, from HTTP through both hops to each storage command', async () => {
  await asQcow2(await ext4Image(cluster.imagesDir), join(cluster.imagesDir, 'packed.qcow2'));
  const id = await user.createVolume({ name: 'traced', imageRef: 'packed' });
  await user.settled('volumes', id, 'available');

  const request = 'POST /v3/:project_id/volumes';
  const trace = await traceOf(request, 'volume.create fill');
  const byId = new Map(trace.map((span) => [span.spanId, span]));
  /** Names from a span up to the request. */
  const path = (span: TraceFileSpan): string[] => {
    const parent = span.parentSpanId ? byId.get(span.parentSpanId) : undefined;
    return [span.name, ...(parent ? path(parent) : [])];
  };
  const only = (name: string): TraceFileSpan => {
    const named = trace.filter((span) => span.name === name);
    expect([name, named.length]).toEqual([name, 1]);
    return named[0]!;
  };

  for (const span of trace) expect(path(span).at(-1)).toBe(request);
  expect(only('volume.create place').service).toBe('scoria-scheduler');
  expect(only('volume.create fill').service).toBe('scoria-volume');
  expect(path(only('volume.create provision'))).toContain('volume.create place');
  expect(trace.filter(({ kind }) => kind === 'PRODUCER').map(({ service }) => service)).toEqual(
    expect.arrayContaining(['scoria-api', 'scoria-scheduler']),
  );
  const commands = trace.filter(({ attributes }) =>
    Object.keys(attributes).some((key) => key.startsWith('process.')),
  );
  expect(commands.length).toBeGreaterThanOrEqual(2);
  for (const command of commands) expect(path(command)).toContain('volume.create fill');
});

test('each log line of a request carries its request, its operation and its trace', async () => {
  const id = await user.createVolume({ name: 'logged' });
  await user.settled('volumes', id, 'available');
  const { lines, done } = await waitFor(
    async () => {
      const all = await cluster.logLines();
      const end = all.find((line) => line['resourceId'] === id && line['message'] === 'operation done');
      return end && { lines: all, done: end };
    },
    { describe: 'the log line of the end' },
  );
  const { requestId, operationId, traceId } = done;
  expect(requestId).toMatch(/^req-/);
  expect(operationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  const gateway = lines.filter((line) => line['requestId'] === requestId && line['service'] === 'scoria-api');
  expect(gateway.map((line) => line['traceId'])).toContain(traceId);
});
