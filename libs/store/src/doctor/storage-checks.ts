import type { StorageCheck } from '@scoria/contracts';
import type { Finding } from './report.js';

/** What the findings of a backend are called, and what mends them. */
export const STORAGE_TEXTS: Readonly<Record<StorageCheck, Pick<Finding, 'finds' | 'mend' | 'level'>>> = {
  'item-without-row': {
    level: 'wrong',
    finds: 'something on the storage that no row knows',
    mend: 'look at it on its host; remove it there by hand once you know that nobody needs it',
  },
  'row-without-item': {
    level: 'wrong',
    finds: 'a row at rest whose bytes are not on its storage',
    mend: 'is the file system mounted? Bring the bytes back, or give the row up: cinder force-delete ID (snapshot-delete --force ID)',
  },
  'export-without-attachment': {
    level: 'wrong',
    finds: 'an export that no attachment owns',
    mend: 'scoria volume ends it within half a minute, 100 in an hour at most; restart it to look at once',
  },
  'attachment-without-export': {
    level: 'wrong',
    finds: 'an attachment whose export is not served',
    mend: 'scoria volume makes it again within half a minute, or its log says why not; else cinder attachment-delete {subject}',
  },
  'foreign-export': {
    level: 'note',
    finds: 'an export that is not of Scoria; it is left alone',
    mend: 'none is needed, unless you did not expect it',
  },
};
