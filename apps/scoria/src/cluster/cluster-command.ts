import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { endTgtDaemon } from '@scoria/exports';
import { migrate } from '@scoria/store';
import { iscsiStateDir } from '@scoria/volume';
import { MEMBERS, isServer, memberOf, type Member } from './layout.js';
import { killProcess, startMember, stopProcess, untilReady } from './processes.js';
import { stateDirOf } from './service-config.js';
import { readState, stillRuns, writeState, type ClusterState, type ProcessState } from './state.js';
import { makeVolumeTypes } from './volume-types.js';

export interface ClusterOptions {
  data: string;
  basePort: number;
}

/** `scoria cluster …`: the distributed shape on one machine. */
export async function runCluster(
  action: string,
  name: string | undefined,
  options: ClusterOptions,
): Promise<void> {
  const dataDir = resolve(options.data);
  const actions: Record<string, () => Promise<void>> = {
    up: () => up(dataDir, options.basePort),
    down: async () => down(await present(dataDir)),
    status: async () => status(await present(dataDir)),
    kill: async () => kill(await present(dataDir), memberOf(name)),
    start: async () => start(await present(dataDir), memberOf(name)),
  };
  const run = actions[action];
  if (!run) throw new Error(`name one of ${Object.keys(actions).join(', ')}`);
  await run();
}

async function up(dataDir: string, basePort: number): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const old = await readState(dataDir);
  const state: ClusterState = {
    dataDir,
    basePort: old?.basePort ?? basePort,
    databaseUrl: old?.databaseUrl ?? '',
    amqpUrl: old?.amqpUrl ?? '',
    apiUrls: [],
    loopbackWebhooks: true,
    processes: old?.processes ?? {},
  };
  state.apiUrls = MEMBERS.filter(({ kind }) => kind === 'api').map(
    ({ portOffset }) => `http://127.0.0.1:${state.basePort + portOffset}`,
  );
  writeState(state);
  await startAll(state, MEMBERS.filter(isServer));
  await migrate(state.databaseUrl);
  await makeVolumeTypes(state.databaseUrl);
  await startAll(
    state,
    MEMBERS.filter((member) => !isServer(member)),
  );
  status(state);
}

/** Starts what does not run, all at once. */
async function startAll(state: ClusterState, members: readonly Member[]): Promise<void> {
  endBetweenTurns();
  const started = await Promise.allSettled(
    members.map(async (member) => {
      if (!(await isUp(member, state.processes[member.name]))) await startOne(state, member);
      noteUrl(state, member);
    }),
  );
  writeState(state);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** A signal ends this process between two turns of its loop: never after a process was begun and before it is noted. */
function endBetweenTurns(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.kill(process.pid, signal));
}

/**
 * Whether it was started before. What an interrupted `up` has begun gets its time to be ready, or is only waiting for what does
 * not run here; a server that does not answer yet is ended.
 */
async function isUp(member: Member, known: ProcessState | undefined): Promise<boolean> {
  if (!known || !stillRuns(known)) return false;
  if (!isServer(member)) await untilReady(known).catch(() => undefined);
  else if (!known.url) await stopProcess(known);
  return stillRuns(known);
}

/** Noted at once, so that `down` and the next `up` find it even when this one is interrupted. */
async function startOne(state: ClusterState, member: Member): Promise<void> {
  const note = (process: ProcessState): void => {
    state.processes[member.name] = process;
    writeState(state);
  };
  note(await startMember(state, member, note));
  console.log(`${member.name} is up`);
}

function noteUrl(state: ClusterState, { name, kind }: Member): void {
  const { url } = state.processes[name]!;
  if (kind === 'postgres') state.databaseUrl = url;
  if (kind === 'rabbit') state.amqpUrl = url;
}

/** Services first, then what they stand on. */
async function down(state: ClusterState): Promise<void> {
  for (const members of [MEMBERS.filter((member) => !isServer(member)), MEMBERS.filter(isServer)]) {
    await Promise.all(
      members.map(async ({ name }) => state.processes[name] && stopProcess(state.processes[name])),
    );
  }
  for (const { host } of MEMBERS.filter(({ kind }) => kind === 'volume')) {
    await endTgtDaemon(iscsiStateDir({ stateDir: stateDirOf(state, host) }));
  }
  console.log('The cluster is down. Its data stays.');
}

async function kill(state: ClusterState, { name }: Member): Promise<void> {
  const known = state.processes[name];
  if (known) await killProcess(known);
  console.log(`${name} is killed`);
}

async function start(state: ClusterState, member: Member): Promise<void> {
  await startAll(state, [member]);
}

function status(state: ClusterState): void {
  const rows = Object.values(state.processes).map((known) => [
    known.name.padEnd(12),
    (stillRuns(known) ? 'up' : 'down').padEnd(6),
    String(known.pid).padStart(8),
    `  ${withoutPassword(known.url)}  ${known.log}`,
  ]);
  console.log(rows.map((row) => row.join('')).join('\n'));
}

function withoutPassword(url: string): string {
  if (!url) return '-';
  const parsed = new URL(url);
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}

async function present(dataDir: string): Promise<ClusterState> {
  const state = await readState(dataDir);
  if (!state) throw new Error(`there is no cluster in ${dataDir}; make one with: npm run cluster -- up`);
  return state;
}
