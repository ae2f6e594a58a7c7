import type { Kind } from '#telemetry/kinds.ts'
import { timeOfValue } from '#telemetry/newest.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { valueStaleAt } from '#telemetry/staleness.ts'
import { type ValueInfo, valuesOfKind } from '#telemetry/values.ts'

/** A value of a reading with its description. */
export interface DescribedValue {
  info: ValueInfo
  value: Value
}

/** The values a reading holds, in the order they are shown. */
export function describedValues(reading: Reading): DescribedValue[] {
  const held = new Map<string, Value | undefined>(Object.entries(reading.values))
  return valuesOfKind[reading.kind].flatMap((info) => {
    const value = held.get(info.name)
    return value === undefined ? [] : [{ info, value }]
  })
}

/** The first value the sensor's kind is known by that its newest reading holds. */
export function leadingValue(sensor: Pick<SensorState, 'reading'>): DescribedValue | undefined {
  return sensor.reading && describedValues(sensor.reading)[0]
}

/** Whether one value of a sensor is stale at `now` (epoch ms), as it may be while others are told on. */
export function isValueStale(sensor: SensorState, name: string, now: number): boolean {
  const time = timeOfValue(sensor, name)
  return time !== undefined && now > valueStaleAt(time, sensor.meta)
}

/** Values of a kind that a chart can draw. */
export function numericValues(kind: Kind): ValueInfo[] {
  return valuesOfKind[kind].filter((info) => info.type === 'number')
}

/** One numeric value of a reading, as measured; undefined when it is not there. */
export function numberOf(reading: Reading, name: string): number | undefined {
  const value = new Map<string, Value | undefined>(Object.entries(reading.values)).get(name)
  return typeof value === 'number' ? value : undefined
}
