import { chmodSync } from 'node:fs';
import { type IncomingMessage, createServer, request } from 'node:http';
import { join } from 'node:path';
import type { TestServices } from './test-services.js';

/** Names the socket on which the process that runs the tests hands out its servers. */
export const SERVICES_VARIABLE = 'SCORIA_TEST_SERVICES';

const LONGEST_ANSWER = 64 * 1024;

type Answer = Record<string, string>;
type Handler = (services: TestServices, argument: string) => Promise<Answer>;

const HANDLERS: Record<string, Handler> = {
  database: async (services) => ({ url: await services.databaseUrl() }),
  'add-vhost': (services) => services.addVhost(),
  'delete-vhost': async (services, vhost) => {
    await services.deleteVhost(vhost);
    return {};
  },
};

/**
 * Hands out the run's servers to the processes that run its tests, over HTTP on a Unix socket that only this user can
 * reach. Sets {@link SERVICES_VARIABLE} for them.
 * @returns what closes the socket.
 */
export async function serveTestServices(services: TestServices): Promise<() => Promise<void>> {
  const path = join(services.directory, 'services.sock');
  const server = createServer((incoming, response) => {
    const [, name = '', argument = ''] = (incoming.url ?? '').split('/');
    const handler =
      HANDLERS[name] ?? (() => Promise.reject(new Error(`no test service is called "${name}"`)));
    handler(services, decodeURIComponent(argument)).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chmodSync(path, 0o600);
  server.unref();
  process.env[SERVICES_VARIABLE] = path;
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Asks the process that runs the tests for one of its servers. */
export async function askTestServices(name: string, argument = ''): Promise<Answer> {
  const socketPath = process.env[SERVICES_VARIABLE];
  if (!socketPath)
    throw new Error(`${SERVICES_VARIABLE} is not set: run the tests with the workspace's jest.config.mjs`);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/${name}/${encodeURIComponent(argument)}`;
    request({ socketPath, path, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > LONGEST_ANSWER)
      throw new Error(`the answer to ${name} is longer than ${LONGEST_ANSWER} bytes`);
  }
  if (response.statusCode !== 200) throw new Error(`the test run cannot answer "${name}": ${text}`);
  return JSON.parse(text) as Answer;
}
