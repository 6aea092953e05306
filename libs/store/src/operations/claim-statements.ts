import type { ClaimRequest } from '@scoria/operations';
import { CLAIM, REMEMBER_LOST } from './history.js';

/**
 * Claims are two statements, so that the plan which is kept for each goes by its own index. Both lock what they take
 * with `skip locked`: several workers never queue behind each other, and of two that want a row one gets it.
 * Materialized: a plan that ran a selection once per candidate would claim more than the limit.
 *
 * $1 worker, $2 queue, $3 definitions, $4 ids that run here, $5 the projects of these, $6 limit, $7 free slots, $8 share,
 * $9 the worker's service, $10 its host, $11 the project whose turn it was last, or the ids that were rung for.
 */

const DUE = `live and queue = $2 and due_at <= now() and kind || '/' || version = any($3) and id <> all($4)`;

/** Rows that name a worker which has lost its lease, or this one although it does not run them. */
const ORPHANED = `(owner = $1
  or not exists (select from workers w where w.id = owner and w.lease_until > now()))`;

const HELD = `held as materialized (select project_id, count(*) as slots from unnest($5::text[]) as project_id group by 1)`;

const heldBy = (project: string): string =>
  `coalesce((select slots from held where held.project_id = ${project}), 0)`;

/** `mayTakeSlot` of the domain, as SQL: for the `place`-th slot that is given away, to a project's `slots`-th. */
const mayTake = (slots: string, place: string): string =>
  `(${slots} = 1 or ${slots} * (1 - $8::float8) <= $8::float8 * ($7::int - ${place}))`;

/** The first project with waiting work for which `which` holds. */
const nextProject = (which: string, wrapped: boolean): string => `(
        select o.project_id, ${wrapped} from operations o
         where o.live and o.owner is null and o.queue = $2 and ${which}
         order by o.project_id limit 1)`;

/**
 * Steps through the projects with waiting work in the order of their ids, beginning after the last one served, and once
 * round: one index probe for each. Evaluated only as far as `picked` asks for more. Three cases with bounds of their own:
 * with the end as a mere filter, a probe that finds nothing would read all that waits.
 */
const TURNS = `turns (project_id, wrapped, turn) as (
  select $11::text, false, 0
  union all
  select next.project_id, next.wrapped, turns.turn + 1
    from turns cross join lateral (
      ${nextProject('not turns.wrapped and o.project_id > turns.project_id', false)}
      union all ${nextProject('not turns.wrapped and o.project_id <= $11', true)}
      union all ${nextProject('turns.wrapped and o.project_id > turns.project_id and o.project_id <= $11', true)}
      limit 1) next (project_id, wrapped))`;

/** The next projects that may take a slot and have something to do with it; as many as there are rows to claim. */
const PICKED = `picked as materialized (
  select turns.project_id, turns.turn
    from turns cross join lateral (
      select from operations
       where owner is null and project_id = turns.project_id and ${DUE}
       order by due_at limit 1) something
   where turns.turn > 0 and ${mayTake(`(${heldBy('turns.project_id')} + 1)`, '1')}
   limit $6)`;

const WAITING = `waiting as materialized (
  select o.*, picked.turn
    from picked cross join lateral (
      select id, owner, project_id, due_at from operations
       where owner is null and project_id = picked.project_id and ${DUE}
       order by due_at limit (select ceil($6::float8 / count(*)) from picked)
         for no key update skip locked) o)`;

const LOST = `lost as materialized (
  select id, owner, project_id, due_at, 0 as turn from operations
   where owner is not null and ${DUE} and ${ORPHANED}
   order by due_at limit $6 for no key update skip locked)`;

const RUNG = `rung as materialized (
  select id, owner, project_id, due_at, 0 as turn from operations
   where ${DUE} and id = any($11) and (owner is null or ${ORPHANED})
   order by due_at limit $6 for no key update skip locked)`;

/** From locked candidates to claims: in turns, and no project beyond its share. */
const take = (candidates: string): string => `
  ranked as (
    select *, row_number() over (order by slots, turn, due_at) as place
      from (select *, ${heldBy('c.project_id')} + row_number() over (partition by project_id order by due_at) as slots
              from (${candidates}) c) s),
  claimed as (
    update operations o
       set owner = $1, generation = o.generation + 1, updated_at = clock_timestamp(),
           claim = ${CLAIM('$9', '$10')},
           history = case when ranked.owner <> $1 then ${REMEMBER_LOST} else o.history end
      from ranked
     where o.id = ranked.id and ranked.place <= $6 and ${mayTake('ranked.slots', 'ranked.place')}
    returning o.*, ranked.owner as previous_owner, ranked.place)
  select id, kind, version, resource_type as "resourceType", resource_id as "resourceId", project_id as "projectId",
         user_id as "userId", request_id as "requestId", traceparent, input, data, checkpoint, state,
         step, resume_step as "resumeStep", queue, backend, attempt, generation::float8 as generation,
         cancel_requested as "cancelRequested", deadline < now() as "deadlinePassed",
         coalesce(previous_owner <> $1, false) as "takenOver", error,
         extract(epoch from clock_timestamp() - created_at)::float8 as "ageSeconds"
    from claimed order by place`;

const CLAIM_RUNG = `with ${HELD}, ${RUNG}, ${take('select * from rung')}`;
const CLAIM_IN_TURN = `with recursive ${HELD}, ${TURNS}, ${PICKED}, ${WAITING}, ${LOST},
  ${take('select * from waiting union all select * from lost')}`;

export function claimStatement(request: ClaimRequest): [sql: string, parameters: unknown[]] {
  const { worker, queue, definitions, running, limit, slots, share, after, ids } = request;
  const parameters = [
    worker.id,
    queue,
    definitions,
    running.map(({ id }) => id),
    running.map(({ projectId }) => projectId),
    limit,
    slots - running.length,
    share,
    worker.service,
    worker.host,
  ];
  return ids ? [CLAIM_RUNG, [...parameters, ids]] : [CLAIM_IN_TURN, [...parameters, after ?? '']];
}
