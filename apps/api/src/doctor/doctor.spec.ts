import { onCall } from '@scoria/bus';
import { backendExamination, type ExaminationReply } from '@scoria/contracts';
import { Fault, volumeQueue } from '@scoria/domain';
import type { DoctorReport } from '@scoria/store';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { BACKEND, seedVolume } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Answer {
  doctor: DoctorReport;
}

const PATH = '/scoria/v1/doctor';
const ADMIN = 'a:admins:admin';
const AGREED: ExaminationReply = { clock: '', inventory: true, findings: [] };

let api: TestApi;
beforeAll(async () => void (api = await startTestApi({ authenticator: new RoleAuthenticator() })));
afterAll(() => api.close());

const ask = async (query = '', token = ADMIN) => api.as(token).get<Answer>(`${PATH}${query}`);

/** Has a backend answer while `work` runs. */
async function answering(
  reply: () => Omit<ExaminationReply, 'clock'> & { clock?: string },
  work: () => Promise<void>,
): Promise<void> {
  const answer = async () => ({ ...reply(), clock: reply().clock || new Date().toISOString() });
  const service = api.bus.serve({
    queues: [volumeQueue(BACKEND)],
    handlers: [onCall(backendExamination, answer)],
  });
  await service.ready;
  await work();
  await service.drain();
}

it('says that everything agrees, and what was looked at', async () => {
  const volume = await seedVolume(api.database);
  await api.database.query(
    `insert into claims (pool, volume_id, size_gib) select pool, id, size from volumes where id = $1`,
    [volume],
  );
  await answering(
    () => AGREED,
    async () => {
      const { status, body } = await ask();
      expect(status).toBe(200);
      expect(body.doctor).toMatchObject({
        agreed: true,
        findings: [],
        looked: { volumes: 1, snapshots: 0, backends: [{ backend: BACKEND, inventory: true }] },
      });
    },
  );
});

it('names a backend that nobody serves, and one that is not up', async () => {
  const silent = { check: 'backend-silent', level: 'wrong', count: 1 };
  const nobody = (await ask()).body.doctor;
  expect(nobody.agreed).toBe(false);
  expect(nobody.findings).toMatchObject([
    { ...silent, subjects: [{ subject: BACKEND, detail: 'nobody serves its queue' }] },
  ]);
  await answering(
    () => {
      throw new Fault('unavailable', 'The backend is not up: its service says why.');
    },
    async () => {
      const { findings } = (await ask()).body.doctor;
      expect(findings).toMatchObject([
        { ...silent, subjects: [{ detail: expect.stringContaining('not up') }] },
      ]);
    },
  );
});

it('passes on what a backend found, with the command that mends it', async () => {
  const subjects = [{ subject: 'volume-x', detail: '1 GiB in pool p' }];
  await answering(
    () => ({ ...AGREED, findings: [{ check: 'item-without-row', count: 12, subjects }] }),
    async () => {
      const { agreed, findings } = (await ask()).body.doctor;
      expect(agreed).toBe(false);
      expect(findings).toMatchObject([
        {
          check: 'item-without-row',
          count: 12,
          mend: expect.stringContaining('by hand'),
          subjects: [{ subject: 'volume-x', detail: `${BACKEND}: 1 GiB in pool p` }],
        },
      ]);
    },
  );
});

it('names a host whose clock is off', async () => {
  await answering(
    () => ({ ...AGREED, clock: new Date(Date.now() + 600_000).toISOString() }),
    async () => {
      const { findings } = (await ask()).body.doctor;
      expect(findings).toMatchObject([{ check: 'clock-offset', subjects: [{ subject: BACKEND }] }]);
      expect(findings[0]!.subjects[0]!.detail).toMatch(/^(59\d|600)\.\d s ahead$/);
    },
  );
});

it('is for administrators, and has a limit', async () => {
  expect((await ask('', 'u:p:reader,member')).status).toBe(403);
  for (const query of ['?limit=0', '?limit=101', '?limit=x', '?colour=red'])
    expect([query, (await ask(query)).status]).toEqual([query, 400]);
});
