import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

it('a collector named by OTEL_EXPORTER_OTLP_ENDPOINT gets spans and metrics before the process ends', async () => {
  const received: string[] = [];
  const collector = createServer((request, response) => {
    request.resume().on('end', () => {
      received.push(`${request.url} ${request.headers['content-type']}`);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const index = import.meta.resolve('../index.js');
  const program = `import { startTelemetry, traced, count } from ${JSON.stringify(index)};
    const telemetry = await startTelemetry({ service: 'scoria-fixture' });
    await traced('work', {}, async () => count('scoria_operations_swept', { queue: 'q' }));
    await telemetry.shutdown();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    },
  });
  collector.close();
  expect(new Set(received)).toEqual(
    new Set(['/v1/traces application/x-protobuf', '/v1/metrics application/x-protobuf']),
  );
});
