import { Counter, Gauge, type Registry } from 'prom-client'

/** What the running stores of one service count together. */
export interface RunningStoreMetrics {
  /** failed tries that were followed by another */
  retries: Counter
  /** calls that wait for another try now; how many there can be is bounded by who calls */
  waiting: Gauge
}

/** The metrics of the running stores of a service. To be made once in a registry. */
export function runningStoreMetrics(registry: Registry, service: 'ingest' | 'alerts' | 'api'): RunningStoreMetrics {
  const registers = [registry]
  return {
    retries: new Counter({
      name: `nhip_${service}_store_retries_total`,
      help: 'calls to the store tried again',
      registers,
    }),
    waiting: new Gauge({
      name: `nhip_${service}_store_calls_waiting`,
      help: 'calls to the store that failed and wait for another try',
      registers,
    }),
  }
}
