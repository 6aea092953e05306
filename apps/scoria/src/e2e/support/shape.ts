/** A running Scoria, as its users see it. */
export interface Shape {
  /** Gateways; a client may use any. */
  readonly urls: readonly string[];
  readonly imagesDir: string;
  /** Where `/metrics` is served, one URL for each process. */
  readonly metricsUrls: readonly string[];
  /** Every file that is a volume's or a snapshot's, on any host. */
  storedFiles(): Promise<string[]>;
  /** The names of the targets that this initiator is shown, on any host. */
  targets(initiator: string): Promise<string[]>;
  /** SIGKILL for every service at once, and a new start that finds its data. */
  crash(): Promise<void>;
  /** A clean stop; answers what still runs of it afterwards. */
  stop(): Promise<string[]>;
}
