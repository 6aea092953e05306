import {
  DeadlineError,
  MAX_SUBJECTS,
  RefusedError,
  UnroutableError,
  backendExamination,
  type Bus,
  type ExaminationReply,
} from '@scoria/contracts';
import { describeError, volumeQueue } from '@scoria/domain';
import type { Finding } from './report.js';
import { secondsAhead } from './seconds-ahead.js';
import { STORAGE_TEXTS } from './storage-checks.js';

/** Seconds that a host's clock may differ: calls carry their deadline by the asker's. */
const CLOCK_TOLERANCE = 2;

/** Backends that are asked at once: theirs is the work, ours the answers in memory, each some kilobytes. */
const AT_ONCE = 64;

export interface AskOptions {
  bus: Bus;
  limit: number;
  /** Milliseconds for all of them together. */
  timeoutMs: number;
  /** What the database's clock is ahead of this process's, in seconds. */
  clockAheadSeconds: number;
}

export interface AskedBackend {
  backend: string;
  /** Undefined when it did not answer. */
  reply: ExaminationReply | undefined;
  findings: Finding[];
}

/** Asks every backend. One that has not answered in time is a finding of its own. */
export async function askBackends(backends: readonly string[], options: AskOptions): Promise<AskedBackend[]> {
  const deadline = new Date(Date.now() + options.timeoutMs);
  const answers: AskedBackend[] = [];
  const left = [...backends];
  const work = async (): Promise<void> => {
    for (let backend = left.shift(); backend !== undefined; backend = left.shift())
      answers.push(await ask(backend, deadline, options));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers.sort((a, b) => (a.backend < b.backend ? -1 : 1));
}

async function ask(backend: string, deadline: Date, options: AskOptions): Promise<AskedBackend> {
  const { bus, limit, clockAheadSeconds } = options;
  try {
    const body = { host: backend, limit: Math.min(limit, MAX_SUBJECTS) };
    const asked = Date.now();
    const reply = await bus.call(backendExamination, volumeQueue(backend), body, { deadline });
    const ahead = secondsAhead(Date.parse(reply.clock), asked, Date.now()) - clockAheadSeconds;
    const found = reply.findings.map(({ check, count, subjects }) => ({
      check,
      ...STORAGE_TEXTS[check],
      count,
      subjects: subjects.map(({ subject, detail }) => ({ subject, detail: `${backend}: ${detail}` })),
    }));
    return { backend, reply, findings: [...found, ...clockFinding(backend, ahead)] };
  } catch (error) {
    return { backend, reply: undefined, findings: [silent(backend, error)] };
  }
}

function clockFinding(backend: string, ahead: number): Finding[] {
  if (Math.abs(ahead) <= CLOCK_TOLERANCE) return [];
  return [
    {
      check: 'clock-offset',
      level: 'wrong',
      finds: `a host whose clock differs from the database's by more than ${CLOCK_TOLERANCE} s`,
      mend: 'set its clock by NTP: calls over the bus carry their deadlines',
      count: 1,
      subjects: [{ subject: backend, detail: `${ahead.toFixed(1)} s ahead` }],
    },
  ];
}

function silent(backend: string, error: unknown): Finding {
  return {
    check: 'backend-silent',
    level: 'wrong',
    finds: 'a backend that does not answer; its storage and exports were not looked at',
    mend: 'look at /ready and the log of scoria volume on its host, and start it if it is down',
    count: 1,
    subjects: [{ subject: backend, detail: reasonOf(error).slice(0, 300) }],
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof UnroutableError) return 'nobody serves its queue';
  if (error instanceof DeadlineError) return 'no answer in time; its clock may be far off, too';
  if (error instanceof RefusedError) return 'its service is of an older version, which cannot be asked this';
  return describeError(error);
}
