import { Counter, Gauge, type Registry } from 'prom-client'
import { stepReadings } from './upkeep-pace.ts'

/** What is asked for whenever the metrics are shown. */
export interface UpkeepGauges {
  /** sensor-hours */
  dirty: number
  /** s since the oldest of them became so */
  dirtyAge: number
  /** s since the end of what is rolled up, without what is not to be rolled up yet */
  lag: number
  maxReadings: number
  isStandingBy: boolean
}

/** What the upkeep of the roll-ups counts. */
export function upkeepMetrics(registry: Registry, ask: () => UpkeepGauges) {
  const registers = [registry]
  const gauge = (name: string, help: string, measure: (gauges: UpkeepGauges) => number) =>
    new Gauge({
      name: `nhip_history_upkeep_${name}`,
      help,
      registers,
      collect() {
        this.set(measure(ask()))
      },
    })
  gauge('dirty_hours', 'sensor-hours written to after they were rolled up that wait to be recomputed', (g) => g.dirty)
  gauge('oldest_dirty_seconds', 's since the oldest of these sensor-hours was written to', (g) => g.dirtyAge)
  gauge(
    'lag_seconds',
    's by which the roll-ups are behind the hours that are over; 0 while they keep up, and before the first of them',
    (g) => g.lag,
  )
  gauge('step_readings', 'readings that one step of the upkeep may read now', (g) => g.maxReadings)
  gauge('max_step_readings', 'readings that one step may read at the most', () => stepReadings.most)
  gauge('standby', '1 while another process does the upkeep', (g) => Number(g.isStandingBy))
  const counter = (name: string, help: string) =>
    new Counter({ name: `nhip_history_upkeep_${name}_total`, help, registers })
  return {
    hours: counter('hours', 'sensor-hours rolled up or recomputed'),
    readings: counter('readings', 'readings read for the roll-ups'),
    seconds: counter('seconds', 's that the upkeep kept the store busy'),
    faults: counter('faults', 'times that the store failed over the upkeep, which is tried again'),
  }
}
export type UpkeepMetrics = ReturnType<typeof upkeepMetrics>
