import type { QueryContext } from '#storage/query-context.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Kind, kindOf } from '#telemetry/kinds.ts'
import { measuredReading } from '#telemetry/measured-values.ts'
import { valuesOf } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

/** sensors whose readings are asked for one by one; of more, those of the whole kind are looked at */
const maxSensorsAsked = 20

interface JudgedQuery {
  kind: Kind
  sensors: readonly string[]
  /** epoch ms */
  from: number
  to: number
  /** readings that are looked at */
  most: number
  metaOf(sensor: string): Partial<SensorMeta> | undefined
}

/**
 * Judges every reading in which something was being measured by its kind: whether it can be true. No roll-up knows, for that is a matter of values of one reading and of what
 * its sensor says of itself.
 * @returns readings looked at; undefined when there are more than `most`
 */
export async function readJudged(
  store: Pick<TelemetryStore, 'readings'>,
  { kind, sensors, from, to, most, metaOf }: JudgedQuery,
  take: (sensor: string, ts: number, isPlausible: boolean) => void,
  context?: QueryContext,
): Promise<number | undefined> {
  const asked = new Set(sensors)
  const { isPlausible } = kindOf(kind)
  let looked = 0
  for (const sensor of asked.size > maxSensorsAsked ? [undefined] : sensors) {
    const query = { kind, from, to, limit: most - looked + 1, ...(sensor === undefined ? {} : { sensor }) }
    for await (const page of store.readings(query, context))
      for (const reading of page) {
        looked += 1
        if (looked > most) return undefined
        const measured = asked.has(reading.sensor) ? measuredReading(reading) : undefined
        if (measured) take(reading.sensor, reading.ts, isPlausible(valuesOf(measured), metaOf(reading.sensor)))
      }
  }
  return looked
}
