// `node --import @scoria/telemetry/register app.js`: telemetry before anything else is loaded.
import { startTelemetry } from './start-telemetry.js';

await startTelemetry({ service: process.env.OTEL_SERVICE_NAME ?? 'scoria' });
