import { generateChap } from '../chap.js';
import type { ConformanceContext } from './export-conformance.js';
import { Initiator, OTHER_CLIENT } from './initiator.js';

/** Who may do what, for protocols that enforce it. */
export function accessConformance(context: ConformanceContext): void {
  it('a wrong password, a wrong user and none are refused', async () => {
    const { running, devices, request } = context;
    const wanted = request(await devices.add());
    const info = await running.protocol.ensure(wanted);
    const { username } = wanted.chap;
    const wrong = [{ username, password: generateChap().password }, generateChap(), null];
    for (const chap of wrong) {
      await expect(new Initiator(info, { chap }).io('read 0 4k')).rejects.toThrow(/Authentication failure/);
    }
    await new Initiator(info).io('read 0 4k');
  });

  it('an initiator that the connector does not name is refused, the right password or not', async () => {
    const { running, devices, request } = context;
    const info = await running.protocol.ensure(request(await devices.add()));
    await expect(new Initiator(info, { name: OTHER_CLIENT }).io('read 0 4k')).rejects.toThrow(/not found/i);
  });

  it('one attachment’s credentials open no other', async () => {
    const { running, devices, request } = context;
    const [mine, theirs] = [request(await devices.add()), request(await devices.add())];
    await running.protocol.ensure(mine);
    const info = await running.protocol.ensure(theirs);
    await expect(new Initiator(info, { chap: mine.chap }).io('read 0 4k')).rejects.toThrow(/Authentication/);
  });

  it('a new connector and new credentials replace the old ones', async () => {
    const { running, devices, request } = context;
    const wanted = request(await devices.add());
    const before = await running.protocol.ensure(wanted);
    const connector = running.connector(OTHER_CLIENT);
    const after = await running.protocol.ensure({ ...wanted, connector, chap: generateChap() });
    await expect(new Initiator(after).io('read 0 4k')).rejects.toThrow(/not found/i);
    await expect(new Initiator(before, { name: OTHER_CLIENT }).io('read 0 4k')).rejects.toThrow(
      /Authentication/,
    );
    await new Initiator(after, { name: OTHER_CLIENT }).io('read 0 4k');
  });

  it('a read-only attachment is read, not written, and may become writable', async () => {
    const { running, devices, request } = context;
    const wanted = request(await devices.add(0x66), { mode: 'ro' });
    const info = await running.protocol.ensure(wanted);
    await new Initiator(info, { readOnly: true }).io('read -P 0x66 0 1M');
    await expect(new Initiator(info).io('write 0 4k')).rejects.toThrow(/read-only|write.protected/i);
    await new Initiator(await running.protocol.ensure({ ...wanted, mode: 'rw' })).io('write 0 4k');
  });
}
