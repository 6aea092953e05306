import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeTempDirs, tempDir, testDatabase, type TestDatabase } from '@scoria/testing';
import type { TraceFileSpan } from './trace-file.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

interface Output {
  seen: { traceparent: string };
  metrics: string;
}

/** Instrumentation patches modules as they load, which only a process of its own shows. */
async function run(database: TestDatabase, env: Record<string, string>): Promise<Output> {
  const register = fileURLToPath(import.meta.resolve('../register.js'));
  const fixture = fileURLToPath(import.meta.resolve('./traced-process.fixture.js'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', register, fixture], {
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: 'scoria-fixture',
      FIXTURE_DATABASE_URL: database.url,
      FIXTURE_TRACEPARENT: `00-${TRACE_ID}-${CALLER}-01`,
      ...env,
    },
  });
  return JSON.parse(stdout) as Output;
}

describe('traces of a process', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.drop();
    removeTempDirs();
  });

  describe('with somebody to record them', () => {
    let spans: TraceFileSpan[];
    let text: string;
    const named = (name: string): TraceFileSpan[] => spans.filter((span) => span.name === name);

    beforeAll(async () => {
      const file = join(tempDir('traces'), 'spans.jsonl');
      await run(database, { SCORIA_TRACE_FILE: file });
      text = readFileSync(file, 'utf8');
      spans = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as TraceFileSpan);
    });

    it("go on the caller's: request, work, statement", () => {
      const inTrace = spans.filter((span) => span.traceId === TRACE_ID);
      const [server] = inTrace.filter((span) => span.kind === 'SERVER');
      const [work] = inTrace.filter((span) => span.name === 'work');
      const [statement] = inTrace.filter((span) => span.attributes['db.system.name'] === 'postgresql');
      expect(inTrace).toHaveLength(3);
      expect(server).toMatchObject({ service: 'scoria-fixture', parentSpanId: CALLER, name: 'POST /v3/:id' });
      expect(work).toMatchObject({ parentSpanId: server?.spanId, attributes: { 'volume.id': 'v1' } });
      expect(statement).toMatchObject({ kind: 'CLIENT', parentSpanId: work?.spanId });
    });

    it('go with calls to other services', () => {
      const [call] = named('call');
      const [client] = spans.filter((span) => span.kind === 'CLIENT' && span.parentSpanId === call?.spanId);
      expect(client?.traceId).toBe(call?.traceId);
      expect(
        spans.filter((span) => span.kind === 'SERVER' && span.parentSpanId === client?.spanId),
      ).toHaveLength(1);
    });

    it('leave out probes', () => {
      expect(spans.filter((span) => span.kind === 'SERVER')).toHaveLength(2);
    });

    it('mark a failure, and link what it goes on from', () => {
      expect(named('failing')).toMatchObject([
        { status: 'ERROR', links: [{ traceId: TRACE_ID, spanId: CALLER }], events: [{ name: 'exception' }] },
      ]);
    });

    it('hold no secret: no statement parameters, no passwords', () => {
      expect(text).toContain('SELECT $1::text');
      expect(text).not.toContain('hush');
    });
  });

  it('have ids for logs and rows although nobody records them, and their sampling bit says so', async () => {
    const { seen, metrics } = await run(database, {});
    expect(seen.traceparent).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
    expect(seen.traceparent).not.toContain(CALLER);
    expect(metrics).toContain('scoria_operations_swept_total{queue="q"} 1');
  });

  it.each([
    [
      'an exporter protocol that is not there',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /use http\/protobuf/,
    ],
    [
      'a sampler that is not there',
      { SCORIA_TRACE_FILE: '/dev/null', OTEL_TRACES_SAMPLER: 'x' },
      /OTEL_TRACES_SAMPLER: x/,
    ],
  ])('refuse %s at the start rather than go missing', async (_, env, message) => {
    await expect(run(database, env as Record<string, string>)).rejects.toThrow(message);
  });
});
