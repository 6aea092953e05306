import { trace } from '@opentelemetry/api';
import { Fault } from '@scoria/domain';
import {
  NotYet,
  createVolume,
  type CreateVolumeInput,
  type OperationRecord,
  type StepContext,
  type StepHandler,
  type StepOutcome,
} from '@scoria/operations';
import {
  findPlacement,
  placeVolume,
  unplaceVolume,
  type PlacedVolume,
  type PoolCandidate,
  type Tx,
} from '@scoria/store';
import { understandHints } from '../hints.js';
import { allLost, noBackend } from '../no-backend.js';
import { placementRequest, type PlacementRequest } from '../placement-request.js';
import { strictLimitGib } from '../pool-view.js';
import { choose, refusals, silentOnly } from '../rank.js';
import type { StepDeps, Steps } from './deps.js';

/** Pools in which a claim is tried before the placement starts again from a fresh view. */
const CANDIDATES = 10;

/**
 * Seconds for which a placement waits for a service that is merely silent: longer than it takes to start again, or to
 * report again after a database that was away, when all of them look as if they were down.
 */
const SILENCE_PATIENCE_S = 60;
const SILENCE_PAUSE_MS = 2000;

/** What `place` leaves in the operation's data. */
interface PlacedData {
  pool?: string;
  /** The volume's zone before it was placed. */
  zoneBefore?: string | null;
  /** Pools that were given up after a placement. */
  excluded?: string[];
}

interface Candidate extends PoolCandidate {
  /** `host@backend`. */
  backend: string;
}

export function implementCreateVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(createVolume, 'place', place(deps));
}

/** Chooses a pool and claims the volume's room in it. */
const place = (deps: StepDeps): StepHandler<Tx, CreateVolumeInput> => ({
  async run(operation, context) {
    const { database, pools } = deps;
    const volume = await findPlacement(database, operation.resourceId);
    if (!volume) throw new Fault('notFound', `Volume ${operation.resourceId} could not be found.`);
    // The last try lost its pools to others, so what is known here was too old.
    if (operation.attempt > 0) await pools.refresh();
    const request = await requestFor(deps, operation, volume);
    const candidates = await candidatesFor(deps, request, operation, context);
    // Counted before the claim: placements that run meanwhile look elsewhere at once.
    pools.consume(candidates[0]!.address, request.sizeGib, 1);
    return {
      data: { zoneBefore: volume.availabilityZone },
      commit: (tx) => claim(deps, tx, request, candidates),
    };
  },

  async undo({ resourceId, data }) {
    const { pool, zoneBefore = null, excluded = [] } = data as PlacedData;
    const volume = await findPlacement(deps.database, resourceId);
    return {
      data: pool === undefined ? {} : { excluded: [...new Set([...excluded, pool])] },
      async commit(tx) {
        if (!volume?.pool) return;
        await unplaceVolume(tx, resourceId, zoneBefore);
        deps.pools.consume(volume.pool, -volume.size, -1);
      },
    };
  },
});

async function requestFor(
  { database }: StepDeps,
  { input, data, projectId, resourceId }: OperationRecord<CreateVolumeInput>,
  { size, extraSpecs }: PlacedVolume,
): Promise<PlacementRequest> {
  const given = {
    resourceId,
    sizeGib: size,
    availabilityZones: input.availabilityZones,
    pinnedTo: input.pinnedTo,
    excluded: (data as PlacedData).excluded ?? [],
    ...(await understandHints(database, projectId, input.hints)),
  };
  return placementRequest(given, extraSpecs);
}

/**
 * At least one; without any, the fault says why. A refusal is for good, so it is never given from memory: a pool may
 * have been reported, or a service have come back, since it was last read.
 */
async function candidatesFor(
  { pools, policy }: StepDeps,
  request: PlacementRequest,
  operation: OperationRecord,
  context: StepContext,
): Promise<Candidate[]> {
  let ranked = choose(request, pools.all(), policy, CANDIDATES);
  if (ranked.length === 0) {
    await pools.refresh();
    ranked = choose(request, pools.all(), policy, CANDIDATES);
  }
  if (ranked.length === 0) {
    if (silentOnly(request, pools.all(), policy.filters)) await waitForSilent(operation, context);
    const refused = refusals(request, pools.all(), policy.filters);
    throw noBackend(request.sizeGib, refused, operation.error?.cause);
  }
  const best = ranked.slice(0, 3).map(({ address, weight }) => `${address} ${weight.toFixed(3)}`);
  trace.getActiveSpan()?.setAttribute('scoria.placement.best', best);
  return ranked.map(({ address, pool }) => {
    const { availabilityZone, backend } = pool.state;
    return { address, availabilityZone, backend, limitGib: strictLimitGib(pool, request.thick) };
  });
}

/** Throws `NotYet` until the placement has waited long enough; how long it has is kept by its checkpoint. */
async function waitForSilent({ ageSeconds }: OperationRecord, { checkpoints }: StepContext): Promise<void> {
  const since = Number(checkpoints.last?.['silentSinceAge'] ?? ageSeconds);
  if (ageSeconds - since >= SILENCE_PATIENCE_S) return;
  if (!checkpoints.last) await checkpoints.save({ silentSinceAge: since });
  throw new NotYet('the service that could take it does not report', SILENCE_PAUSE_MS);
}

/** The claim, the volume's pool and the finished step are one commit. */
async function claim(
  { pools }: StepDeps,
  tx: Tx,
  { resourceId, sizeGib }: PlacementRequest,
  candidates: readonly Candidate[],
): Promise<StepOutcome> {
  const [first] = candidates;
  const placed = await placeVolume(tx, { id: resourceId, sizeGib }, candidates);
  if (placed !== first) {
    pools.consume(first!.address, -sizeGib, -1);
    if (placed) pools.consume(placed.address, sizeGib, 1);
  }
  if (!placed) throw allLost(sizeGib, candidates);
  return { backend: placed.backend, data: { pool: placed.address } };
}
