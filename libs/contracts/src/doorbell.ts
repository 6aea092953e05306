import { IsInt, IsUUID, Min } from 'class-validator';
import { defineCast } from './contract.js';

/** "There is work for you": the operation's row says what. Losing it costs a sweep interval. */
export class Doorbell {
  @IsUUID()
  operationId!: string;

  /** The step that is due; a receiver whose row is further along ignores the bell. */
  @IsInt()
  @Min(0)
  step!: number;
}

export const doorbell = defineCast('operation.doorbell', 1, Doorbell);
