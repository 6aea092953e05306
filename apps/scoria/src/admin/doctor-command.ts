import { Logger } from '@nestjs/common';
import { Command, InvalidArgumentError, Option } from 'commander';
import { RabbitBus } from '@scoria/bus';
import { Fault, describeError } from '@scoria/domain';
import { examine, type DoctorReport } from '@scoria/store';
import { fail } from '../run/fail.js';
import { doctorText } from './doctor-text.js';
import { notedUrl } from './noted-url.js';
import { DATA_DIR, namedConfig, openStore, type Whereabouts } from './open-store.js';

interface DoctorCommandOptions extends Whereabouts {
  url?: string;
  token: string;
  limit: number;
  timeout: number;
  json?: boolean;
}

const EXIT = { agreed: 0, disagreed: 1, couldNotLook: 2 } as const;
const MAX_LIMIT = 100;

/** `scoria doctor`: whether rows, storage and exports agree. Changes nothing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'compare rows, claims, usage, storage and exports; exit code 0: they agree, 1: they do not, 2: could not look',
    )
    .option('--config <file>', 'look from here: into its database, and ask backends over its broker')
    .option('--url <url>', 'have a running gateway look, e.g. http://127.0.0.1:8776')
    .addOption(
      new Option(
        '--token <token>',
        'an administrator’s, for --url; on the command line every user of the machine can read it',
      )
        .env('OS_TOKEN')
        .default('admin:admin'),
    )
    .option('--data <dir>', 'of a single-process run, while it runs; the default is .scoria')
    .option('--limit <n>', `subjects to name of each finding, up to ${MAX_LIMIT}`, whole(MAX_LIMIT), 20)
    .option('--timeout <seconds>', 'for a backend to answer, with --config', whole(3600), 60)
    .option('--json', 'as JSON')
    .action(async (options: DoctorCommandOptions) => {
      const report = await look(options).catch((error: unknown) => fail(error, EXIT.couldNotLook));
      console.log(options.json ? JSON.stringify(report, null, 2) : doctorText(report));
      process.exitCode = report.agreed ? EXIT.agreed : EXIT.disagreed;
    });
}

/** A single-process run keeps its bus to itself, so it is asked over HTTP; all else can be looked at from here. */
async function look(options: DoctorCommandOptions): Promise<DoctorReport> {
  if (options.url !== undefined) return askGateway(options.url, options);
  const config = namedConfig(options);
  if (config) {
    const { amqp, scheduler } = config;
    return fromHere(options, amqp.url, scheduler.serviceDownSeconds);
  }
  const dir = options.data ?? DATA_DIR;
  const url = await notedUrl(dir);
  if (url === undefined)
    throw new Fault('unavailable', `No Scoria runs in ${dir}. Name another with --config, --url or --data.`);
  return askGateway(url, options);
}

async function fromHere(
  options: DoctorCommandOptions,
  amqpUrl: string | undefined,
  downSeconds: number,
): Promise<DoctorReport> {
  const database = await openStore(options);
  Logger.overrideLogger(false); // What the bus meets is in the report.
  const bus = amqpUrl === undefined ? undefined : new RabbitBus({ url: amqpUrl, name: 'scoria-doctor' });
  try {
    const { limit, timeout } = options;
    return await examine({ database, bus, limit, downSeconds, timeoutMs: timeout * 1000 });
  } finally {
    await bus?.close();
    await database.close();
  }
}

async function askGateway(url: string, { token, limit }: DoctorCommandOptions): Promise<DoctorReport> {
  const address = `${url.replace(/\/+$/, '')}/scoria/v1/doctor?limit=${limit}`;
  let response: Response;
  try {
    response = await fetch(address, { headers: { 'x-auth-token': token } });
  } catch (error) {
    throw new Fault('unavailable', `${url} does not answer`, { cause: describeError(error) });
  }
  const text = await response.text();
  if (response.status !== 200)
    throw new Fault('unavailable', `${url} answers ${response.status}: ${text.slice(0, 500)}`);
  return (JSON.parse(text) as { doctor: DoctorReport }).doctor;
}

const whole =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new InvalidArgumentError(`must be 1 to ${most}.`);
    return value;
  };
