import type { PoolState } from '@scoria/domain';

/** A protocol's canonical name, and what type extra specs may call it as well (cinder-map §4.3). */
const PROTOCOL_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  iSCSI: ['iscsi'],
  FC: ['fibre_channel', 'fc'],
  NFS: ['nfs'],
  'NVMe-oF': ['NVMeOF', 'nvmeof'],
};

/**
 * A pool under the names that Cinder's drivers report, for extra specs to match on. What the driver or the operator
 * adds cannot replace what Scoria measures.
 */
export function capabilitiesOf(state: PoolState): Readonly<Record<string, unknown>> {
  return {
    ...state.extra,
    pool_name: state.poolName,
    volume_backend_name: state.volumeBackendName,
    vendor_name: state.vendorName,
    driver_version: state.driverVersion,
    storage_protocol: withSynonyms(state.storageProtocol),
    total_capacity_gb: state.totalCapacityGib,
    free_capacity_gb: state.freeCapacityGib,
    provisioned_capacity_gb: state.provisionedCapacityGib,
    reserved_percentage: state.reservedPercentage,
    max_over_subscription_ratio: state.maxOverSubscriptionRatio,
    thin_provisioning_support: state.thinProvisioningSupport,
    thick_provisioning_support: state.thickProvisioningSupport,
    multiattach: state.multiattach,
    online_extend_support: state.onlineExtendSupport,
    backend_state: state.backendState,
  };
}

function withSynonyms(protocols: readonly string[]): string[] {
  return [...new Set(protocols.flatMap((protocol) => [protocol, ...(PROTOCOL_SYNONYMS[protocol] ?? [])]))];
}
