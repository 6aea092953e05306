import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isServer, type Member } from './layout.js';
import type { HeldServer } from './server-holder.js';
import { writeServiceConfig } from './service-config.js';
import { isAlive, type ClusterState, type ProcessState } from './state.js';

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

/** Starts a member in the background and waits until it answers. */
export async function startMember(state: ClusterState, member: Member): Promise<ProcessState> {
  if (isServer(member)) return startServer(state, member);
  const launched = await launchService(state, member);
  await untilReady(launched);
  return launched;
}

async function startServer(state: ClusterState, { name, kind, portOffset }: Member): Promise<ProcessState> {
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
  const held = await until(`${name} (see ${log})`, READY_LIMIT_MS, async () => {
    const text = await readFile(readyFile, 'utf8').catch(() => undefined);
    if (text === undefined && !isAlive(pid)) throw new Error(`${name} ended; see ${log}`);
    return text;
  });
  const { pid: server, url } = JSON.parse(held) as HeldServer;
  return { name, pid: server, log, url };
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
  return { name, pid, log, url: `http://127.0.0.1:${state.basePort + portOffset}` };
}

/** Resolves when the service says that it is ready; rejects when it has ended. */
export async function untilReady({ name, pid, log, url }: ProcessState): Promise<void> {
  await until(`${name} (see ${log})`, READY_LIMIT_MS, async () => {
    if (!isAlive(pid)) throw new Error(`${name} ended; see ${log}`);
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    return answer?.ok ? true : undefined;
  });
}

/** SIGTERM and, when that does not do, SIGKILL; waits until it is gone. */
export async function stopProcess({ name, pid }: ProcessState): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  await until(`the end of ${name}`, STOP_LIMIT_MS, async () => (isAlive(pid) ? undefined : true)).catch(() =>
    killProcess({ pid }),
  );
}

/** SIGKILL, and waits until it is gone. */
export async function killProcess({ pid }: Pick<ProcessState, 'pid'>): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGKILL');
  await until(`the end of ${pid}`, STOP_LIMIT_MS, async () => (isAlive(pid) ? undefined : true));
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
