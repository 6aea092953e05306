import { Flag, Text, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** The iSCSI target daemon of a storage host. */
export class IscsiConfig extends Redactable {
  /** Address that initiators connect to. Default 127.0.0.1. */
  @Text()
  portalAddress = '127.0.0.1';

  /** TCP port of the portal. Default 3260. */
  @Whole(1, 65_535)
  portalPort = 3260;

  /** `tgtd`'s control port (`-C`), which tells several daemons on one host apart. Default 0. */
  @Whole(0, 32_767)
  controlPort = 0;

  /** Start of each target's name; the attachment's id follows. Default `iqn.2010-10.org.openstack:`. */
  @Text(100)
  targetPrefix = 'iqn.2010-10.org.openstack:';

  /** Whether the volume service starts and watches `tgtd` itself. Default false: the system runs it. */
  @Flag()
  startDaemon = false;
}
