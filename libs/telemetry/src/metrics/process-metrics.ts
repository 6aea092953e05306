import { monitorEventLoopDelay } from 'node:perf_hooks';
import { registerObservable } from './observables.js';

/** Memory, CPU and event loop of this process. */
export function registerProcessMetrics(): void {
  // 50 ms: fine enough for the delays that matter, and the timer is not felt by an idle process.
  const delay = monitorEventLoopDelay({ resolution: 50 });
  delay.enable();
  registerObservable('nodejs_eventloop_lag_p99_seconds', () => {
    // The histogram holds the sampling interval too; what is beyond it is lag.
    const lag = Math.max(0, delay.percentile(99) / 1e9 - 0.05);
    delay.reset();
    return [{ value: lag, labels: {} }];
  });
  registerObservable('process_resident_memory_bytes', () => [
    { value: process.memoryUsage.rss(), labels: {} },
  ]);
  registerObservable('process_start_time_seconds', () => [
    { value: performance.timeOrigin / 1000, labels: {} },
  ]);
  registerObservable('process_cpu_seconds', () => {
    const { user, system } = process.cpuUsage();
    return [{ value: (user + system) / 1e6, labels: {} }];
  });
}
