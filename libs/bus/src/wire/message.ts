import { randomUUID } from 'node:crypto';
import { context, propagation } from '@opentelemetry/api';
import type { Contract } from '@scoria/contracts';
import { encodeBody } from './body.js';
import { HEADER, type Headers } from './headers.js';

/** A message as it crosses the bus, whatever carries it. */
export interface Message {
  readonly id: string;
  readonly headers: Headers;
  readonly content: Buffer;
}

export interface MessageOptions {
  requestId?: string | undefined;
  deadline?: Date;
}

/** Puts a body into a message that continues the active trace. Throws RefusedError when it is too large. */
export function encodeMessage(contract: Contract, body: object, options: MessageOptions): Message {
  const headers: Record<string, string> = {
    [HEADER.contract]: contract.name,
    [HEADER.version]: String(contract.version),
  };
  if (options.requestId !== undefined) headers[HEADER.requestId] = options.requestId;
  if (options.deadline !== undefined) headers[HEADER.deadline] = options.deadline.toISOString();
  propagation.inject(context.active(), headers);
  return { id: randomUUID(), headers, content: encodeBody(body) };
}
