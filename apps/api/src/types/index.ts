import type { Provider, Type } from '@nestjs/common';
import { TYPES } from '@scoria/store';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { declareViewGates } from '../lists/view-gates.js';
import { ExtraSpecsController } from './extra-specs.controller.js';
import { TypeAccessActions } from './type-access.action.js';
import { TypeAccessController } from './type-access.controller.js';
import { TypeChangesService } from './type-changes.js';
import { TypeEncryptionController } from './type-encryption.controller.js';
import { TypeList } from './type-list.js';
import { TYPE_ACTIONS, TypesController } from './types.controller.js';

declareViewGates(TYPES);

export const TYPE_CONTROLLERS: Type[] = [
  TypesController,
  ExtraSpecsController,
  TypeAccessController,
  TypeEncryptionController,
];

export const TYPE_PROVIDERS: Provider[] = [
  TypeList,
  TypeChangesService,
  TypeAccessActions,
  {
    provide: TYPE_ACTIONS,
    inject: [TypeAccessActions],
    useFactory: (...providers: object[]) =>
      new ActionDispatcher('POST /types/:id/action', TYPES.kind, providers),
  },
];
