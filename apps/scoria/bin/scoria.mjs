#!/usr/bin/env node
// The `scoria` command. Telemetry comes first: it instruments what is imported after it.
import { startTelemetry } from '@scoria/telemetry';

const service = ['api', 'scheduler', 'volume'].find((name) => process.argv[2] === name);
await startTelemetry({ service: service ? `scoria-${service}` : 'scoria' });
await import('../dist/main.js');
