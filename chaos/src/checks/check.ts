import type { Database } from '@scoria/store';
import type { Field } from '../field/field.js';
import type { Blow } from '../storm.js';
import type { EventFollower } from '../workload/event-follower.js';
import type { Ledger, Shelf } from '../workload/model.js';
import type { PatientClient, Seen } from '../workload/patient-client.js';
import type { Done } from '../workload/tenant.js';
import type { WebhookReceiver } from '../workload/webhook-receiver.js';

/** What a run leaves to be looked at, once everything has come to rest. */
export interface Scene {
  field: Field;
  database: Database;
  ledger: Ledger;
  /** By project. */
  shelves: ReadonlyMap<string, Shelf>;
  clients: ReadonlyMap<string, PatientClient>;
  /** Projects whose quota for volumes is tight; the others have no limits. */
  tight: ReadonlySet<string>;
  /** Requests that must have been accepted for the run to say anything. */
  leastAccepted: number;
  done: readonly Done[];
  blows: readonly Blow[];
  seen: Seen;
  follower: Pick<EventFollower, 'seen'>;
  receiver: Pick<WebhookReceiver, 'seen' | 'forged' | 'since'>;
  /** Services that did not get ready again. */
  unready: readonly string[];
}

/** Something that is not as it should be. */
export interface Finding {
  what: string;
  detail: string;
  /** Of the operation or the resource whose story tells more. */
  id?: string;
}

export interface Check {
  name: string;
  look(scene: Scene): Promise<Finding[]>;
}
