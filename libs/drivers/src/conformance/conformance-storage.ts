/** Real storage that a driver is tried on, and how to make the driver for it. */
export interface ConformanceStorage {
  /** As in the configuration: `file`, a package's name; or the `file:` URL of a module that exports the factory. */
  driver: string;
  /** The backend's options. */
  options: Record<string, unknown>;
  /** Empty at first. */
  stateDir: string;
  /** Nobody else writes to the storage meanwhile, so that free capacity can be told to the megabyte. */
  exclusive: boolean;
  /** Puts something there that is not Scoria's, of one GiB's nominal size, and gives its name. */
  addForeign?: () => Promise<string>;
  /** Takes the storage away. */
  dispose(): Promise<void>;
}

/** What a child process needs of it. */
export type StoragePlan = Pick<ConformanceStorage, 'driver' | 'options' | 'stateDir'>;

export const planOf = ({ driver, options, stateDir }: ConformanceStorage): StoragePlan => ({
  driver,
  options,
  stateDir,
});
