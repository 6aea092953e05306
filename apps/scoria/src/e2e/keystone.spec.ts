import { jest } from '@jest/globals';
import {
  freePort,
  hasGlance,
  hasKeystone,
  removeTempDirs,
  startGlance,
  startKeystone,
  tempDir,
  type KeystoneUser,
  type TestGlance,
  type TestKeystone,
} from '@scoria/testing';
import { Commands } from './support/commands.js';
import { ext4Image } from './support/image.js';
import { SingleProcess } from './support/single-process.js';
import { volumeSettled } from './support/volume-settled.js';

const SERVICE = { username: 'scoria', password: 'scoria-password', projectName: 'service' };

jest.setTimeout(180_000);

(hasKeystone() && hasGlance() ? describe : describe.skip)('with a real Keystone and Glance', () => {
  const users: Record<string, KeystoneUser> = {};
  let keystone: TestKeystone;
  let glance: TestGlance;
  let scoria: SingleProcess;
  let projectId: string;
  let otherId: string;

  beforeAll(async () => {
    const [keystonePort, glancePort] = [await freePort(), await freePort()];
    const keystoneUrl = `http://127.0.0.1:${keystonePort}/v3`;
    [keystone, glance, scoria] = await Promise.all([
      startKeystone({ dir: tempDir('keystone'), port: keystonePort }),
      startGlance({
        dir: tempDir('glance'),
        port: glancePort,
        keystone: { url: keystoneUrl, ...SERVICE },
      }),
      SingleProcess.start({
        env: {
          SCORIA__API__AUTH_STRATEGY: 'keystone',
          SCORIA__KEYSTONE__URL: keystoneUrl,
          SCORIA__KEYSTONE__USERNAME: SERVICE.username,
          SCORIA__KEYSTONE__PASSWORD: SERVICE.password,
          SCORIA__KEYSTONE__PROJECT_NAME: SERVICE.projectName,
          SCORIA__IMAGES__KIND: 'glance',
          SCORIA__IMAGES__URL: `http://127.0.0.1:${glancePort}`,
        },
      }),
    ]);
    await populate();
  });

  afterAll(async () => {
    await scoria?.stop();
    await Promise.all([glance?.stop(), keystone?.stop()]);
    removeTempDirs();
  });

  /** Two projects with a user of each role in the first, and the catalogue. */
  async function populate(): Promise<void> {
    const { admin } = keystone;
    projectId = await admin.createProject('demo');
    otherId = await admin.createProject('other');
    for (const role of ['reader', 'member', 'admin']) {
      users[role] = await admin.createUser(`demo-${role}`, `${role}-password`);
      await admin.grant(users[role].id, projectId, role);
    }
    await admin.grant(users['member']!.id, otherId, 'member');
    const own = await admin.createUser(SERVICE.username, SERVICE.password);
    await admin.grant(own.id, await admin.createProject(SERVICE.projectName), 'admin');
    await admin.registerService('volumev3', 'scoria', `${scoria.urls[0]!}/v3/$(project_id)s`);
    await admin.registerService('image', 'glance', glance.url);
  }

  /** The stock commands, logging in with a password. */
  function commandsOf(role: string, project = 'demo'): Commands {
    const environment = {
      OS_AUTH_URL: keystone.url,
      OS_IDENTITY_API_VERSION: '3',
      OS_USERNAME: users[role]!.name,
      OS_PASSWORD: users[role]!.password,
      OS_PROJECT_NAME: project,
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_VOLUME_API_VERSION: '3.65',
    };
    return new Commands({ openstack: () => environment, cinder: () => environment });
  }

  async function statusOf(token: string, path: string, body?: object): Promise<number> {
    const response = await fetch(`${scoria.urls[0]!}/v3${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return response.status;
  }

  const login = (role: string, project = 'demo'): Promise<string> =>
    keystone.admin.login(users[role]!, { project });

  test('a member makes a volume of a Glance image and an image of the volume, with nothing but a password', async () => {
    const member = commandsOf('member');
    const raw = await ext4Image(tempDir('image'));
    await member.openstackText(
      ...['image', 'create', '--disk-format', 'raw', '--container-format', 'bare', '--file', raw, 'disk'],
    );
    const { id } = await member.openstack<{ id: string }>(
      ...['volume', 'create', '--size', '1', '--type', 'file', '--image', 'disk', 'from-glance'],
    );
    const volume = await volumeSettled(member, id);
    expect(volume).toMatchObject({ bootable: 'true', volume_image_metadata: { image_name: 'disk' } });
    await member.cinder('upload-to-image', '--disk-format', 'qcow2', id, 'copy');
    await volumeSettled(member, id);
    const image = await member.openstack('image', 'show', 'copy');
    expect(image).toMatchObject({ status: 'active', disk_format: 'qcow2', visibility: expect.any(String) });
    await member.openstackText('volume', 'delete', id);
  });

  test('each role may do what is its own, and nobody sees into another project', async () => {
    const [admin, member, reader, stranger] = await Promise.all([
      login('admin'),
      login('member'),
      login('reader'),
      login('member', 'other'),
    ]);
    const volume = { volume: { size: 1, volume_type: 'file' } };
    expect(await statusOf(reader, `/${projectId}/volumes`, volume)).toBe(403);
    expect(await statusOf(reader, `/${projectId}/volumes/detail`)).toBe(200);
    expect(await statusOf(member, `/${projectId}/os-services`)).toBe(403);
    expect(await statusOf(admin, `/${projectId}/os-services`)).toBe(200);
    const { id } = await commandsOf('member').openstack<{ id: string }>(
      ...['volume', 'create', '--size', '1', '--type', 'file', 'ours'],
    );
    expect(await statusOf(reader, `/${projectId}/volumes/${id}`)).toBe(200);
    expect(await statusOf(stranger, `/${otherId}/volumes/${id}`)).toBe(404);
    expect(await statusOf('no-such-token', `/${projectId}/volumes`)).toBe(401);
    expect(await commandsOf('member', 'other').openstack('volume', 'list')).toEqual([]);
  });
});
