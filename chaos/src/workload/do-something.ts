import type { Act, Ending } from './acts/index.js';
import type { ModelVolume } from './model.js';
import { NoAnswer } from './patient-client.js';
import { Refused, type Done, type Tenant } from './tenant.js';

/** Volumes that a project keeps at most before it only does what makes no more. */
const MOST_VOLUMES = 8;

/** Chooses an act that can be done now, does it, and tells how it went. */
export async function doSomething(tenant: Tenant, acts: readonly Act[]): Promise<Done> {
  const { shelf, chance } = tenant;
  const crowded = shelf.volumes.length >= MOST_VOLUMES;
  const possible = acts.filter(({ name, fits }) =>
    crowded && /^(create|clone)/.test(name) ? false : fits === undefined || shelf.free(fits).length > 0,
  );
  const act = chance.weighted(possible.length > 0 ? possible : acts.filter(({ fits }) => !fits));
  const [began, at] = [performance.now(), Date.now()];
  const [outcome, detail] = await attempt(tenant, act);
  return {
    act: act.name,
    project: tenant.project,
    outcome,
    detail,
    at,
    seconds: (performance.now() - began) / 1000,
  };
}

async function attempt(tenant: Tenant, act: Act): Promise<Ending> {
  return endingOf(async () => {
    if (act.fits === undefined) return act.run(tenant, undefined as unknown as ModelVolume);
    const volume = tenant.chance.pick(tenant.shelf.free(act.fits));
    return tenant.alone(volume, () => act.run(tenant, volume));
  });
}

/** A refusal, and an answer that never came, are ways to end too. */
export async function endingOf(work: () => Promise<Ending>): Promise<Ending> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return [`refused ${error.answer.status}`, error.message];
    if (error instanceof NoAnswer) return ['no answer', error.message];
    throw error;
  }
}
