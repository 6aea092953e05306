import { inspect } from 'node:util';
import { loadConfig, redactedConfig } from './index.js';

describe('a configuration that is printed', () => {
  const config = loadConfig({
    env: {
      SCORIA_DATABASE_URL: 'postgresql://scoria:hush@db:5432/scoria?sslmode=require',
      SCORIA_AMQP_URL: 'amqps://scoria:a@hush@broker/',
      SCORIA__SECRETS__KEY: 'hush',
      SCORIA__KEYSTONE__URL: 'http://keystone:5000/v3',
      SCORIA__KEYSTONE__PASSWORD: 'hush',
      SCORIA__VOLUME__BACKENDS:
        '[{name: a, driver: b, options: {san_ip: 192.0.2.1, san_password: hush, deep: [{api_key: hush}]}}]',
    },
  });

  it.each([
    ['by redactedConfig', () => JSON.stringify(redactedConfig(config))],
    ['by JSON.stringify', () => JSON.stringify({ config })],
    ['by console.log', () => inspect(config, { depth: 20 })],
    ['section by section', () => inspect({ ...config }, { depth: 20 })],
  ])('shows no secret %s', (_, print) => {
    expect(print()).not.toContain('hush');
    expect(print()).toContain('192.0.2.1');
  });

  it('shows what is no secret, also where its name is like one', () => {
    expect(redactedConfig(config)).toMatchObject({
      database: { url: 'postgresql://scoria:[redacted]@db:5432/scoria?sslmode=require' },
      keystone: { serviceTokenRoles: ['service'], password: '[redacted]' },
    });
  });

  it('keeps its secrets for those who read the field', () => {
    expect(config.keystone.password).toBe('hush');
  });
});
