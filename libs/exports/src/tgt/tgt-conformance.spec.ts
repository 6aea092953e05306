import { describeUnless } from '../conformance/describe-unless.js';
import { exportConformance } from '../conformance/export-conformance.js';
import { initiatorAvailable } from '../conformance/initiator.js';
import { tgtAvailable } from './tgt-available.js';
import { startTgt } from './tgt-test-harness.js';

const reason = (await tgtAvailable()) ?? (await initiatorAvailable());

describeUnless(reason, 'tgt', () => {
  exportConformance('iSCSI through tgt', { enforcesAccess: true, start: startTgt });
});
