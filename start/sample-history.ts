import { valuesAt } from '#simulators/kinds/kinds.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Backfill } from '#telemetry/replay.ts'
import type { PeriodEvent } from '#telemetry/reporting-period.ts'

const batchSize = 20_000

export interface SampleOptions {
  sensors: readonly SimulatedSensor[]
  /** epoch ms: the first reading's time, and the end of the last day */
  from: number
  days: number
  /** ms between two readings of a sensor */
  stepMs: number
  seed: number
  signal: AbortSignal
  /** readings written so far */
  onProgress: (readings: number) => void
}

/** @throws ConfigError when the store holds readings already */
export async function requireEmpty(store: TelemetryStore): Promise<void> {
  for (const kind of kinds) {
    const readings = await store.count(kind)
    if (readings > 0)
      throw new ConfigError(
        `the store holds ${readings.toLocaleString('en-US')} ${kind} readings: a sample is made in an empty one; choose another DATA_DIR or INFLUX_BUCKET`,
      )
  }
}

/** Writes some days of the simulated city, and what is known of its sensors' reporting, through the store. Answers how many readings. */
export async function writeSampleDays(store: TelemetryStore, options: SampleOptions): Promise<number> {
  const { sensors, from, days, stepMs, seed, signal, onProgress } = options
  await store.appendEvents(eventsOf(options))
  const to = from + days * dayMs
  let batch: Reading[] = []
  let written = 0
  const write = async () => {
    await store.write(batch)
    written += batch.length
    batch = []
    onProgress(written)
  }
  for (let ts = from, seq = 0; ts < to && !signal.aborted; ts += stepMs, seq += 1) {
    for (const [index, sensor] of sensors.entries()) {
      const { kind, district, id } = sensor
      // sensors do not all speak in one moment
      const at = ts + ((index * 7_919) % stepMs)
      batch.push({ kind, district, sensor: id, ts: at, seq, values: valuesAt(sensor, at, seed) } as Reading) // values of its own kind
    }
    if (batch.length >= batchSize) await write()
  }
  if (batch.length > 0) await write()
  return written
}

/** What tells how densely its sensors reported. */
export function eventsOf({
  sensors,
  from,
  days,
  stepMs,
}: Pick<SampleOptions, 'sensors' | 'from' | 'days' | 'stepMs'>): StoredEvent[] {
  const to = from + days * dayMs
  const backfill: Backfill = { from, to, step: stepMs }
  return [
    { stream: 'backfill', id: `${from}-${to}`, ts: to, body: backfill },
    ...sensors.map(({ id }): StoredEvent => {
      const body: PeriodEvent = { sensor: id, seconds: stepMs / 1_000 }
      return { stream: 'period', id: `${id}@${from}`, ts: from, body }
    }),
  ]
}
