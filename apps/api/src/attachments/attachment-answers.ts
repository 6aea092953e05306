import { Inject, Injectable } from '@nestjs/common';
import {
  ATTACHMENTS,
  attachmentSummaries,
  showAttachment,
  showConnection,
  type ShownAttachment,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { viewerOf } from '../lists/lists.js';
import { ChapSecrets } from './chap-secrets.js';

interface ConnectionData {
  auth_method?: string;
  auth_password?: string;
}

/** One attachment or connection as wire text, with the password that its initiator needs. */
@Injectable()
export class AttachmentAnswers {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(ChapSecrets) private readonly secrets: ChapSecrets,
  ) {}

  /** `{"attachment":{…}}`, the connection flat. */
  async attachment(call: Call, id: string, tx?: Tx): Promise<string> {
    const viewer = { ...viewerOf(call, ATTACHMENTS), projectId: call.scope };
    const shown = await showAttachment(tx ?? this.deps.database, viewer, id);
    const item = this.complete<{ connection_info: ConnectionData }>(id, shown, (row) => row.connection_info);
    return `{"attachment":${item}}`;
  }

  /** `{"connection_info":{driver_volume_type,data}}`. */
  async connection(call: Call, id: string): Promise<string> {
    const shown = await showConnection(this.deps.database, call.scope, id);
    return `{"connection_info":${this.complete<{ data: ConnectionData }>(id, shown, (row) => row.data)}}`;
  }

  /** `{"attachments":[…]}`: those that a volume has. */
  async remaining(call: Call, volumeId: string): Promise<string> {
    const items = await attachmentSummaries(this.deps.database, volumeId, viewerOf(call, ATTACHMENTS));
    return `{"attachments":${items}}`;
  }

  private complete<Row>(
    id: string,
    { item, chap }: ShownAttachment,
    dataOf: (row: Row) => ConnectionData,
  ): string {
    if (chap === null) return item;
    const row = JSON.parse(item) as Row;
    const data = dataOf(row);
    if (data.auth_method === undefined) return item;
    data.auth_password = this.secrets.passwordOf(chap, id);
    return JSON.stringify(row);
  }
}
