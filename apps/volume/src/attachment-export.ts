import { Fault } from '@scoria/domain';
import {
  generateChap,
  type Chap,
  type ConnectionInfo,
  type Connector,
  type ExportOptions,
} from '@scoria/exports';
import { keepChap, type AttachmentRow, type Database, type SecretBox } from '@scoria/store';
import type { Backend } from './backend.js';

export interface ExportDeps {
  database: Database;
  secrets: SecretBox;
}

/**
 * Makes the attachment's export what its row says; used by the operation and by the reconciler. The credentials are
 * written down before the target gets them, so that a second run finds the same ones.
 */
export async function ensureExport(
  { database, secrets }: ExportDeps,
  backend: Backend,
  attachment: AttachmentRow,
  connector: Connector,
  options: ExportOptions = {},
): Promise<ConnectionInfo> {
  const volume = backend.volume({
    id: attachment.volumeId,
    projectId: '',
    size: attachment.volumeSize,
    pool: attachment.pool,
  });
  const device = await backend.driver.device(volume);
  if (!device) throw new Fault('badRequest', 'The backend keeps no data, so there is nothing to attach.');
  const sealed =
    attachment.chap ?? (await keepChap(database, attachment.id, secrets.seal(generateChap(), attachment.id)));
  return backend.exports.ensure(
    {
      attachmentId: attachment.id,
      volumeId: attachment.volumeId,
      device,
      sizeGib: attachment.volumeSize,
      mode: attachment.mode,
      connector,
      chap: secrets.open<Chap>(sealed, attachment.id),
    },
    options,
  );
}

/** What may lie in the database in the clear: everything but the password, which is sealed beside it. */
export function withoutPassword({ driver_volume_type, data }: ConnectionInfo): ConnectionInfo {
  const { auth_password: _, ...rest } = data;
  return { driver_volume_type, data: rest };
}
