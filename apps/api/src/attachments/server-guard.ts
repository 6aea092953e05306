import type { ScoriaConfig } from '@scoria/config';
import { Fault } from '@scoria/domain';
import type { LockedAttachment } from '@scoria/store';
import type { Call } from '../frame/call.js';

/** A server may still be reading and writing. */
const IN_USE = ['attached', 'error_detaching'];

/**
 * Refuses to take away from a server what it uses: the host would go on with a device that soon is another volume's
 * (CVE-2023-2088). Cinder asks Nova whether the server still has it; without Nova only services may, and users detach
 * through Nova, which then comes with its service token.
 *
 * @throws Fault `conflict`
 */
export function refuseWhileServerUsesIt(
  { api }: Pick<ScoriaConfig, 'api'>,
  call: Call,
  attachment: Pick<LockedAttachment, 'instanceUuid' | 'hasConnection' | 'status'>,
): void {
  if (api.authStrategy === 'noauth' || !api.guardServerAttachments || call.context.isService) return;
  const { instanceUuid, hasConnection, status } = attachment;
  if (instanceUuid === null || !hasConnection || !IN_USE.includes(status)) return;
  throw new Fault('conflict', `Detach volume from instance ${instanceUuid} using the Compute API`);
}
