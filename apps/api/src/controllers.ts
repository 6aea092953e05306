import type { Type } from '@nestjs/common';
import { CapabilitiesController } from './capabilities/capabilities.controller.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { ExtensionsController } from './extensions/extensions.controller.js';
import { LimitsController } from './limits/limits.controller.js';
import { MessagesController } from './messages/messages.controller.js';
import { OperationsController } from './operations/operations.controller.js';
import { PoolsController } from './pools/pools.controller.js';
import { QuotaClassesController } from './quotas/quota-classes.controller.js';
import { QuotaSetsController } from './quotas/quota-sets.controller.js';
import { ResourceFiltersController } from './resource-filters/resource-filters.controller.js';
import { HostsController } from './services/hosts.controller.js';
import { ServicesController } from './services/services.controller.js';
import { ZonesController } from './zones/zones.controller.js';

/** Controllers that need no providers of their own. */
export const PLAIN_CONTROLLERS: Type[] = [
  QuotaSetsController,
  QuotaClassesController,
  LimitsController,
  ServicesController,
  HostsController,
  PoolsController,
  CapabilitiesController,
  ZonesController,
  MessagesController,
  ExtensionsController,
  ResourceFiltersController,
  OperationsController,
  DoctorController,
];
