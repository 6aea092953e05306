import { type Requirement, requirementsOf } from './extra-specs.js';

/** Volumes that a hint names, as far as the scheduler could make them out. */
export interface AffinityHint {
  /** Whether every name is a UUID. A hint with a slip in it is refused rather than half obeyed (Cinder behaviour). */
  valid: boolean;
  /** Pools in which any of the volumes is. */
  pools: ReadonlySet<string>;
}

/** Everything that filters and weighers may know of what is to be placed. */
export interface PlacementRequest {
  /** Decides between pools of the same weight, so that equal pools fill evenly. */
  resourceId: string;
  /** GiB to be claimed: the whole size, or the growth. */
  sizeGib: number;
  /** Whether the type asks for thick provisioning. */
  thick: boolean;
  /** What the type's extra specs ask of a pool. */
  requirements: readonly Requirement[];
  /** Empty means any. */
  availabilityZones: readonly string[];
  /** `host@backend#pool` or `host@backend` that the data forces, or null. */
  pinnedTo: string | null;
  /** Pools that were tried before. */
  excluded: readonly string[];
  sameHost?: AffinityHint;
  differentHost?: AffinityHint;
  /** The server to be near to, and its host if known. */
  localToInstance?: { valid: boolean; host: string | undefined };
  /** Set when a volume grows under its users. */
  growsAttached?: boolean;
}

type Given = Partial<Omit<PlacementRequest, 'requirements' | 'thick'>> &
  Pick<PlacementRequest, 'resourceId' | 'sizeGib'>;

/** The part of a request that many requests share: two of one shape can go to the same pools, but for room. */
export function shapeOf(request: PlacementRequest): string {
  const { availabilityZones, pinnedTo, requirements, growsAttached } = request;
  const specs = requirements.map(({ key, wanted }) => [key, wanted]);
  return JSON.stringify([availabilityZones, pinnedTo, specs, growsAttached === true]);
}

/** A request with everything optional left open, and the type's extra specs understood once for all pools. */
export function placementRequest(
  given: Given,
  extraSpecs: Readonly<Record<string, string | null>> = {},
): PlacementRequest {
  return {
    availabilityZones: [],
    pinnedTo: null,
    excluded: [],
    ...given,
    thick: extraSpecs['provisioning:type'] === 'thick',
    requirements: requirementsOf(extraSpecs),
  };
}
