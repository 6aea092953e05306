import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { Chap, ConnectionInfo } from '../export-protocol.js';

const run = promisify(execFile);
/** An initiator that is refused says so at once, and one that reads a gigabyte takes its time; one that hangs is a failure. */
const TIMEOUT_MS = 45_000;
/** What `qemu-img compare` exits with when it works and the images differ. */
const DIFFERENT = 1;

/** Why this machine has no initiator for the kit, or undefined when it has. */
export async function initiatorAvailable(): Promise<string | undefined> {
  try {
    const { stdout } = await run('qemu-img', ['--help']);
    await run('qemu-io', ['--version']);
    return /Supported formats:.*\biscsi\b/.test(stdout) ? undefined : 'qemu lacks iSCSI (qemu-block-extra)';
  } catch {
    return 'qemu-img and qemu-io are not installed (Debian package qemu-utils)';
  }
}

export interface InitiatorOptions {
  /** The initiator's name; the kit's first client unless told. */
  name?: string;
  /** Instead of the credentials in the connection info; null logs in without any. */
  chap?: Chap | null;
  readOnly?: boolean;
}

export const CLIENT = 'iqn.2026-11.example.client:one';
export const OTHER_CLIENT = 'iqn.2026-11.example.client:two';

/** A client of an export: qemu's own iSCSI initiator, or its file access for local devices. */
export class Initiator {
  private readonly description: string;
  private readonly image: string[];

  constructor(info: ConnectionInfo, options: InitiatorOptions = {}) {
    this.description = info.driver_volume_type === 'local' ? localImage(info) : iscsiImage(info, options);
    this.image = [...(options.readOnly ? ['-r'] : []), '--image-opts', this.description];
  }

  /** Runs qemu-io commands in one session. Rejects with what qemu said when the login or any of them fails. */
  async io(...commands: string[]): Promise<string> {
    const args = [...commands.flatMap((command) => ['-c', command]), ...this.image];
    try {
      const { stdout } = await run('qemu-io', args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
      // A pattern that differs is printed, and yet exit code 0 in some versions.
      if (/Pattern verification failed|failed:/.test(stdout)) throw new Error(stdout);
      return stdout;
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      throw new Error(stderr.trim() || message, { cause: error });
    }
  }

  /** Whether the device holds the bytes of a raw file; what one of them has more must be zeros. */
  async holds(rawFile: string): Promise<boolean> {
    const file = `driver=raw,file.driver=file,file.filename=${rawFile}`;
    try {
      await run('qemu-img', ['compare', '--image-opts', this.description, file], { timeout: TIMEOUT_MS });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === DIFFERENT) return false;
      throw error;
    }
  }

  /** The device's size as a new session sees it, in bytes. */
  async size(): Promise<number> {
    const { stdout } = await run('qemu-img', ['info', '--output=json', ...this.image], {
      timeout: TIMEOUT_MS,
    });
    return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
  }

  /** Logs in and stays. */
  async stay(): Promise<InitiatorSession> {
    const session = new InitiatorSession(spawn('qemu-io', this.image));
    await session.prompt();
    return session;
  }
}

const PROMPT = 'qemu-io> ';

/** A session that stays open until it is closed. */
export class InitiatorSession implements AsyncDisposable {
  private output = '';

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    const take = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.stdin.on('error', () => undefined);
  }

  /** Runs one command and returns what it prints: until the next prompt. */
  async io(command: string): Promise<string> {
    this.output = '';
    this.child.stdin.write(`${command}\n`);
    return this.prompt();
  }

  /** Waits until qemu-io asks for a command, which it does when it is logged in. */
  prompt(): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.child.stdout.off('data', look);
        this.child.off('close', fail);
        settle();
      };
      const look = (): void => {
        if (this.output.endsWith(PROMPT)) end(() => resolve(this.output));
      };
      const fail = (): void => end(() => reject(new Error(`the session gave no answer: ${this.output}`)));
      const timer = setTimeout(fail, TIMEOUT_MS);
      this.child.stdout.on('data', look);
      this.child.on('close', fail);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise<void>((resolve) => this.child.once('close', () => resolve()));
    this.child.kill('SIGKILL');
    await closed;
  }
}

function localImage({ data }: ConnectionInfo): string {
  return `driver=raw,file.driver=file,file.locking=off,file.filename=${String(data['device_path'])}`;
}

function iscsiImage({ data }: ConnectionInfo, { name = CLIENT, chap }: InitiatorOptions): string {
  const given = { username: String(data['auth_username']), password: String(data['auth_password']) };
  const used = chap === undefined ? given : chap;
  return [
    'driver=iscsi',
    'transport=tcp',
    `portal=${String(data['target_portal'])}`,
    `target=${String(data['target_iqn'])}`,
    `lun=${String(data['target_lun'])}`,
    `initiator-name=${name}`,
    ...(used ? [`user=${used.username}`, `password=${used.password}`] : []),
  ].join(',');
}
