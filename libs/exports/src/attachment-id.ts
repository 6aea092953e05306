import { isUuid } from '@scoria/domain';

/** Ids become names on the wire and paths: nothing but a UUID may. An id that is none is our own mistake. */
export function checkAttachmentId(attachmentId: string): string {
  if (!isUuid(attachmentId)) throw new Error('an attachment id must be a lower-case UUID');
  return attachmentId;
}
