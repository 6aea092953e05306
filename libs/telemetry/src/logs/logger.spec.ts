import { Logger as NestCommonLogger } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { startTelemetry } from '../start-telemetry.js';
import { continueTrace } from '../traces/trace-context.js';
import { traced } from '../traces/traced.js';
import { withLogContext } from './log-context.js';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

type Line = Record<string, unknown> & { error?: { message: string; cause?: { message: string } } };

function capture(level?: string) {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return { lines, logger: createLogger({ service: 'scoria-test', level, destination }) };
}

beforeAll(() => startTelemetry({ service: 'scoria-test', env: {} }));

describe('a log line that cannot be found again from its request', () => {
  it('carries the request, the operation and the active span, also after waiting', async () => {
    const { lines, logger } = capture();
    const ids = await withLogContext({ requestId: 'req-1' }, () =>
      withLogContext({ operationId: 'op-1' }, () =>
        traced('step', {}, async (span) => {
          await new Promise(setImmediate);
          logger.info({ volumeId: 'v1' }, 'created');
          return span.spanContext();
        }),
      ),
    );
    expect(lines).toEqual([
      expect.objectContaining({
        service: 'scoria-test',
        level: 'info',
        message: 'created',
        volumeId: 'v1',
        requestId: 'req-1',
        operationId: 'op-1',
        traceId: ids.traceId,
        spanId: ids.spanId,
      }),
    ]);
  });

  it('does not leak the context of one request into another', async () => {
    const { lines, logger } = capture();
    await Promise.all(
      ['req-1', 'req-2'].map((requestId) =>
        withLogContext({ requestId }, async () => {
          await new Promise(setImmediate);
          logger.info({ expected: requestId }, 'x');
        }),
      ),
    );
    logger.info('outside');
    expect(lines.slice(0, 2).every((line) => line.requestId === line.expected)).toBe(true);
    expect(lines[2]).not.toHaveProperty('requestId');
    expect(lines[2]).not.toHaveProperty('traceId');
  });

  it('names the trace that came with a message although nobody records it', () => {
    const { lines, logger } = capture();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    continueTrace({ traceparent }, () => {
      trace.getTracer('test').startActiveSpan('handle', () => logger.info('x'));
    });
    expect(lines[0]).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    expect(lines[0]?.spanId).not.toBe('b7ad6b7169203331');
  });
});

describe('a secret in a log line', () => {
  it('is blanked in fields, bindings, messages and errors', () => {
    const { lines, logger } = capture();
    const cause = new Error('connect amqp://u:hush@h failed');
    logger.child({ password: 'hush' }).info({ deep: { token: 'hush' } }, 'to amqp://u:hush@h');
    logger.error({ error: new Error('no bus', { cause }) }, 'failed');
    logger.error(new Error('postgresql://u:hush@h'));
    logger.error({ error: new Error('postgresql://u:hush@h') });
    logger.child({ a: 1 }).child({ secret: 'hush' }).warn('x %s %d', 'amqp://u:hush@h', 3);
    expect(lines).toHaveLength(5);
    expect(lines[4]).toMatchObject({ a: 1, message: 'x amqp://u:[redacted]@h 3' });
    expect(JSON.stringify(lines)).not.toContain('hush');
    expect(lines[1]?.error).toMatchObject({
      message: 'no bus',
      cause: { message: expect.stringContaining('connect') },
    });
  });
});

describe("Nest's own lines", () => {
  it('come out in our form, with their context and stack, at our level', () => {
    const { lines, logger } = capture('info');
    const nest = new NestLogger(logger);
    NestCommonLogger.overrideLogger(nest);
    const source = new NestCommonLogger('Router');
    source.log('mapped');
    source.debug('not shown');
    source.error('broke', 'Error: broke\n    at here (x.js:1:1)');
    source.warn({ password: 'hush', a: 1 });
    source.error(new Error('thrown'));
    expect(lines).toMatchObject([
      { level: 'info', message: 'mapped', context: 'Router' },
      { level: 'error', message: 'broke', context: 'Router', stack: expect.stringContaining('x.js') },
      { level: 'warn', context: 'Router', details: [{ password: '[redacted]', a: 1 }] },
      { level: 'error', message: 'thrown', context: 'Router', error: { message: 'thrown' } },
    ]);
  });
});
