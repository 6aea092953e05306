import { processIdentity } from './process-identity.js';

/** Names whom a command works for. Read back from /proc by `survivors.ts`. */
export const OWNER_VARIABLE = 'SCORIA_COMMAND_OWNER';
/** Names the process that started a command, as `pid:start`. */
export const SERVICE_VARIABLE = 'SCORIA_COMMAND_SERVICE';

/** What a command inherits. Not everything: the service's own environment may hold passwords. */
const INHERITED = ['HOME', 'TMPDIR', 'TZ', 'LD_LIBRARY_PATH', 'XDG_RUNTIME_DIR'];

/** Where storage tools live, and which the PATH of an unprivileged user often lacks. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export function searchPath(): string[] {
  const own = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin')
    .split(':')
    .filter((part) => part !== '');
  return [...own, ...SYSTEM_DIRECTORIES.filter((directory) => !own.includes(directory))];
}

/** LC_ALL=C: messages and numbers are read by programs. */
export async function commandEnvironment(
  owner: string,
  added: Record<string, string> = {},
): Promise<Record<string, string>> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    PATH: searchPath().join(':'),
    LC_ALL: 'C',
    ...added,
    [OWNER_VARIABLE]: owner,
    [SERVICE_VARIABLE]: (await processIdentity(process.pid)) ?? String(process.pid),
  };
}
