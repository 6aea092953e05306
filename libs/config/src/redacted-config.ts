import { redacted } from './redact.js';
import type { ScoriaConfig } from './scoria-config.js';

/** The configuration as plain data fit for a log or a screen: no secret, no password within a URL. */
export function redactedConfig(config: ScoriaConfig): Record<string, unknown> {
  return redacted(config) as Record<string, unknown>;
}
