import { sensorTopic } from '#telemetry/topics.ts'
import { valuesAt } from './kinds/kinds.ts'
import type { SimulatedSensor } from './sensor.ts'

/** A reading message as the journal would hold it. */
export interface BackfillRecord {
  topic: string
  payload: Buffer
  /** epoch ms; the time of measuring */
  arrivedAt: number
}

/** Which span of history to make, `from <= ts < to` (epoch ms). */
export interface BackfillOptions {
  from: number
  to: number
  /** ms between two readings of a sensor */
  stepMs?: number
  seed: number
}

/** Records in a batch, unless one step alone has more. */
const batchSize = 2_000

/** Makes the city's history in batches, in order of time. Times are whole multiples of the step, so making it twice gives the same. */
export async function* backfill(
  sensors: readonly SimulatedSensor[],
  options: BackfillOptions,
): AsyncGenerator<BackfillRecord[], void, undefined> {
  const { from, to, stepMs = 300_000, seed } = options
  const topics = sensors.map(({ district, kind, id }) =>
    sensorTopic({ district, kind, sensor: id, channel: 'reading' }),
  )
  let batch: BackfillRecord[] = []
  for (let ts = Math.ceil(from / stepMs) * stepMs; ts < to; ts += stepMs) {
    for (const [index, sensor] of sensors.entries()) {
      const payload = Buffer.from(JSON.stringify({ ts, ...valuesAt(sensor, ts, seed) }))
      batch.push({ topic: topics[index] ?? '', payload, arrivedAt: ts })
    }
    if (batch.length >= batchSize) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
