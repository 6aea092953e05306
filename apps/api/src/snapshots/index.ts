import type { Provider, Type } from '@nestjs/common';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { CreateSnapshot } from './create-snapshot.js';
import { DeleteSnapshot } from './delete-snapshot.js';
import { SNAPSHOT_ACTIONS, SnapshotActionsController } from './snapshot-actions.controller.js';
import { SnapshotMetadataController } from './snapshot-metadata.controller.js';
import { SnapshotActions } from './snapshot.actions.js';
import { SnapshotsController } from './snapshots.controller.js';

export const SNAPSHOT_CONTROLLERS: Type[] = [
  SnapshotsController,
  SnapshotMetadataController,
  SnapshotActionsController,
];

export const SNAPSHOT_PROVIDERS: Provider[] = [
  CreateSnapshot,
  DeleteSnapshot,
  SnapshotActions,
  {
    provide: SNAPSHOT_ACTIONS,
    inject: [SnapshotActions],
    useFactory: (...providers: object[]) =>
      new ActionDispatcher('POST /snapshots/:id/action', 'Snapshot', providers),
  },
];
