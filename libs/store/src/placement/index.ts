export * from './place-volume.js';
export * from './placement-facts.js';
export * from './pool-figures.js';
