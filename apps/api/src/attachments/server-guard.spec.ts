import { randomUUID } from 'node:crypto';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume } from '../testing/seed.js';
import { SECRETS_KEY, StorageStandIn } from '../testing/storage-stand-in.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const ME = 'u:p:member,reader';
const ADMIN = 'a:p:admin';
const connector = { initiator: 'iqn.1993-08.org.debian:01:one', host: 'compute1' };
const version = '3.44';

async function gateway(guardServerAttachments: boolean): Promise<TestApi> {
  const standIns: StorageStandIn[] = [];
  const api = await startTestApi({
    authenticator: new RoleAuthenticator(),
    config: {
      secrets: { key: SECRETS_KEY },
      api: { authStrategy: 'keystone', guardServerAttachments },
      keystone: { url: 'http://127.0.0.1:5000/v3', password: 'unused' },
    },
    ring: async (due) => standIns[0]?.ring(due),
  });
  standIns.push(new StorageStandIn(api.database));
  return api;
}

async function attached(api: TestApi): Promise<{ id: string; volume: string }> {
  const volume = await seedVolume(api.database);
  const { body } = await api
    .as(ME)
    .send<{ attachment: { id: string } }>(
      'POST',
      '/v3/attachments',
      { attachment: { volume_uuid: volume, instance_uuid: randomUUID(), connector } },
      { version },
    );
  const { id } = body.attachment;
  await api.as(ME).post(`/v3/attachments/${id}/action`, { 'os-complete': {} }, { version });
  return { id, volume };
}

describe('a device that a server still uses', () => {
  it('is not taken away by a user, nor by an administrator; Nova, with its service token, may', async () => {
    await using api = await gateway(true);
    const { id, volume } = await attached(api);
    for (const token of [ME, ADMIN]) {
      const refused = await api.as(token).delete(`/v3/attachments/${id}`, { version });
      expect(refused.status).toBe(409);
      expect(refused.body.conflictingRequest.message).toContain('using the Compute API');
    }
    const detach = await api.as(ME).post(`/v3/volumes/${volume}/action`, { 'os-detach': null });
    const force = await api.as(ADMIN).post(`/v3/volumes/${volume}/action`, { 'os-force_detach': {} });
    expect([detach.status, force.status]).toEqual([409, 409]);
    const headers = { 'x-service-token': 'nova' };
    const service = await api.as(ME).delete(`/v3/attachments/${id}`, { version, headers });
    expect(service.status).toBe(200);
  });

  it('is the operator’s to decide about', async () => {
    await using api = await gateway(false);
    const { id } = await attached(api);
    expect((await api.as(ME).delete(`/v3/attachments/${id}`, { version })).status).toBe(200);
  });

  it('is not yet one while the attachment is only reserved', async () => {
    await using api = await gateway(true);
    const volume = await seedVolume(api.database);
    const body = { attachment: { volume_uuid: volume, instance_uuid: randomUUID() } };
    const made = await api
      .as(ME)
      .send<{ attachment: { id: string } }>('POST', '/v3/attachments', body, { version });
    const path = `/v3/attachments/${made.body.attachment.id}`;
    expect((await api.as(ME).delete(path, { version })).status).toBe(200);
  });
});
