import { execFile } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig, type ServiceName } from '@scoria/config';
import { METRICS } from '@scoria/telemetry';
import { removeTempDirs, tempDir } from '@scoria/testing';
import { parse } from 'yaml';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const textOf = (path: string): Promise<string> => readFile(fromRoot(path), 'utf8');

interface RuleFile {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
}

/** As `scoria <service>` loads it. */
const load = (service: ServiceName) =>
  loadConfig({
    file: fromRoot('deploy/scoria.example.yaml'),
    env: {},
    services: [service],
    required: ['amqp.url', ...(service === 'volume' ? ['volume.backends'] : [])],
  });

describe('the example configuration', () => {
  it.each<ServiceName>(['api', 'scheduler', 'volume'])('starts %s', (service) => {
    expect(load(service).amqp.url).toMatch(/^amqp:/);
  });

  it('differs between machines by the variables that it names, and by no unknown ones', async () => {
    const text = await textOf('deploy/scoria.example.yaml');
    const env = Object.fromEntries(
      [...text.matchAll(/^# +(SCORIA__\w+)=(\S+)$/gm)].map(([, name, value]) => [name!, value!]),
    );
    const file = fromRoot('deploy/scoria.example.yaml');
    expect(loadConfig({ file, env, services: ['volume'] }).volume).toMatchObject({
      host: 'storage-1',
      iscsi: { portalAddress: '192.0.2.11' },
    });
  });
});

describe('the secrets key that the guide makes', () => {
  afterAll(removeTempDirs);

  const pages = ['docs/operating.md', 'deploy/README.md', 'deploy/scoria.example.yaml'];
  const cases = pages.flatMap((page) => ['022', '077'].map((umask) => [page, umask] as const));

  it.each(cases)('of %s is read by the services and by nobody else, under umask %s', async (page, umask) => {
    const [command] = /\S.*openssl rand[^`\n]*/.exec((await textOf(page)).replaceAll(/^[# `]+/gm, ''))!;
    expect(command).toContain(' -g scoria ');
    const etc = tempDir('etc');
    const own = command.replace(' -g scoria', '').replaceAll('/etc/scoria', etc);
    await promisify(execFile)('sh', ['-c', `umask ${umask}; ${own}`]);
    const key = await stat(join(etc, 'secrets.key'));
    expect(key.mode & 0o777).toBe(0o640);
    expect(key.size).toBe(45);
  });
});

describe('the units', () => {
  it('run commands that exist', async () => {
    const names = (await readdir(fromRoot('deploy/systemd'))).filter((name) => name.endsWith('.service'));
    const main = await textOf('apps/scoria/src/main.ts');
    for (const name of names) {
      const unit = await textOf(`deploy/systemd/${name}`);
      const [, path, command] = /^ExecStart=\S+node \/opt\/scoria\/(\S+) (\w+) /m.exec(unit)!;
      expect(await textOf(path!)).toContain('scoria');
      expect(main).toContain(`'${command}'`);
    }
    expect(names).toHaveLength(4);
  });

  it('let tgtd outlive the volume service', async () => {
    expect(await textOf('deploy/systemd/scoria-volume.service')).toMatch(/^KillMode=process$/m);
    expect(load('volume').volume.iscsi.startDaemon).toBe(true);
  });
});

describe('the alerts', () => {
  it('ask for metrics that exist', async () => {
    const known = new Set([...catalogueNames(), ...(await busNames()), 'up']);
    const { groups } = parse(await textOf('deploy/prometheus/scoria.rules.yml')) as RuleFile;
    const rules = groups.flatMap((group) => group.rules);
    const asked = rules.map(({ alert, expr }) => ({ alert, metrics: metricsIn(expr) }));
    expect(asked.filter(({ metrics }) => metrics.length === 0)).toEqual([]);
    expect(asked.flatMap(({ metrics }) => metrics).filter((name) => !known.has(name))).toEqual([]);
  });

  it('ask for labels that these metrics have, so that none is silent for a misspelt one', async () => {
    const { groups } = parse(await textOf('deploy/prometheus/scoria.rules.yml')) as RuleFile;
    const unknown = groups
      .flatMap((group) => group.rules)
      .flatMap(({ alert, expr, annotations }) => {
        const known = new Set(metricsIn(expr).flatMap(labelsOf));
        return labelsIn(`${expr} ${annotations.summary}`)
          .filter((label) => !known.has(label))
          .map((label) => `${alert}: ${label}`);
      });
    expect(unknown).toEqual([]);
    expect(labelsIn('sum by (kind, step) (up{job="x"}) {{ $labels.queue }}')).toEqual([
      'kind',
      'step',
      'job',
      'queue',
    ]);
  });

  it('are all in the runbook', async () => {
    const { groups } = parse(await textOf('deploy/prometheus/scoria.rules.yml')) as RuleFile;
    const runbook = await textOf('docs/operating.md');
    const names = groups.flatMap((group) => group.rules).map(({ alert }) => alert);
    expect(names.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Names of series in an expression: what stands before a selector, a range or an end, and is no word of PromQL. */
function metricsIn(expr: string): string[] {
  const bare = expr.replace(/\b(by|on|without) *\([^)]*\)/g, '').replace(/\{[^}]*\}/g, '');
  return [...bare.matchAll(/\b([a-z][a-z0-9_]*)\b(?! *\()/g)]
    .map(([, name]) => name!)
    .filter((name) => name.length > 1);
}

/** What Prometheus adds to every series. */
const TARGET_LABELS = ['job', 'instance'];

/** Labels that an expression groups or selects by, and those that its text names. */
function labelsIn(text: string): string[] {
  const grouped = [...text.matchAll(/\b(?:by|on|without) *\(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(/, */),
  );
  const selected = [...text.matchAll(/(\w+) *(?:=~|!~|!=|=) *"/g)].map(([, label]) => label!);
  const named = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
  return [...new Set([...grouped, ...selected, ...named])];
}

function labelsOf(series: string): readonly string[] {
  const [, definition] = Object.entries(METRICS).find(([name]) => nameOf(name) === series) ?? [];
  return [...TARGET_LABELS, ...(definition?.labels ?? [])];
}

const nameOf = (name: string): string =>
  /ounter$/.test(METRICS[name as keyof typeof METRICS].kind) ? `${name}_total` : name;

const catalogueNames = (): string[] => Object.keys(METRICS).map(nameOf);

/** The bus names its instruments itself, in OpenTelemetry's way. */
async function busNames(): Promise<string[]> {
  const source = await textOf('libs/bus/src/telemetry/metrics.ts');
  return [...source.matchAll(/createCounter\('([a-z_.]+)'/g)].map(
    ([, name]) => `${name!.replaceAll('.', '_')}_total`,
  );
}

describe('the systemd units', () => {
  it.each<ServiceName>(['api', 'scheduler', 'volume'])(
    'start %s again however often it has ended: systemd gives up after five times in ten seconds otherwise',
    async (service) => {
      const unit = await textOf(`deploy/systemd/scoria-${service}.service`);
      expect(unit).toMatch(/^Restart=always$/m);
      expect(unit.slice(0, unit.indexOf('[Service]'))).toMatch(/^StartLimitIntervalSec=0$/m);
    },
  );
});
