import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Sampler } from '@opentelemetry/sdk-trace';

const ratio = (env: NodeJS.ProcessEnv): Sampler =>
  new TraceIdRatioBasedSampler(Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1));

/** The names of OpenTelemetry's `OTEL_TRACES_SAMPLER`. */
const SAMPLERS: Record<string, (env: NodeJS.ProcessEnv) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: ratio,
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (env) => new ParentBasedSampler({ root: ratio(env) }),
};

/**
 * With nobody to receive spans nothing is recorded, yet every span still has ids, so that log lines and operation
 * rows name a trace. Otherwise as `OTEL_TRACES_SAMPLER` says. Throws on an unknown name.
 */
export function chooseSampler(exporting: boolean, env: NodeJS.ProcessEnv): Sampler {
  if (!exporting) return new AlwaysOffSampler();
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on';
  const create = SAMPLERS[name];
  if (!create)
    throw new Error(`OTEL_TRACES_SAMPLER: ${name} is not one of ${Object.keys(SAMPLERS).join(', ')}`);
  return create(env);
}
