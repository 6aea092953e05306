import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('POST, GET and DELETE of volumes', () => {
  it('answers 202 with the volume in creating, having written the intent down and rung once', async () => {
    const me = api.as('u:first');
    const { status, body } = await me.post('/v3/first/volumes', {
      volume: { size: 1, name: ' a ', metadata: { k: 'v' } },
    });
    expect(status).toBe(202);
    expect(body.volume).toMatchObject({
      name: 'a',
      size: 1,
      status: 'creating',
      volume_type: '__DEFAULT__',
      metadata: { k: 'v' },
      bootable: 'false',
      attachments: [],
    });
    expect(body.volume.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(body.volume.links).toEqual([
      { rel: 'self', href: `${api.url}/v3/first/volumes/${body.volume.id}` },
      { rel: 'bookmark', href: `${api.url}/first/volumes/${body.volume.id}` },
    ]);
    const [operation] = await api.database.query<Record<string, unknown>>(
      'select * from operations where resource_id = $1',
      [body.volume.id],
    );
    expect(operation).toMatchObject({
      kind: 'volume.create',
      step_name: 'place',
      input: { source: { kind: 'empty' }, availabilityZones: ['nova'] },
    });
    expect(api.rung.map(({ operationId }) => operationId)).toEqual([operation!.id]);
    const shown = await me.get(`/v3/volumes/${body.volume.id}`);
    expect(shown.body.volume).toMatchObject({ id: body.volume.id, 'os-vol-tenant-attr:tenant_id': 'first' });
    const listed = await me.get('/v3/first/volumes/detail');
    expect(listed.body.volumes).toEqual([shown.body.volume]);
    expect((await me.get('/v3/volumes')).body.volumes).toEqual([
      { id: body.volume.id, name: 'a', links: body.volume.links },
    ]);
  });

  it('removes a volume that was never placed at once', async () => {
    const me = api.as('u:second');
    const { body } = await me.post('/v3/volumes', { volume: { size: 1 } });
    const { id } = body.volume;
    expect((await me.delete(`/v3/volumes/${id}`)).status).toBe(400);
    await api.database.query(`begin; update volumes set status='error', operation_id=null where id='${id}';
      update operations set state='failed' where resource_id='${id}'; commit`);
    expect((await me.delete(`/v3/volumes/${id}`)).status).toBe(202);
    expect((await me.get(`/v3/volumes/${id}`)).status).toBe(404);
  });

  it('does not know what is not there', async () => {
    const { status, body } = await api.as('u:p').get(`/v3/volumes/${UNKNOWN}`);
    expect([status, body]).toEqual([
      404,
      { itemNotFound: { code: 404, message: `Volume ${UNKNOWN} could not be found.` } },
    ]);
  });
});
