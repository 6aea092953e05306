/** Whether the standard `OTEL_*` variables ask for export over OTLP, and that they ask for what is supported. */
export function wantsOtlp(signal: 'TRACES' | 'METRICS', env: NodeJS.ProcessEnv): boolean {
  const exporter = env[`OTEL_${signal}_EXPORTER`];
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const wanted = exporter ? exporter.split(',').includes('otlp') : Boolean(endpoint);
  if (!wanted) return false;
  const protocol = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol && protocol !== 'http/protobuf') {
    throw new Error(
      `OTEL_EXPORTER_OTLP_PROTOCOL: ${protocol} is not supported; use http/protobuf (port 4318)`,
    );
  }
  return true;
}

/** A positive number from the environment, or undefined. */
export function numberFrom(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const value = Number(env[name]);
  return env[name] && Number.isFinite(value) && value > 0 ? value : undefined;
}
