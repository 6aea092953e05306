import { IsInt, IsUUID, Min } from 'class-validator';
import { defineCast } from './contract.js';

/** "There is work for you": the operation's row says what. Losing it costs a sweep interval. */
export class Doorbell {
  @IsUUID()
  operationId!: string;

  /** The step that was due when it rang: for whoever reads the message. What is due now only the row says. */
  @IsInt()
  @Min(0)
  step!: number;
}

export const doorbell = defineCast('operation.doorbell', 1, Doorbell);
