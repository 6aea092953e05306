import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';

export const EVENT_CONTROLLERS = [EventsController];

export const EVENT_PROVIDERS = [EventStreams];
