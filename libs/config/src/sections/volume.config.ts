import { hostname } from 'node:os';
import { IsOptional } from 'class-validator';
import { Section, Sections, Text, Whole } from '../fields.js';
import { Redactable } from '../redact.js';
import { BackendConfig } from './backend.config.js';
import { IscsiConfig } from './iscsi.config.js';

/** The volume service of one storage host. */
export class VolumeConfig extends Redactable {
  /** This host's name in `host@backend#pool`. It must stay the same for as long as volumes live on it. Default: the hostname. */
  @Text()
  host = hostname();

  /** Availability zone of this host's pools. Default `nova`. */
  @Text()
  availabilityZone = 'nova';

  /** Path of local locks and of what the exports keep. Default `/var/lib/scoria`. */
  @Text(4096)
  stateDir = '/var/lib/scoria';

  /** Seconds between two reports of the pools. Default 10. */
  @Whole(1, 3600)
  statsIntervalSeconds = 10;

  /** What this host serves. Default: nothing. */
  @IsOptional()
  @Sections(() => BackendConfig, 64)
  backends: BackendConfig[] = [];

  /** How this host exports over iSCSI. */
  @Section(() => IscsiConfig)
  iscsi: IscsiConfig = new IscsiConfig();
}
