import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of a service's log. */
export interface LogLine {
  service: string;
  time: number;
  fields: Record<string, unknown>;
}

/** Fields that every line has, and that a story does without. */
const DULL = new Set(['level', 'time', 'pid', 'hostname', 'service', 'name', 'spanId']);

/** Every JSON line of every service's log in which one of `ids` is said, in the order of time. */
export async function linesAbout(logsDir: string, ids: readonly string[]): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for (const file of await readdir(logsDir)) {
    const lines = (await readFile(join(logsDir, file), 'utf8')).split('\n');
    for (const line of lines) {
      if (!line.startsWith('{') || !ids.some((id) => line.includes(id))) continue;
      const fields = parsed(line);
      if (fields) found.push({ service: file.replace(/\.log$/, ''), time: timeOf(fields['time']), fields });
    }
  }
  return found.sort((a, b) => a.time - b.time);
}

export function toText({ service, time, fields }: LogLine): string {
  const said = Object.entries(fields)
    .filter(([name]) => !DULL.has(name) && name !== 'message')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${new Date(time).toISOString()} ${service}: ${String(fields['message'])} ${said.join(' ')}`.slice(
    0,
    600,
  );
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // A process was killed while it wrote.
    return undefined;
  }
}

const timeOf = (time: unknown): number =>
  typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : 0;
