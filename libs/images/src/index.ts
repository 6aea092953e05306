export * from './image-caller.js';
export * from './image-info.js';
export * from './image-service.js';
