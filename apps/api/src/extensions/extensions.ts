export interface Extension {
  alias: string;
  name: string;
  description: string;
  updated: string;
  links: never[];
}

const extension = (alias: string, name: string, description: string): Extension => ({
  alias,
  name,
  description,
  updated: '2013-01-01T00:00:00+00:00',
  links: [],
});

/** Of the extensions that Cinder ships (cinder-map §1.13) those that are served here. */
export const EXTENSIONS: readonly Extension[] = [
  extension('os-admin-actions', 'AdminActions', 'Reset, force-delete and force-detach.'),
  extension('os-availability-zone', 'AvailabilityZones', 'Zones of storage.'),
  extension('capabilities', 'Capabilities', 'What a backend can do.'),
  extension('os-extended-services', 'ExtendedServices', 'Why a service is disabled.'),
  extension(
    'os-extended-snapshot-attributes',
    'ExtendedSnapshotAttributes',
    'Project and progress of snapshots.',
  ),
  extension('os-hosts', 'Hosts', 'Hosts of services.'),
  extension('os-quota-class-sets', 'QuotaClasses', 'Limits of projects without their own.'),
  extension('os-quota-sets', 'Quotas', 'Limits of a project.'),
  extension('OS-SCH-HNT', 'SchedulerHints', 'Hints for placement.'),
  extension('scheduler-stats', 'Scheduler_stats', 'Pools and their capacity.'),
  extension('os-services', 'Services', 'The state of services.'),
  extension('os-snapshot-actions', 'SnapshotActions', 'Statuses of snapshots that Nova takes.'),
  extension('os-types-extra-specs', 'TypesExtraSpecs', 'Extra specs of volume types.'),
  extension('os-types-manage', 'TypesManage', 'Making and removing volume types.'),
  extension('os-used-limits', 'UsedLimits', 'What is used of the limits.'),
  extension('os-volume-actions', 'VolumeActions', 'Actions on volumes.'),
  extension('os-volume-encryption-metadata', 'VolumeEncryptionMetadata', 'How a volume is encrypted.'),
  extension('os-vol-host-attr', 'VolumeHostAttribute', 'Where a volume is.'),
  extension('os-vol-image-meta', 'VolumeImageMetadata', 'Which image a volume was made from.'),
  extension('os-vol-mig-status-attr', 'VolumeMigStatusAttribute', 'Whether a volume migrates.'),
  extension('os-vol-tenant-attr', 'VolumeTenantAttribute', 'Whose a volume is.'),
  extension('os-volume-type-access', 'VolumeTypeAccess', 'Projects that may use a private type.'),
];
