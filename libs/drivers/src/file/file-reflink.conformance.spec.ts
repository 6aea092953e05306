import { conformOn } from '../test-support/conform-on.js';

/** Where copies share blocks. */
await conformOn('xfs');
