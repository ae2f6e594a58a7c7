import { Counter, Gauge, type Registry } from 'prom-client'

/** What the simulated city counts; gauges are read from it when they are asked for. */
export function simulatorsMetrics(
  registry: Registry,
  read: () => { connected: number; queued: number; sensors: number; dropped: number },
) {
  const registers = [registry]
  const gauge = (name: string, help: string, value: keyof ReturnType<typeof read>) =>
    new Gauge({
      name: `nhip_simulators_${name}`,
      help,
      registers,
      collect() {
        this.set(read()[value])
      },
    })
  gauge('sensors', 'simulated sensors', 'sensors')
  gauge('connected', 'simulated sensors connected', 'connected')
  gauge('queued_readings', 'readings not acknowledged yet (bounded per sensor)', 'queued')
  gauge('dropped_readings', 'readings lost because a queue was full, since the start', 'dropped')
  return {
    delivered: new Counter({ name: 'nhip_simulators_delivered_total', help: 'readings acknowledged', registers }),
    errors: new Counter({ name: 'nhip_simulators_errors_total', help: 'failed connections and publishes', registers }),
  }
}
