import { killTgtd } from '../faults/kill-tgtd.fault.js';
import type { Blow } from '../storm.js';
import type { Failure } from '../workload/patient-client.js';
import type { Done } from '../workload/tenant.js';
import type { Check, Finding, Scene } from './check.js';

/** Acts that make a volume; of snapshots and gigabytes nobody has a limit. */
const MAKES_A_VOLUME = /^(create|clone)/;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

export const answersCheck: Check = {
  name: 'every request had a definite answer, the same when it came again, and none that only a mistake explains',
  async look(scene) {
    return [
      ...(await unexplained(scene)),
      ...scene.ledger.contradictions.map((detail) => ({
        what: 'the same request was answered otherwise',
        detail,
      })),
      ...tooFew(scene),
      ...unfair(scene),
      ...lost(scene),
      ...(await notWritten(scene)),
    ];
  },
};

/** Acts after which nothing is left, as they should; the status of what a clone made is told first. */
const wrongly = ({ act, outcome }: Done): boolean =>
  /^gone/.test(outcome) && (!act.includes('delete') || outcome.startsWith('gone,'));

/** A 404 for what nobody has deleted. */
const lost = ({ done }: Scene): Finding[] =>
  done.filter(wrongly).map(({ act, outcome, detail }) => found(`${act}: ${outcome}`, detail));

/** Where next to nothing was accepted, nothing that is promised has been tried. */
function tooFew({ ledger: { accepted }, leastAccepted }: Scene): Finding[] {
  if (accepted.length >= leastAccepted) return [];
  return [found('hardly a request was accepted', `${accepted.length}, and not at least ${leastAccepted}`)];
}

/** What a tenant may be told: that one volume more is beyond its quota, where there is one. */
const isFair = ({ tight }: Scene, { act, project, outcome }: Done): boolean =>
  outcome === 'refused 413' && tight.has(project) && MAKES_A_VOLUME.test(act);

function unfair(scene: Scene): Finding[] {
  return scene.done
    .filter((each) => /^refused|no answer|still moving/.test(each.outcome) && !isFair(scene, each))
    .map(({ act, project, outcome, detail }) => found(`${act}: ${outcome}`, `${project}: ${detail}`));
}

/** Kinds of operations by whose end a request is answered, by the method that begins them. */
const ANSWERED_BY: Readonly<Record<string, string>> = {
  POST: 'attachment.connect',
  PUT: 'attachment.connect',
  DELETE: 'attachment.disconnect',
};

interface FailedOperation {
  kind: string;
  attachment: string;
  volume: string | null;
}

/** Requests for attachments wait for an operation: each 500 needs one of its own that failed, 502 one that takes long. */
async function unexplained({ seen, database }: Scene): Promise<Finding[]> {
  if (seen.failures.length === 0) return [];
  const failed = await database.query<FailedOperation>(
    `select kind, resource_id as attachment, input ->> 'volumeId' as volume
       from operations where kind like 'attachment.%' and state = 'failed'`,
  );
  const others = seen.failures.filter(
    (each) => each.status !== 500 && !(each.status === 502 && waitsFor(each)),
  );
  // What was asked for again under the same key is one request, and has one reason.
  const broken = seen.failures.filter(({ status }) => status === 500);
  const requests = new Map(broken.map((each) => [each.key || each.requestId, each]));
  return [...others, ...withoutReason([...requests.values()], failed)].map(
    ({ status, method, path, about = '', requestId }) =>
      found(`answered ${status}`, `${method} ${path} (about ${about}): ${requestId}`),
  );
}

/** Each operation is the reason of one request. Those that name their attachment choose first: the others, which made one, know the volume only. */
function withoutReason(requests: readonly Failure[], failed: readonly FailedOperation[]): Failure[] {
  const left = new Set(failed);
  const namesVolume = ({ about }: Failure): boolean => failed.some(({ volume }) => volume === about);
  return requests
    .toSorted((a, b) => Number(namesVolume(a)) - Number(namesVolume(b)))
    .filter((request) => {
      const reason = [...left].find(
        ({ kind, attachment, volume }) =>
          kind === waitsFor(request) && [attachment, volume].includes(request.about ?? ''),
      );
      return reason === undefined || !left.delete(reason);
    });
}

/** The kind of operation that a request waits for: an action on an attachment and a look at it wait for none. */
function waitsFor({ method, path }: Failure): string | undefined {
  return /^\/attachments(\/[^/?]*)?$/.test(path) ? ANSWERED_BY[method] : undefined;
}

/**
 * Milliseconds for which a fault of a host may still be felt by its clients once it is healed: until the service, which
 * may itself just have been started, has found the target daemon gone and has made every export anew.
 */
const EXPORTS_ANEW_MS = 15_000;

/** Exports outlive the service that made them, its links and its clock: only what is done to storage, or to the daemon, ends a write. */
const breaksWrites = ({ fault }: Blow): boolean => fault.excuses || fault.name === killTgtd.name;

/** A client whose volume is attached can write, unless something is done to the storage of its host meanwhile. */
async function notWritten({ done, blows, database }: Scene): Promise<Finding[]> {
  const broken = done.filter(({ outcome }) => outcome.startsWith('not written'));
  if (broken.length === 0) return [];
  const placed = await database.query<{ volume: string; host: string }>(
    `select resource_id as volume, split_part(backend, '@', 1) as host
       from operations where kind = 'volume.create' and state = 'succeeded'`,
  );
  const hostOf = new Map(placed.map(({ volume, host }) => [volume, host]));
  return broken
    .filter(({ detail, at, seconds }) => {
      const host = hostOf.get(UUID.exec(detail)?.[0] ?? '');
      return !blows.some(
        (blow) =>
          breaksWrites(blow) &&
          blow.host !== undefined &&
          blow.host === host &&
          blow.began < at + seconds * 1000 &&
          (blow.ended ?? Infinity) + EXPORTS_ANEW_MS > at,
      );
    })
    .map(({ outcome, project, detail }) => found(`write: ${outcome}`, `${project}: ${detail}`));
}

function found(what: string, detail: string): Finding {
  const id = UUID.exec(detail)?.[0];
  return { what, detail, ...(id ? { id } : {}) };
}
