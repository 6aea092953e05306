import { IsObject, IsString, MaxLength } from 'class-validator';
import { defineCall } from './contract.js';

export class CapabilitiesRequest {
  /** `host@backend` or `host@backend#pool`. */
  @IsString()
  @MaxLength(255)
  host!: string;
}

/** The body of `GET /capabilities/{host}`, as the wire has it. */
export class CapabilitiesReply {
  @IsObject()
  capabilities!: Record<string, unknown>;
}

/** Asked of the volume service that serves the backend. */
export const backendCapabilities = defineCall(
  'backend.capabilities',
  1,
  CapabilitiesRequest,
  CapabilitiesReply,
);
