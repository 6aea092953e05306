/** Names of things on storage, as Cinder's templates make them: what an operator greps for. */
export const volumeName = (id: string): string => `volume-${id}`;
export const snapshotName = (id: string): string => `snapshot-${id}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (text: string): boolean => UUID.test(text);

/** The id within a storage name, or undefined when the name is not one of ours. */
export function parseStorageName(name: string): { kind: 'volume' | 'snapshot'; id: string } | undefined {
  const match = /^(volume|snapshot)-(.+)$/.exec(name);
  if (!match || !isUuid(match[2]!)) return undefined;
  return { kind: match[1] as 'volume' | 'snapshot', id: match[2]! };
}
