export { InProcessBus, type DeadLetter } from './in-process/in-process-bus.js';
export { BusServer, type BusServerOptions } from './nest/bus-server.js';
export { BUS_TRANSPORT, HandleBroadcast, HandleCall, HandleCast } from './nest/decorators.js';
export { type BusOptions, MAX_BODY_BYTES, type RabbitBusOptions } from './options.js';
export { RabbitBus } from './rabbit/rabbit-bus.js';
export { type Handle, type Handler, onBroadcast, onCall, onCast } from './server/handlers.js';
export { type BusListener, type BusService, type ServeOptions } from './server/listener.js';
export { MessageContext } from './server/message-context.js';
