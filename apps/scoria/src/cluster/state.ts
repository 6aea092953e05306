import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@scoria/local-services';

export interface ProcessState {
  name: string;
  /** The process that is meant: of a server, the server itself, or its holder until it answers. */
  pid: number;
  /** Tells it from a later process with the same id; undefined when it had ended before it was noted. */
  identity: string | undefined;
  /** Of a server, the process that holds it, stops it when asked to, and ends with it. */
  holder?: Pick<ProcessState, 'pid' | 'identity'>;
  log: string;
  /** Empty until a server answers. */
  url: string;
}

/** What makes a member differ from the others of its kind. */
export interface MemberSettings {
  /** Beside what the process that starts it has. */
  env?: Record<string, string>;
  /** Ways of its own to the servers, for example through a proxy. */
  databaseUrl?: string;
  amqpUrl?: string;
}

/** `DIR/cluster.json`: what runs where. Read by tests, benchmarks and curious operators. */
export interface ClusterState {
  dataDir: string;
  basePort: number;
  databaseUrl: string;
  amqpUrl: string;
  /** The gateways. */
  apiUrls: string[];
  processes: Record<string, ProcessState>;
  /** Whether webhooks may go to this machine. Absent for services of a release that knew none. */
  loopbackWebhooks?: boolean;
  /** By member. */
  settings?: Record<string, MemberSettings>;
}

const fileIn = (dataDir: string): string => join(dataDir, 'cluster.json');

export async function readState(dataDir: string): Promise<ClusterState | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), 'utf8')) as ClusterState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** At one go: members that start side by side are noted one by one, and none may be missing when this process is ended. */
export function writeState(state: ClusterState): void {
  const file = fileIn(state.dataDir);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Whether this very process runs: after a restart of the machine its id may be a stranger's. */
export const stillRuns = ({ pid, identity }: Pick<ProcessState, 'pid' | 'identity'>): boolean =>
  identity !== undefined && processIdentity(pid) === identity;
