export * from './pending-migrations.js';
