import { conformOn } from '../test-support/conform-on.js';

/** Where copies are copies. */
await conformOn('ext4', 'temporaryDirectory');
