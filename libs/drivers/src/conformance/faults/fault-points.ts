import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { CommandRunner, type CommandOptions, type CommandResult } from '@scoria/commands';

/**
 * What happens at a fault point: `freeze` never returns, which to the storage is the same as a process that died
 * there; `fail` is storage that fails once.
 */
export type FaultKind = 'freeze' | 'fail';

let armed: { kind: FaultKind; at: number; onFreeze: () => void } | undefined;
let passed = 0;
/** Keeps what is frozen alive: Node ends a process whose open file handles are collected as garbage. */
const frozen: (() => void)[] = [];

/** Runs `action` with a fault before its file or command call number `at`, counted from 1. */
export async function withFault(
  kind: FaultKind,
  at: number,
  action: () => Promise<void>,
): Promise<'done' | 'failed' | 'frozen' | 'noSuchPoint'> {
  passed = 0;
  const untilFrozen = new Promise<'frozen'>((resolve) => {
    armed = { kind, at, onFreeze: () => resolve('frozen') };
  });
  try {
    const acted = action().then(
      () => 'done' as const,
      () => 'failed' as const,
    );
    const outcome = await Promise.race([acted, untilFrozen]);
    return passed < at ? 'noSuchPoint' : outcome;
  } finally {
    armed = undefined;
  }
}

async function faultPoint(): Promise<void> {
  if (armed === undefined || ++passed !== armed.at) return;
  if (armed.kind === 'fail') throw Object.assign(new Error('EIO: a fault was put here'), { code: 'EIO' });
  armed.onFreeze();
  await new Promise<void>((resume) => frozen.push(resume));
}

/** A runner whose every command is one fault point; the files that it reads itself are none. */
export class FaultyCommandRunner extends CommandRunner {
  override run(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
    return asOnePoint(() => super.run(program, args, options));
  }

  override killSurvivors(): Promise<number> {
    return asOnePoint(() => super.killSurvivors());
  }
}

async function asOnePoint<T>(action: () => Promise<T>): Promise<T> {
  await faultPoint();
  const setAside = armed;
  armed = undefined;
  try {
    return await action();
  } finally {
    armed = setAside;
  }
}

type Call = (...args: unknown[]) => Promise<unknown>;

/** Makes every promise-returning file call of this process a fault point. Not `close`, whose failure loses nothing. */
export async function instrumentFiles(): Promise<void> {
  const file = await fs.promises.open('/dev/null');
  await file.close();
  wrapAll(Object.getPrototypeOf(file) as Record<string, Call>, [
    'sync',
    'datasync',
    'truncate',
    'write',
    'stat',
    'read',
  ]);
  const calls = fs.promises as unknown as Record<string, Call>;
  wrapAll(
    calls,
    Object.keys(calls).filter((name) => typeof calls[name] === 'function'),
  );
  syncBuiltinESMExports();
}

function wrapAll(holder: Record<string, Call>, names: string[]): void {
  for (const name of names) {
    const original = holder[name]!;
    holder[name] = async function (this: unknown, ...args: unknown[]) {
      await faultPoint();
      return original.apply(this, args);
    };
  }
}
