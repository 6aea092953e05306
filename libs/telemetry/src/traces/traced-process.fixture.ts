// A small service for traces.spec.ts: an HTTP request, a statement, a failure, a call to itself. Prints one JSON line.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { count, currentTrace, nameServerSpan, prometheusText, startTelemetry, traced } from '../index.js';

const telemetry = await startTelemetry({ service: 'unused: register came first' });
const client = new pg.Client(process.env.FIXTURE_DATABASE_URL);
await client.connect();

const server = createServer((incoming, response) => {
  nameServerSpan('/v3/:id');
  // Listens to the body first, as frameworks do: the context must survive the parser's own events.
  incoming
    .on('data', () => {})
    .on('end', () => {
      void traced('work', { 'volume.id': 'v1', password: 'hush' }, async () => {
        await client.query('SELECT $1::text AS hidden', ['hush']);
        return currentTrace();
      }).then((trace) => response.end(JSON.stringify(trace)));
    });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const ask = (path: string, headers: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const outgoing = request(base + path, { method: 'POST', headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
      resolve(text);
    });
    outgoing.on('error', reject).end('a body');
  });

const seen = await ask('/v3/1', { traceparent: process.env.FIXTURE_TRACEPARENT! });
await ask('/live');
await traced('call', {}, () => ask('/v3/2'));
await traced('failing', {}, () => Promise.reject(new Error('amqp://u:hush@h is away')), {
  links: [process.env.FIXTURE_TRACEPARENT, 'not one'],
}).catch(() => count('scoria_operations_swept', { queue: 'q' }));

console.log(JSON.stringify({ seen: JSON.parse(seen) as unknown, metrics: await prometheusText() }));
server.close();
await client.end();
await telemetry.shutdown();
