import { IsOptional, Matches } from 'class-validator';
import { Choice, Decimal, FreeForm, Text, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** One backend: a driver, its options, and how its volumes are reached. */
export class BackendConfig extends Redactable {
  /** The backend's part of `host@backend#pool`: letters, digits, `.`, `_`, `-`. Required, unique on the host. */
  @Text(100)
  @Matches(/^[A-Za-z0-9._-]+$/, { message: '$property may hold letters, digits, ".", "_" and "-" only' })
  name!: string;

  /** A built-in driver's name, or an npm package that exports one. Required. */
  @Text()
  driver!: string;

  /** The capability `volume_backend_name`, matched by type extra specs. Default: `name`. */
  @IsOptional()
  @Text()
  volumeBackendName?: string;

  /** How volumes are reached: `iscsi`, or `local` for clients on this host, which is not checked. Default `iscsi`. */
  @Choice(['iscsi', 'local'])
  export: 'iscsi' | 'local' = 'iscsi';

  /** The driver's own options; the driver checks them. Default: none. */
  @FreeForm()
  options: Record<string, unknown> = {};

  /** Percent of the total capacity that placement leaves free. Default 0. */
  @Whole(0, 100)
  reservedPercentage = 0;

  /** Provisioned over total capacity of a thin pool at most. Default: `scheduler.maxOverSubscriptionRatio`. */
  @IsOptional()
  @Decimal(1, 1000)
  maxOverSubscriptionRatio?: number;

  /** Capabilities published beside the driver's own, matched by type extra specs. Default: none. */
  @FreeForm()
  extraCapabilities: Record<string, unknown> = {};
}
