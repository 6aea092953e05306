import { randomUUID } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { Fault } from '@scoria/domain';
import { MAX_CONNECTOR_BYTES } from '../connector.js';
import type { ExportRequest } from '../export-protocol.js';
import { accessConformance } from './access-conformance.js';
import type { ExportHarness, RunningExport } from './export-harness.js';
import { Devices, GIB, MIB, newRequest } from './fixture.js';
import { CLIENT, Initiator } from './initiator.js';

/** What the kit's parts share: set before the first test, emptied after each. */
export interface ConformanceContext {
  running: RunningExport;
  devices: Devices;
  request: (device: string, changes?: Partial<ExportRequest>) => ExportRequest;
  /** The attachments served, sorted. */
  served: () => Promise<(string | undefined)[]>;
}

/** The suite that every export protocol passes, over real devices with a real initiator. */
export function exportConformance(name: string, harness: ExportHarness): void {
  describe(`export conformance: ${name}`, () => {
    const context = {} as ConformanceContext;

    beforeAll(async () => {
      const running = await harness.start();
      context.running = running;
      context.devices = await Devices.create();
      context.request = (device, changes) => newRequest(device, running.connector(CLIENT), changes);
      context.served = async () => (await running.protocol.list()).map((each) => each.attachmentId).sort();
    });

    afterEach(async () => {
      const { protocol } = context.running;
      for (const { attachmentId } of await protocol.list()) {
        if (attachmentId !== undefined) await protocol.remove(attachmentId);
      }
    });

    afterAll(async () => {
      await context.running.destroy();
      await context.devices.destroy();
    });

    servingConformance(context);
    lifeConformance(context);
    if (harness.enforcesAccess) accessConformance(context);
  });
}

/** Bytes, sizes, and what is there after each call. */
function servingConformance(context: ConformanceContext): void {
  it('serves the very bytes of the device, both ways', async () => {
    const { devices, running, request } = context;
    const device = await devices.add(0x5a);
    const client = new Initiator(await running.protocol.ensure(request(device)));
    await client.io('read -P 0x5a 0 1M', 'write -P 0x77 4M 1M', 'flush');
    expect((await devices.read(device, 4 * MIB, MIB)).equals(Buffer.alloc(MIB, 0x77))).toBe(true);
  });

  it('a repeated ensure changes nothing', async () => {
    const { devices, running, request, served } = context;
    const wanted = request(await devices.add());
    const first = await running.protocol.ensure(wanted);
    expect(await running.protocol.ensure(wanted)).toEqual(first);
    expect(await served()).toEqual([wanted.attachmentId]);
  });

  it('a repeated removal, and one of what never was, do nothing', async () => {
    const { devices, running, request, served } = context;
    const [kept, gone] = [request(await devices.add()), request(await devices.add())];
    await running.protocol.ensure(kept);
    await running.protocol.ensure(gone);
    for (const id of [gone.attachmentId, gone.attachmentId, randomUUID()]) await running.protocol.remove(id);
    expect(await served()).toEqual([kept.attachmentId]);
  });

  it('20 parallel ensures are 20 exports, each of its own device', async () => {
    const { devices, running, request, served } = context;
    const patterns = Array.from({ length: 20 }, (_, index) => index + 1);
    const wanted = await Promise.all(patterns.map(async (pattern) => request(await devices.add(pattern))));
    const infos = await Promise.all(wanted.map((each) => running.protocol.ensure(each)));
    expect(await served()).toEqual(wanted.map((each) => each.attachmentId).sort());
    for (const [index, info] of infos.entries()) await new Initiator(info).io(`read -P ${index + 1} 0 1M`);
  });

  it('two exports of one device show the same bytes, and end apart', async () => {
    const { devices, running, request } = context;
    const device = await devices.add();
    const volumeId = randomUUID();
    const [one, two] = [request(device, { volumeId }), request(device, { volumeId })];
    const [first, second] = [await running.protocol.ensure(one), await running.protocol.ensure(two)];
    await new Initiator(first).io('write -P 0x21 0 1M', 'flush');
    await running.protocol.remove(one.attachmentId);
    await new Initiator(second).io('read -P 0x21 0 1M');
  });

  it('an extended device is seen in its new size', async () => {
    const { devices, running, request } = context;
    const device = await devices.add();
    const wanted = request(device);
    const client = new Initiator(await running.protocol.ensure(wanted));
    await truncate(device, 2 * GIB);
    await running.protocol.refreshSize(wanted);
    expect(await client.size()).toBe(2 * GIB);
    await running.protocol.refreshSize({ ...wanted, attachmentId: randomUUID() });
  });

  it('ensure moves an export to another device, and finds an extend that nobody told of', async () => {
    const { devices, running, request } = context;
    const wanted = request(await devices.add(0x01));
    await running.protocol.ensure(wanted);
    const moved = { ...wanted, device: { path: await devices.add(0x02), discard: true } };
    await truncate(moved.device.path, 2 * GIB);
    const client = new Initiator(await running.protocol.ensure(moved));
    await client.io('read -P 0x02 0 1M');
    await truncate(moved.device.path, 3 * GIB);
    await running.protocol.ensure(moved);
    expect(await client.size()).toBe(3 * GIB);
  });

  it('a device that is missing is refused and nothing is served', async () => {
    const { running, request, served } = context;
    await expect(running.protocol.ensure(request('/nonexistent/device'))).rejects.toThrow(Fault);
    expect(await served()).toEqual([]);
  });

  it('an aborted call does nothing', async () => {
    const { devices, running, request, served } = context;
    const wanted = request(await devices.add());
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(running.protocol.ensure(wanted, { signal })).rejects.toThrow('cancelled');
    expect(await served()).toEqual([]);
  });

  it('a connector without what the protocol needs is the caller’s mistake', () => {
    const { protocol } = context.running;
    const large = { ...context.running.connector(CLIENT), filler: 'x'.repeat(MAX_CONNECTOR_BYTES) };
    for (const connector of [{}, large, 'host' as never, null as never, [] as never]) {
      expect(() => protocol.validateConnector(connector)).toThrow(
        expect.objectContaining({ kind: 'badRequest' }) as Error,
      );
    }
    expect(() => protocol.validateConnector({})).toThrow(
      /^Connector doesn't have required information: \w+$/,
    );
    expect(() => protocol.validateConnector(context.running.connector(CLIENT))).not.toThrow();
  });

  it('an id that is no UUID never becomes a name', async () => {
    for (const id of ['../../etc', 'x,y', '', 'A'.repeat(36)]) {
      await expect(context.running.protocol.remove(id)).rejects.toThrow('UUID');
    }
  });
}

/** Exports outlive the service, come back after their daemon's death, and leave others' alone. */
function lifeConformance(context: ConformanceContext): void {
  it('what is served and not ours is reported and never touched', async () => {
    const { running, devices, request } = context;
    const name = await running.serveForeign();
    const wanted = request(await devices.add());
    await running.protocol.ensure(wanted);
    await running.protocol.remove(wanted.attachmentId);
    expect(await running.protocol.list()).toMatchObject([{ name, attachmentId: undefined }]);
  });

  it('exports and open sessions outlive the service', async () => {
    const { running, devices, request } = context;
    const wanted = request(await devices.add(0x33));
    const session = await new Initiator(await running.protocol.ensure(wanted)).stay();
    try {
      running.protocol = await running.restartService();
      const ids = (await running.protocol.list()).map((each) => each.attachmentId);
      expect(ids).toContain(wanted.attachmentId);
      await running.protocol.ensure(wanted);
      expect(await session.io('read -P 0x33 0 1M')).toMatch(/read 1048576\/1048576 bytes/);
    } finally {
      await session.close();
    }
  });

  it('all comes back after the daemon was killed', async () => {
    const { running, devices, request, served } = context;
    if (!running.killDaemon) return;
    const wanted = [request(await devices.add(0x41)), request(await devices.add(0x42))];
    for (const each of wanted) await running.protocol.ensure(each);
    await running.killDaemon();
    expect(await served()).toEqual([]);
    for (const [index, each] of wanted.entries()) {
      await new Initiator(await running.protocol.ensure(each)).io(`read -P ${0x41 + index} 0 1M`);
    }
    expect(await served()).toEqual(wanted.map((each) => each.attachmentId).sort());
  });

  it('a removed export lets nobody in again', async () => {
    const { running, devices, request, served } = context;
    const wanted = request(await devices.add());
    const info = await running.protocol.ensure(wanted);
    const session = await new Initiator(info).stay();
    try {
      await running.protocol.remove(wanted.attachmentId);
      await expect(new Initiator(info).io('read 0 4k')).rejects.toThrow(/Failed to connect|No such file/);
      expect(await served()).toEqual([]);
    } finally {
      await session.close();
    }
  });
}
