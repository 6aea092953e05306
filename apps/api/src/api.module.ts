import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ATTACHMENT_CONTROLLERS, ATTACHMENT_PROVIDERS } from './attachments/index.js';
import { PLAIN_CONTROLLERS } from './controllers.js';
import { EVENT_CONTROLLERS, EVENT_PROVIDERS } from './events/index.js';
import { API_DEPS, type ApiDeps } from './frame/deps.js';
import { Drain } from './frame/drain.js';
import { assertPolicies, routesOf } from './frame/route-table.js';
import { RouteGuard } from './frame/route.guard.js';
import { Lists } from './lists/lists.js';
import { Mutations } from './mutations/mutations.js';
import { SNAPSHOT_CONTROLLERS, SNAPSHOT_PROVIDERS } from './snapshots/index.js';
import { TYPE_CONTROLLERS, TYPE_PROVIDERS } from './types/index.js';
import { WEBHOOK_CONTROLLERS, WEBHOOK_PROVIDERS } from './webhooks/index.js';
import { HealthController } from './versions/health.controller.js';
import { VersionsController } from './versions/versions.controller.js';
import { VOLUME_CONTROLLERS, VOLUME_PROVIDERS } from './volumes/index.js';

/** Every controller: what the coverage test walks. */
export const CONTROLLERS = [
  VersionsController,
  HealthController,
  ...VOLUME_CONTROLLERS,
  ...SNAPSHOT_CONTROLLERS,
  ...ATTACHMENT_CONTROLLERS,
  ...TYPE_CONTROLLERS,
  ...EVENT_CONTROLLERS,
  ...WEBHOOK_CONTROLLERS,
  ...PLAIN_CONTROLLERS,
];

@Module({})
export class ApiModule {
  static with(deps: ApiDeps, drain: Drain): DynamicModule {
    assertPolicies(routesOf(CONTROLLERS).map(({ route }) => route));
    return {
      module: ApiModule,
      controllers: CONTROLLERS,
      providers: [
        { provide: API_DEPS, useValue: deps },
        { provide: Drain, useValue: drain },
        { provide: Mutations, useValue: new Mutations(deps) },
        { provide: Lists, useValue: new Lists(deps) },
        { provide: APP_GUARD, useClass: RouteGuard },
        ...VOLUME_PROVIDERS,
        ...SNAPSHOT_PROVIDERS,
        ...ATTACHMENT_PROVIDERS,
        ...TYPE_PROVIDERS,
        ...EVENT_PROVIDERS,
        ...WEBHOOK_PROVIDERS,
      ],
    };
  }
}
