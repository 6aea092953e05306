import { IsOptional } from 'class-validator';
import { Text, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** `/metrics`, `/live` and `/ready` of the scheduler and volume services; the gateway serves its own. */
export class MetricsConfig extends Redactable {
  /** Address to listen on. Default 127.0.0.1. */
  @Text()
  host = '127.0.0.1';

  /** TCP port; 0 takes any free one. Default: not served. */
  @IsOptional()
  @Whole(0, 65_535)
  port?: number;
}
