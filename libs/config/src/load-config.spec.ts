import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig, SERVICE_REPORT_SECONDS, type LoadConfigOptions } from './index.js';

const directory = mkdtempSync(join(tmpdir(), 'scoria-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function yaml(text: string): string {
  const file = join(directory, `${Math.random()}.yaml`);
  writeFileSync(file, text);
  return file;
}

/** The least that is valid. */
const MINIMAL = {
  SCORIA_DATABASE_URL: 'postgresql:///scoria?host=/run/postgresql',
  SCORIA__API__AUTH_STRATEGY: 'noauth',
};

function problems(options: LoadConfigOptions): readonly string[] {
  try {
    loadConfig(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('layers of configuration', () => {
  it('has defaults for everything but the database and the identity service', () => {
    const config = loadConfig({ env: MINIMAL });
    expect(config.api).toMatchObject({
      host: '127.0.0.1',
      port: 8776,
      maxLimit: 1000,
      bodyLimitBytes: 114_688,
    });
    expect(config.volume).toMatchObject({ host: hostname(), backends: [] });
    expect(config.scheduler.weighers).toMatchObject([{ name: 'CapacityWeigher', multiplier: 1 }]);
  });

  it('lets environment win over the file, the command line over both, and the program over neither', () => {
    const file = yaml('api: {port: 2, maxLimit: 2, maxInFlight: 2}\nlog:\n');
    const config = loadConfig({
      file,
      env: { ...MINIMAL, SCORIA__API__PORT: '3', SCORIA__API__MAXLIMIT: '3' },
      defaults: { api: { maxInFlight: 1, bodyLimitBytes: 2048 } },
      overrides: { api: { port: 4 } },
    });
    expect(config.api).toMatchObject({ port: 4, maxLimit: 3, maxInFlight: 2, bodyLimitBytes: 2048 });
    expect(config.log.level).toBe('info');
  });

  it('takes a list of backends from a variable, and a password of digits as text', () => {
    const { volume, keystone } = loadConfig({
      env: {
        ...MINIMAL,
        SCORIA__VOLUME__BACKENDS: '[{name: fast, driver: file, options: {directory: /srv}}]',
        SCORIA__KEYSTONE__PASSWORD: '0123',
        SCORIA__VOLUME__ISCSI__START_DAEMON: 'true',
        SCORIA__API__HOST: '',
      },
    });
    expect(volume.backends).toMatchObject([
      { name: 'fast', export: 'iscsi', options: { directory: '/srv' } },
    ]);
    expect(volume.iscsi.startDaemon).toBe(true);
    expect(keystone.password).toBe('0123');
  });

  it('reads the file that SCORIA_CONFIG names', () => {
    expect(loadConfig({ env: { ...MINIMAL, SCORIA_CONFIG: yaml('api: {port: 1}') } }).api.port).toBe(1);
  });
});

describe('a mistake that would otherwise be found in production', () => {
  it('is reported together with all others, each by its path', () => {
    const file = yaml(`
      api: {port: "8776", maxLimit: 0, authStrategy: none}
      keystone: 5
      volume: {iscsi: [], backends: [{driver: file}, {name: "a b", driver: file}]}
      scheduler: {filters: [1], weighers: [{name: x, multiplier: .nan}]}
    `);
    expect(problems({ file, env: {} })).toEqual([
      'database.url: is required',
      'api.port: must be an integer number',
      'api.authStrategy: must be one of the following values: noauth, keystone',
      'api.maxLimit: must not be less than 1',
      'keystone: must be an object',
      'scheduler.filters: each value in filters must be a string',
      'scheduler.weighers[0].multiplier: must be a number conforming to the specified constraints',
      'volume.backends[0].name: is required',
      'volume.backends[1].name: may hold letters, digits, ".", "_" and "-" only',
      'volume.iscsi: must be an object',
    ]);
  });

  it.each([
    ['api: {prot: 1}', 'api.prot: is not known; did you mean port?'],
    ['apis: {}', 'apis: is not known; did you mean api?'],
    [
      'volume: {backends: [{name: a, driver: b, exprot: local}]}',
      'volume.backends[0].exprot: is not known; did you mean export?',
    ],
    ['log: {zzzzzz: 1}', 'log.zzzzzz: is not known; known are level, pretty'],
  ])('such as an unknown key: %s', (text, problem) => {
    expect(problems({ file: yaml(text), env: MINIMAL })).toEqual([problem]);
  });

  it.each([
    ['SCORIA__API__PROT', 'SCORIA__API__PROT: api.prot: is not known; did you mean port?'],
    ['SCORIA__API__PORT__X', 'SCORIA__API__PORT__X: api.port has no fields of its own; set it whole'],
  ])('such as an unknown variable: %s', (name, problem) => {
    expect(problems({ env: { ...MINIMAL, [name]: '1' } })).toEqual([problem]);
  });

  it.each([
    ['a key twice', 'api: {}\napi: {}', /: line 2: is not valid YAML \(DUPLICATE_KEY\)$/],
    ['no map', '- a', /must hold a map of sections$/],
    [
      'a bomb of aliases',
      'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      /too many aliases/,
    ],
  ])('such as a file with %s', (_, text, message) => {
    expect(problems({ file: yaml(text), env: MINIMAL })[0]).toMatch(message);
  });

  it('such as a file that is not there', () => {
    expect(problems({ file: join(directory, 'none'), env: MINIMAL })[0]).toMatch(
      /none: cannot be read \(ENOENT\)$/,
    );
  });

  it('is never told by repeating a value, which may be a secret', () => {
    const file = yaml(
      'database: {url: "hush"}\nkeystone: {password: [hush]}\nsecrets: {key: {hush: 1}}\nlog: {level: hush}',
    );
    const text = problems({ file, env: { SCORIA__AMQP__URL: 'http://u:hush@h' } }).join();
    expect(text).toMatch(/database\.url.*amqp\.url.*secrets\.key.*keystone\.password.*log\.level/);
    expect(text).not.toContain('hush');
    expect(problems({ file: yaml('database: {url: a}}hush: hush\n hush'), env: {} }).join()).not.toContain(
      'hush',
    );
  });
});

describe('rules between fields', () => {
  const with_ = (env: Record<string, string>, more: Partial<LoadConfigOptions> = {}) =>
    problems({ env: { ...MINIMAL, ...env }, ...more });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'storage.example.com'])('refuses noauth on %s', (host) => {
    expect(with_({ SCORIA__API__HOST: host })).toEqual([
      expect.stringMatching(/^api.host: noauth lets anyone/),
    ]);
    expect(with_({ SCORIA__API__HOST: host, SCORIA__API__ALLOW_REMOTE_NOAUTH: 'true' })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('allows noauth on %s', (host) => {
    expect(with_({ SCORIA__API__HOST: host })).toEqual([]);
  });

  it('lets no service count as down between two of its reports, however often pools are reported', () => {
    const downAfter = (seconds: number): readonly string[] =>
      with_({
        SCORIA__SCHEDULER__SERVICE_DOWN_SECONDS: String(seconds),
        SCORIA__VOLUME__STATS_INTERVAL_SECONDS: '1',
      });
    expect(downAfter(2 * SERVICE_REPORT_SECONDS)).toEqual([
      'scheduler.serviceDownSeconds: must not be less than 15',
    ]);
    expect(downAfter(3 * SERVICE_REPORT_SECONDS)).toEqual([]);
  });

  it('wants Keystone of the gateway alone', () => {
    const env = { SCORIA__API__AUTH_STRATEGY: 'keystone' };
    expect(with_(env)).toEqual([
      'keystone.url: is required when api.authStrategy is keystone',
      'keystone.password: is required when api.authStrategy is keystone',
    ]);
    expect(with_(env, { services: ['scheduler'] })).toEqual([]);
  });

  it('wants what a service cannot do without', () => {
    expect(with_({}, { required: ['amqp.url', 'volume.backends'] })).toEqual([
      'amqp.url: is required',
      'volume.backends: is required',
    ]);
  });

  it.each([
    [{ SCORIA__OPERATIONS__HEARTBEAT_SECONDS: '8' }, /^operations.heartbeatSeconds: must be less than half/],
    [{ SCORIA__OPERATIONS__RETRY__MAX_DELAY_MS: '1' }, /^operations.retry.maxDelayMs/],
    [{ SCORIA__IMAGES__KIND: 'glance' }, /^images.url/],
    [{ SCORIA__WEBHOOKS__ALLOWED_NETWORKS: '[10.0.0.0/8, 10.0.0.1]' }, /^webhooks.allowedNetworks/],
    [{ SCORIA__IMAGES__KIND: 'directory' }, /^images.directory/],
    [{ SCORIA__SECRETS__KEY: 'a', SCORIA__SECRETS__KEY_FILE: 'b' }, /^secrets: give key or keyFile/],
    [{ SCORIA__VOLUME__HOST: 'a@b' }, /^volume.host/],
    [{ SCORIA__VOLUME__BACKENDS: '[{name: a, driver: x}, {name: a, driver: x}]' }, /^volume.backends: two/],
  ])('refuses %j', (env, message) => {
    expect(with_(env as Record<string, string>)).toEqual([expect.stringMatching(message)]);
  });
});
