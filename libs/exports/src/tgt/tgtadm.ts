import { CommandError, type CommandRunner } from '@scoria/commands';
import { showAccounts, showPortals, showSessions, showTargets, type TgtCommand } from './tgt-commands.js';
import {
  parseAccounts,
  parsePortals,
  parseSessions,
  parseTargets,
  type TgtSession,
  type TgtTarget,
} from './tgt-targets.js';

/** Which tgtd to speak to. */
export interface TgtAddress {
  /** tgtadm's `-C`: the number that ends the control socket's name. */
  controlPort: number;
  /** The control socket's path without the number; tgt's own `/var/run/tgtd/socket` when unset. */
  socketBase?: string;
}

/** tgtd answers within milliseconds, except while it opens a device on slow storage. */
const TIMEOUT_MS = 30_000;
/** A target takes 1.2 KiB of the list. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** What tgtadm says when no daemon answers, or when it dies before it has; the exit codes differ each time. */
const NO_DAEMON = /to tgt daemon|tgtd closed the socket|partial response|can't get the response/;

/** The environment that makes tgtd and tgtadm meet at a socket of our own, for which nobody needs to be root. */
export function tgtEnvironment(address: TgtAddress): Record<string, string> {
  return address.socketBase === undefined ? {} : { TGT_IPC_SOCKET: address.socketBase };
}

/** tgt's command line. */
export class Tgtadm {
  constructor(
    private readonly commands: Pick<CommandRunner, 'run'>,
    private readonly address: TgtAddress,
  ) {}

  /** @throws CommandError; none of its text holds the command's secrets */
  async run(command: TgtCommand, signal?: AbortSignal): Promise<string> {
    const args = ['-C', String(this.address.controlPort), ...command.args];
    const { stdout } = await this.commands.run('tgtadm', args, {
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      env: tgtEnvironment(this.address),
      ...(command.secrets ? { secrets: command.secrets } : {}),
      ...(signal ? { signal } : {}),
    });
    return stdout;
  }

  /** @throws UnreadableTargetError besides */
  async targets(signal?: AbortSignal): Promise<TgtTarget[]> {
    return parseTargets(await this.run(showTargets, signal));
  }

  /** One entry for each connection. */
  async sessions(tid: number, signal?: AbortSignal): Promise<TgtSession[]> {
    return parseSessions(await this.run(showSessions(tid), signal));
  }

  async accounts(signal?: AbortSignal): Promise<string[]> {
    return parseAccounts(await this.run(showAccounts, signal));
  }

  /** `address:port` of each listening socket, or undefined when no daemon answers. */
  async portals(): Promise<string[] | undefined> {
    try {
      return parsePortals(await this.run(showPortals));
    } catch (error) {
      if (isNoDaemon(error)) return undefined;
      throw error;
    }
  }
}

/** Whether a command failed because no tgtd answers. */
export function isNoDaemon(error: unknown): boolean {
  return error instanceof CommandError && NO_DAEMON.test(error.stderr);
}
