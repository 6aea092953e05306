import type { Connector } from './connector.js';

/** One attachment's wish for a way to its volume's device. */
export interface ExportRequest {
  /** Names the export. Never used for a second one, so a late removal cannot hit another's export. */
  attachmentId: string;
  volumeId: string;
  /** An absolute path: a regular file or a block device. Clients may free its blocks where `discard` says so. */
  device: { path: string; discard: boolean };
  /** The volume's nominal size. A device more than 1 GiB below it is the wrong device and is not served. */
  sizeGib: number;
  mode: 'rw' | 'ro';
  connector: Connector;
  chap: Chap;
}

/** An export whose device has another size than before. */
export type RefreshRequest = Pick<ExportRequest, 'attachmentId' | 'device' | 'sizeGib'>;

/**
 * What an initiator proves itself with. The two belong together: a new password comes with a new user name, since
 * no target tells which password it holds and the name is all that can be compared.
 */
export interface Chap {
  username: string;
  password: string;
}

/** The wire shape that clients hand to os-brick (cinder-map §4.5). Holds the CHAP password: a secret. */
export interface ConnectionInfo {
  driver_volume_type: string;
  data: Record<string, unknown>;
}

export interface ExportOptions {
  /** Gives up while nothing was changed yet. A change that has begun takes milliseconds and is carried through. */
  signal?: AbortSignal;
}

export interface ServedExport {
  /** Unset when the export is not one of ours: it is reported, and never touched. */
  attachmentId: string | undefined;
  /** The name under which it is served. */
  name: string;
  /** Whether a client can use it: one that was cut off while it was made has a name and no more. */
  complete: boolean;
  /** Whom it lets in, where the protocol tells clients apart. */
  initiator?: string;
}

/**
 * Makes devices reachable, one export per attachment. Every method may be called again after a crash at any point:
 * what is served is read from the protocol's own daemon each time, and only the difference is done.
 */
export interface ExportProtocol {
  /** As published in pool states: the canonical name first, synonyms after it. */
  readonly storageProtocol: string[];

  /** Starts or finds what serves the exports. Comes before anything else; after a failure it may be called again. */
  setup(): Promise<void>;

  /** @throws Fault badRequest that names what the connector lacks */
  validateConnector(connector: Connector): void;

  /**
   * Makes the export equal to the request, whether it exists or not.
   *
   * @throws Fault badRequest for the connector, `ExportsAway` (unavailable) when the daemon does not run, else `internal`
   */
  ensure(request: ExportRequest, options?: ExportOptions): Promise<ConnectionInfo>;

  /** Ends the export and the sessions that use it. An export that does not exist is none to remove. */
  remove(attachmentId: string, options?: ExportOptions): Promise<void>;

  /**
   * Shows initiators the device's new size after an extend. Does nothing for an attachment that is not served:
   * `ensure` reads the size anew. May be called again after any failure, like all others.
   *
   * @throws Fault as `ensure`
   */
  refreshSize(request: RefreshRequest, options?: ExportOptions): Promise<void>;

  /** What is really served at this moment, others' exports included. */
  list(options?: ExportOptions): Promise<ServedExport[]>;

  /** Stops looking after the exports. They stay served, so that data flows while the service restarts. */
  close(): Promise<void>;
}
