/** The distributed shape on one machine, for what drives it from outside. */
export { lastWords } from './cluster/last-words.js';
export { PORTS, isServer, membersWith, type Member, type MemberKind } from './cluster/layout.js';
export {
  endProcess,
  killProcess,
  launchService,
  missesNothing,
  startMember,
  stopProcess,
  untilReady,
} from './cluster/processes.js';
export { SERVER_ENVIRONMENT } from './cluster/server-holder.js';
export { stateDirOf } from './cluster/service-config.js';
export { stillRuns, type ClusterState, type MemberSettings, type ProcessState } from './cluster/state.js';
export { isAlive } from '@scoria/local-services';
export { makeVolumeTypes } from './cluster/volume-types.js';
