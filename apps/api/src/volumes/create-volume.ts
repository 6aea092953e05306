import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { createVolume, type CreateVolumeInput } from '@scoria/operations';
import {
  insertOperation,
  insertVolume,
  resolveType,
  zoneExists,
  type ResolvedType,
  type Tx,
} from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { viewerOf } from '../lists/lists.js';
import { Mutations } from '../mutations/mutations.js';
import { descriptionOf } from '../validation/described-body.js';
import { isObject, readBody, readObject } from '../validation/read-body.js';
import { findImage, imageNamedIn } from './find-image.js';
import { HINTS_KEY, SchedulerHints } from './scheduler-hints.js';
import { CreateVolumeBody } from './volume-bodies.js';
import { findSource, refuseSeveralSources, type SourceFacts } from './volume-source.js';

/** Property of an image that names the type of volumes made from it (Cinder's). */
const IMAGE_TYPE_PROPERTY = 'cinder_img_volume_type';
const ZONES_SPEC = 'RESKEY:availability_zones';

/** `POST /volumes` (cinder-map §7, create volume). */
@Injectable()
export class CreateVolume {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  async run(call: Call): Promise<string | undefined> {
    const body = readBody(call, 'volume', CreateVolumeBody, [HINTS_KEY]);
    const hints = readHints(call);
    refuseUnsupported(body);
    const named = imageNamedIn(body);
    if (named !== undefined) {
      // The image may have gone since the request came first.
      const replayed = await this.mutations.replayIfKnown(call);
      if (replayed) return replayed.body;
    }
    const image = named === undefined ? undefined : await findImage(call, named, this.deps.images);
    return this.mutations.mutate(call, async (tx) => {
      const source = await findSource(tx, call, body, image);
      const type = await this.typeOf(tx, call, body, source, image?.properties[IMAGE_TYPE_PROPERTY]);
      const size = sizeOf(body, source, type);
      const zones = await this.zonesOf(tx, body, source, type);
      const id = randomUUID();
      const { name = null, description = null } = descriptionOf(body);
      const input: CreateVolumeInput = {
        source: source.source,
        hints,
        availabilityZones: zones,
        pinnedTo: source.pinnedTo,
      };
      const due = await insertOperation(tx, {
        definition: createVolume,
        resourceType: 'volume',
        resourceId: id,
        input,
        context: call.context,
        holds: source.holds,
        tells: { name, size, volume_type_id: type.id },
      });
      const item = await insertVolume(
        tx,
        {
          id,
          projectId: call.context.projectId,
          userId: call.context.userId,
          name,
          description,
          size,
          operationId: due.operationId,
          volumeTypeId: type.id,
          availabilityZone: zones[0] ?? null,
          snapshotId: body.snapshot_id ?? null,
          sourceVolumeId: body.source_volid ?? null,
          bootable: source.bootable,
          multiattach: isTrueSpec(type.extraSpecs.multiattach),
          metadata: body.metadata ?? {},
        },
        viewerOf(call, { name: 'volumes' }),
      );
      return { body: `{"volume":${item}}`, due: [due] };
    });
  }

  /** Explicit, else the source's, else what the image asks for, else the configured default. */
  private typeOf(
    tx: Tx,
    call: Call,
    body: CreateVolumeBody,
    source: SourceFacts,
    imageType: string | undefined,
  ): Promise<ResolvedType> {
    const explicit = body.volume_type === '' ? undefined : body.volume_type;
    if (explicit !== undefined && explicit !== null) return resolveType(tx, explicit, call.context);
    // A copy keeps its source's type even where the project may not choose that type itself.
    if (source.volumeTypeId !== null)
      return resolveType(tx, source.volumeTypeId, { ...call.context, isAdmin: true });
    return resolveType(tx, imageType ?? this.deps.config.api.defaultVolumeType, call.context);
  }

  /** The zones the volume may be placed in; the first is shown until then. */
  private async zonesOf(
    tx: Tx,
    body: CreateVolumeBody,
    source: SourceFacts,
    type: ResolvedType,
  ): Promise<string[]> {
    const { storageAvailabilityZone } = this.deps.config.api;
    const asked = body.availability_zone ?? undefined;
    if (source.availabilityZone !== null) {
      if (asked !== undefined && asked !== source.availabilityZone) {
        throw new Fault(
          'badRequest',
          'Invalid input received: a copy must be in the availability zone of its source.',
        );
      }
      return [source.availabilityZone];
    }
    const allowed = type.extraSpecs[ZONES_SPEC]?.split(',')
      .map((zone) => zone.trim())
      .filter((zone) => zone !== '');
    if (asked === undefined) return allowed && allowed.length > 0 ? allowed : [storageAvailabilityZone];
    const known = asked === storageAvailabilityZone || (await zoneExists(tx, asked));
    if (!known || (allowed && !allowed.includes(asked))) {
      throw new Fault('badRequest', `Invalid input received: Availability zone '${asked}' is invalid.`);
    }
    return [asked];
  }
}

function readHints(call: Call): Record<string, unknown> {
  const hints = isObject(call.body) ? call.body[HINTS_KEY] : undefined;
  if (hints === undefined || hints === null) return {};
  readObject(call, HINTS_KEY, hints, SchedulerHints);
  return hints as Record<string, unknown>;
}

function refuseUnsupported(body: CreateVolumeBody): void {
  if (body.multiattach === true) {
    throw new Fault(
      'badRequest',
      'multiattach parameter has been removed. The multiattach volume type should be used instead.',
    );
  }
  refuseSeveralSources(body);
  if (body.backup_id) throw new Fault('notFound', `Backup ${body.backup_id} could not be found.`);
  const group = body.group_id ?? body.consistencygroup_id;
  if (group) throw new Fault('notFound', `Group ${group} could not be found.`);
}

/** GiB. */
function sizeOf(body: CreateVolumeBody, source: SourceFacts, type: ResolvedType): number {
  const size = body.size ?? source.defaultSize;
  if (size === null) {
    throw new Fault(
      'badRequest',
      "Invalid input received: Volume size 'None' must be an integer and greater than 0",
    );
  }
  if (size < source.minSize) {
    throw new Fault(
      'badRequest',
      `Invalid input received: Volume size '${size}'GB cannot be smaller than the ${source.label} size ${source.minSize}GB.`,
    );
  }
  if (type.maxSize >= 0 && size > type.maxSize) {
    throw new Fault(
      'overLimit',
      `Requested volume size ${size}G is larger than maximum allowed limit ${type.maxSize}G.`,
    );
  }
  return size;
}

/** `<is> True`, as capabilities are asked for. */
const isTrueSpec = (spec: string | undefined): boolean => /^<is>\s+true$/i.test(spec?.trim() ?? '');
