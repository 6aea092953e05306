import { Fault } from '@scoria/domain';
import { parseConnector, requireHost, requireInitiator, type Connector } from '@scoria/exports';
import { protocolOf, type LockedVolume, type Tx } from '@scoria/store';
import { lengthOf } from '../validation/rules.js';

/** Which connectors a protocol cannot serve: found before anything is written. */
const REQUIREMENTS: Record<string, (connector: Connector) => unknown> = {
  iSCSI: requireInitiator,
  local: requireHost,
};

/** A connector that says something; an empty one is none. */
export function readConnector(value: unknown): Connector | undefined {
  if (value === undefined || value === null) return undefined;
  const connector = parseConnector(value);
  for (const key of ['host', 'mountpoint', 'initiator']) {
    const text = connector[key];
    if (text !== undefined && text !== null && (typeof text !== 'string' || lengthOf(text) > 255)) {
      throw new Fault('badRequest', `The connector's ${key} must be a string of at most 255 characters.`);
    }
  }
  return Object.keys(connector).length === 0 ? undefined : connector;
}

/** @throws Fault `badRequest` when the volume's pool cannot serve the connector */
export async function checkConnector(tx: Tx, pool: string, connector: Connector): Promise<void> {
  const protocol = await protocolOf(tx, pool);
  if (protocol !== undefined) REQUIREMENTS[protocol]?.(connector);
}

/**
 * How a volume is attached: as asked, else read-only when the volume is. What is read-only is never attached to write.
 *
 * @throws Fault `badRequest`
 */
export function attachMode(
  volume: Pick<LockedVolume, 'id' | 'readonly'>,
  ...asked: readonly unknown[]
): 'rw' | 'ro' {
  const wish = asked.find((mode) => mode !== undefined && mode !== null) ?? (volume.readonly ? 'ro' : 'rw');
  if ((wish !== 'rw' && wish !== 'ro') || (wish === 'rw' && volume.readonly === true)) {
    throw new Fault(
      'badRequest',
      `Invalid attaching mode '${String(wish).slice(0, 16)}' for volume ${volume.id}.`,
    );
  }
  return wish;
}
