export { createApi, type Api } from './create-api.js';
export type { ApiDeps } from './frame/deps.js';
export { listGates, type Gate } from './microversion/gates.js';
export { HISTORY } from './microversion/history.js';
export { MAX_VERSION, MIN_VERSION } from './microversion/microversion.js';
