import { Command, InvalidArgumentError } from 'commander';
import { runCluster } from './cluster/cluster-command.js';
import { doctorCommand } from './admin/doctor-command.js';
import { operationsCommand } from './admin/operations-command.js';
import { holdServer } from './cluster/server-holder.js';
import { runAll } from './run/all-command.js';
import { fail } from './run/fail.js';
import { runRecount } from './admin/recount-command.js';
import { runMigrate } from './run/migrate-command.js';
import { runService } from './run/service-command.js';

const program = new Command('scoria').description(
  "A block-storage control plane that speaks OpenStack's Block Storage API v3.",
);

program
  .command('all')
  .description('the whole of Scoria in one process, with an embedded PostgreSQL')
  .option('--port <port>', 'TCP port of the API', port, 8776)
  .option('--data <dir>', 'where everything is kept', '.scoria')
  .action((options: { port: number; data: string }) => runAll(options));

for (const service of ['api', 'scheduler', 'volume'] as const) {
  program
    .command(service)
    .description(`the ${service} service`)
    .option('--config <file>', 'YAML; SCORIA_… variables win over it')
    .action(({ config }: { config?: string }) => runService(service, config));
}

const db = program.command('db').description('the database');

db.command('migrate')
  .description('bring the schema up to date')
  .option('--config <file>', 'YAML; SCORIA_… variables win over it')
  .action(({ config }: { config?: string }) => runMigrate(config));

db.command('recount')
  .description('make usages and claims equal to their rows, where the doctor found that they are not')
  .option('--config <file>', 'YAML; SCORIA_… variables win over it')
  .option('--data <dir>', 'of a single-process run, while it runs; the default is .scoria')
  .action((options: { config?: string; data?: string }) => runRecount(options));

program.addCommand(operationsCommand());
program.addCommand(doctorCommand());

program
  .command('cluster <action> [name]')
  .description('the distributed shape on this machine: up, down, status, kill NAME, start NAME')
  .option('--data <dir>', 'where everything is kept', '.scoria/cluster')
  .option('--base-port <port>', 'first of the TCP ports that are used', port, 18776)
  .action((action: string, name: string | undefined, options: { data: string; basePort: number }) =>
    runCluster(action, name, options),
  );

program
  .command('cluster-server <kind> <dataDir> <port> <readyFile>', { hidden: true })
  .action((kind: 'postgres' | 'rabbit', dataDir: string, at: string, readyFile: string) =>
    holdServer(kind, dataDir, port(at), readyFile),
  );

program.parseAsync().catch((error: unknown) => fail(error));

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('must be a TCP port.');
  return value;
}
