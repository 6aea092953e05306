import { scrub, scrubText } from './scrub.js';

const text = (value: unknown): string => JSON.stringify(scrub(value));

describe('a secret must not reach a log', () => {
  it.each([
    ['a header', { headers: { 'X-Auth-Token': 'hush', authorization: 'Bearer hush' } }],
    ['connection information', { connection_info: { data: { auth_password: 'hush', secret: 'hush' } } }],
    ['CHAP in a list', { attachments: [{ chapSecret: 'hush' }] }],
    ['a server action body', { rebuild: { adminPass: 'hush' } }],
    ['a transfer', { transfer: { auth_key: 'hush' } }],
    ['a URL in a text', { note: 'cannot reach postgresql://scoria:hush@db/scoria' }],
    ['a URL password with an @', { note: 'amqp://scoria:a@hush@broker:5672/' }],
    ['a URL parameter', { note: 'GET http://glance/v2/images?password=hush&x=1' }],
    ['an error and its cause', { error: new Error('a', { cause: new Error('amqp://u:hush@h') }) }],
    [
      'the parameters of a failed statement',
      { error: Object.assign(new Error('x'), { parameters: ['hush'] }) },
    ],
    ['an object that prints itself', { body: { toJSON: () => ({ password: 'hush' }) } }],
  ])('in %s', (_, fields) => {
    expect(text(fields)).not.toContain('hush');
  });

  it('while what is no secret stays', () => {
    const fields = { volumeId: 'v1', size: 3, names: ['a'], url: 'http://host:8776/v3' };
    expect(scrub(fields)).toEqual(fields);
  });
});

describe('a value must not flood a log', () => {
  it('by nesting in itself', () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    expect(text(loop)).toContain('[too deep]');
  });

  it('by its length', () => {
    expect(scrubText('x'.repeat(1_000_000)).length).toBeLessThan(10_000);
    expect(text(new Array(100_000).fill('x')).length).toBeLessThan(10_000);
  });
});
