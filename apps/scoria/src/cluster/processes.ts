import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '@scoria/local-services';
import { lastWords } from './last-words.js';
import { isServer, type Member } from './layout.js';
import type { HeldServer } from './server-holder.js';
import { writeServiceConfig } from './service-config.js';
import { stillRuns, type ClusterState, type ProcessState } from './state.js';

const SCORIA = fileURLToPath(new URL('../../bin/scoria.mjs', import.meta.url));
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const POLL_MS = 50;

export interface LaunchOptions {
  /** `bin/scoria.mjs` of another build. */
  program?: string;
  /** On top of this process's environment. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Starts a member in the background and waits until it answers.
 *
 * @param note told of the process as soon as there is one, so that it is known even if nobody waits to the end
 */
export async function startMember(
  state: ClusterState,
  member: Member,
  note: (begun: ProcessState) => void = () => undefined,
): Promise<ProcessState> {
  if (isServer(member)) return startServer(state, member, note);
  const launched = await launchService(state, member);
  note(launched);
  await untilReady(launched);
  return launched;
}

async function startServer(
  state: ClusterState,
  { name, kind, portOffset }: Member,
  note: (begun: ProcessState) => void,
): Promise<ProcessState> {
  const { dataDir, basePort } = state;
  const readyFile = join(dataDir, `${name}.ready`);
  await rm(readyFile, { force: true });
  const { pid, log } = await background(state, name, [
    'cluster-server',
    kind,
    join(dataDir, name),
    String(basePort + portOffset),
    readyFile,
  ]);
  const holder = { pid, identity: processIdentity(pid) };
  note({ name, ...holder, log, url: '' });
  const held = await until(`${name} (see ${log})`, READY_LIMIT_MS, async () => {
    const text = await readFile(readyFile, 'utf8').catch(() => undefined);
    if (text === undefined && !stillRuns(holder)) throw await endOf(name, log);
    return text;
  });
  const { pid: server, url } = JSON.parse(held) as HeldServer;
  return { name, pid: server, identity: processIdentity(server), holder, log, url };
}

/** Starts a service in the background. Its process is there when this resolves, its work begins a little later. */
export async function launchService(
  state: ClusterState,
  member: Member,
  options: LaunchOptions = {},
): Promise<ProcessState> {
  const { name, kind, portOffset } = member;
  const config = await writeServiceConfig(state, member);
  const { pid, log } = await background(state, name, [kind, '--config', config], options);
  const url = `http://127.0.0.1:${state.basePort + portOffset}`;
  return { name, pid, identity: processIdentity(pid), log, url };
}

/** Resolves when the service says that it is ready and misses nothing; rejects when it has ended. */
export async function untilReady(service: ProcessState): Promise<void> {
  const { name, log } = service;
  await until(`${name} (see ${log})`, READY_LIMIT_MS, async () => {
    if (!stillRuns(service)) throw await endOf(name, log);
    return (await missesNothing(service)) ? true : undefined;
  });
}

/** With what it said: its log may go with its cluster. */
const endOf = async (name: string, log: string): Promise<Error> =>
  new Error(`${name} ended: ${await lastWords(dirname(log), name)}; see ${log}`);

/** A gateway is ready without the broker; this asks for that, too. */
export async function missesNothing(
  { url }: Pick<ProcessState, 'url'>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/ready`, signal ? { signal } : {});
    const { reasons } = (await answer.json()) as { reasons: string[] };
    return answer.ok && reasons.length === 0;
  } catch {
    return false;
  }
}

/**
 * SIGTERM and, when that does not do, SIGKILL; waits until it is gone, and so is what was there for it alone. A server's
 * holder is asked, which knows how: by SIGTERM PostgreSQL itself waits until its last client has left.
 */
export async function stopProcess(member: ProcessState): Promise<void> {
  const { holder } = member;
  const asked = holder && stillRuns(holder) ? holder : member;
  await endProcess(member, 'SIGTERM', asked.pid).catch(() => killProcess(member));
}

/** SIGKILL, and waits until it is gone. */
export const killProcess = (member: ProcessState): Promise<void> => endProcess(member, 'SIGKILL');

/**
 * Sends a signal that ends it, to it or to `pid` in its stead, and waits until it is gone, and its holder, too: the next one
 * would find this one's claim on the data.
 */
export async function endProcess(
  member: ProcessState,
  signal: NodeJS.Signals,
  pid = member.pid,
): Promise<void> {
  if (!stillRuns(member)) return;
  process.kill(pid, signal);
  const { holder } = member;
  const gone = (): boolean => !stillRuns(member) && (holder === undefined || !stillRuns(holder));
  await until(`the end of ${member.name}`, STOP_LIMIT_MS, async () => (gone() ? true : undefined));
}

async function background(
  { dataDir, settings }: ClusterState,
  name: string,
  args: string[],
  { program = SCORIA, env = {} }: LaunchOptions = {},
): Promise<{ pid: number; log: string }> {
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  const log = join(dataDir, 'logs', `${name}.log`);
  const output = openSync(log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [program, ...args], {
      detached: true,
      env: { ...process.env, ...settings?.[name]?.env, ...env },
      stdio: ['ignore', output, output],
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${name} could not be started`);
    return { pid: child.pid, log };
  } finally {
    closeSync(output);
  }
}

async function until<T>(what: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await delay(POLL_MS);
  }
}
