import { rename, writeFile } from 'node:fs/promises';
import { PrivatePostgres, PrivateRabbit } from '@scoria/local-services';

/** What a holder writes once its server answers. */
export interface HeldServer {
  pid: number;
  url: string;
}

/** A variable with more variables, as JSON: those that the server itself gets. */
export const SERVER_ENVIRONMENT = 'SCORIA_SERVER_ENVIRONMENT';

const SERVERS = {
  postgres: (dataDir: string, port: number) =>
    PrivatePostgres.start({
      dataDir,
      port,
      log: console.log,
      env: JSON.parse(process.env[SERVER_ENVIRONMENT] ?? '{}') as Record<string, string>,
    }),
  rabbit: (dataDir: string, port: number) => PrivateRabbit.start({ dataDir, port, log: console.log }),
};

/**
 * Holds a private server for as long as the server lives. Servers end with the process that started them, and
 * `cluster up` itself ends, so each has a holder in the background.
 */
export async function holdServer(
  kind: keyof typeof SERVERS,
  dataDir: string,
  port: number,
  readyFile: string,
): Promise<void> {
  const starting = SERVERS[kind](dataDir, port);
  const stop = (): void => void starting.then((server) => server.stop());
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const server = await starting;
  const held: HeldServer = { pid: server.pid, url: server.url };
  await writeFile(`${readyFile}.new`, JSON.stringify(held), { mode: 0o600 });
  await rename(`${readyFile}.new`, readyFile);
  // The server does not keep its parent's event loop alive.
  const holding = setInterval(() => {}, 60_000);
  console.log(await server.exited);
  clearInterval(holding);
}
