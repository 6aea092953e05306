import { hostname, userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { SchedulerConfig } from '@scoria/config';
import { Fault, isUuid } from '@scoria/domain';
import {
  abandonOperation,
  cancelOperation,
  findShownOperation,
  listShownOperations,
  retryOperation,
  type Database,
  type FilterWish,
  type ShownOperation,
} from '@scoria/store';
import { namedConfig, openStore, type Whereabouts } from './open-store.js';
import { operationTable, operationText } from './operation-text.js';

interface CommonOptions extends Whereabouts {
  json?: boolean;
}

/** Options of `list` that are filters: each with its name in the view, its flags, and what it is. */
const FILTERS = {
  kind: ['kind', '--kind <kind>', 'e.g. volume.create'],
  state: ['state', '--state <state>', 'running, undoing, succeeded, failed or cancelled'],
  resource: ['resource_id', '--resource <id>', 'of a volume, a snapshot or an attachment'],
  project: ['project_id', '--project <id>', 'of one project'],
  backend: ['backend', '--backend <host@backend>', 'of one backend'],
  request: ['request_id', '--request <id>', 'req-…, from x-openstack-request-id'],
} as const;

type FilterOption = keyof typeof FILTERS;
type ListOptions = CommonOptions & Partial<Record<FilterOption, string>> & { live?: boolean; limit: number };

type AbandonOptions = CommonOptions & { reason?: string; forget?: boolean };

const MAX_LIMIT = 1000;

/** `scoria operations …`: straight from the database, so that it works while the gateway does not. */
export function operationsCommand(): Command {
  const operations = new Command('operations').description('what is being done, by whom, and a hand on it');
  const list = common(operations.command('list').description('the newest operations of all projects'))
    .option('--live', 'those that have not ended')
    .option('--limit <n>', `at most so many, up to ${MAX_LIMIT}`, limit, 50);
  for (const [, flags, description] of Object.values(FILTERS)) list.option(flags, description);
  list.action((options: ListOptions) =>
    run(options, (database) => listShownOperations(database, wishes(options), options.limit), operationTable),
  );
  common(operations.command('show <id>').description('one operation, and its story')).action(
    (id: string, options: CommonOptions) =>
      run(options, (database) => findShownOperation(database, checked(id)), operationText),
  );
  common(operations.command('cancel <id>').description('have it stopped and undone, where it can be')).action(
    (id: string, options: CommonOptions) => run(options, steered(id, cancelOperation), operationText),
  );
  common(operations.command('retry <id>').description('have one that waits tried again at once')).action(
    (id: string, options: CommonOptions) => run(options, steered(id, retryOperation), operationText),
  );
  common(operations.command('abandon <id>').description('end one whose host is gone for good, as failed'))
    .option('--reason <text>', 'why, for its history')
    .option('--forget', 'of a delete: remove the row, as if it were done')
    .action((id: string, options: AbandonOptions) => run(options, abandoned(id, options), operationText));
  return operations;
}

const common = (command: Command): Command =>
  command
    .option('--config <file>', 'YAML; SCORIA_… variables win over it')
    .option('--data <dir>', 'of a single-process run, while it runs; the default is .scoria')
    .option('--json', 'as JSON');

const abandoned =
  (id: string, options: AbandonOptions) =>
  (database: Database): Promise<ShownOperation> =>
    database.transaction(async (tx) => {
      const { serviceDownSeconds: downSeconds } = namedConfig(options)?.scheduler ?? new SchedulerConfig();
      const by = `${userInfo().username} on ${hostname()}`;
      await abandonOperation(tx, checked(id), { ...options, by, downSeconds });
      return findShownOperation(tx, id);
    });

/** Nobody is rung: the workers look at their next heartbeat or sweep, which is a second or two away. */
const steered =
  (id: string, steer: typeof cancelOperation) =>
  (database: Database): Promise<ShownOperation> =>
    database.transaction(async (tx) => {
      await steer(tx, checked(id), null);
      return findShownOperation(tx, id);
    });

async function run<T>(
  options: CommonOptions,
  read: (database: Database) => Promise<T>,
  textOf: (result: T) => string,
): Promise<void> {
  const database = await openStore(options);
  try {
    const result = await read(database);
    console.log(options.json ? JSON.stringify(result, null, 2) : textOf(result));
  } finally {
    await database.close();
  }
}

function wishes(options: ListOptions): FilterWish[] {
  const given = (Object.keys(FILTERS) as FilterOption[]).flatMap((option): FilterWish[] => {
    const value = options[option];
    return value === undefined ? [] : [{ key: FILTERS[option][0], values: [value], inexact: false }];
  });
  return options.live ? [...given, { key: 'live', values: ['true'], inexact: false }] : given;
}

function checked(id: string): string {
  if (!isUuid(id)) throw new Fault('badRequest', `${id.slice(0, 64)} is no id of an operation.`);
  return id;
}

function limit(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_LIMIT)
    throw new InvalidArgumentError(`must be 1 to ${MAX_LIMIT}.`);
  return value;
}
