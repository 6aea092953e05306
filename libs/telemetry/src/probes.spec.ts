import { serveProbes, type Readiness } from './probes.js';
import { startTelemetry } from './start-telemetry.js';

describe('probes', () => {
  let readiness: () => Promise<Readiness>;
  let base: string;
  let close: () => Promise<void>;

  beforeAll(async () => {
    await startTelemetry({ service: 'scoria-test', env: {} });
    const probes = await serveProbes({ host: '127.0.0.1', port: 0, ready: () => readiness() });
    base = `http://127.0.0.1:${probes.port}`;
    close = probes.close;
  });

  afterAll(() => close());

  it('stays alive while it is not ready, so that an outage is no storm of restarts', async () => {
    readiness = async () => ({ ok: false, reasons: ['database: no connection'] });
    expect((await fetch(`${base}/live`)).status).toBe(200);
    const answer = await fetch(`${base}/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ok: false, reasons: ['database: no connection'] });
    readiness = async () => ({ ok: true, reasons: [] });
    expect((await fetch(`${base}/ready`)).status).toBe(200);
  });

  it('is not ready when the check hangs or throws, and says nothing of the error', async () => {
    readiness = () => new Promise(() => {});
    expect((await fetch(`${base}/ready`)).status).toBe(503);
    readiness = () => Promise.reject(new Error('postgresql://u:hush@h'));
    const answer = await fetch(`${base}/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('hush');
  });

  it('serves metrics as Prometheus expects them', async () => {
    const answer = await fetch(`${base}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('# TYPE process_resident_memory_bytes gauge');
  });

  it('answers nothing else', async () => {
    expect((await fetch(`${base}/../etc`)).status).toBe(404);
    expect((await fetch(`${base}/live`, { method: 'POST' })).status).toBe(404);
  });
});
