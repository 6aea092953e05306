export * from './catalog.js';
export * from './identity.js';
export * from './keystone/keystone-authenticator.js';
export * from './keystone/keystone-http.js';
export * from './keystone/keystone-options.js';
export * from './keystone/service-session.js';
export * from './noauth-authenticator.js';
export * from './personas.js';
