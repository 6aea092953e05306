import type { Connector } from '../connector.js';
import type { ExportProtocol } from '../export-protocol.js';

/** An export protocol at work, in a place of its own. */
export interface RunningExport {
  protocol: ExportProtocol;
  /** A connector of the initiator of that IQN. */
  connector(initiator: string): Connector;
  /** Leaves `protocol` as a killed service would, and sets a new one up over the same state. */
  restartService(): Promise<ExportProtocol>;
  /** Serves something that is not one of ours, behind the protocol's back. Returns its name. */
  serveForeign(): Promise<string>;
  /** Kills what serves the exports, and waits until it is back and the protocol has said so. */
  killDaemon?(): Promise<void>;
  /** Leaves nothing behind. */
  destroy(): Promise<void>;
}

export interface ExportHarness {
  /** Whether the protocol tells initiators apart, asks for CHAP and enforces `ro`. */
  enforcesAccess: boolean;
  start(): Promise<RunningExport>;
}
