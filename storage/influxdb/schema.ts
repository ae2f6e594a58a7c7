import { kinds } from '#telemetry/kinds.ts'
import { type EventStream, eventStreams } from '../store.ts'

/**
 * What a point's integer field `seq` holds when the sensor does not count. Every point holds the field: InfluxQL counts the
 * values of a field and cannot count points, and no other value is in every reading of every kind.
 */
export const noSeq = -1

/** Measurement of a stream of events: tag `slot`, fields `id` and `body` (JSON). Readings are in a measurement named as their kind. */
export function eventMeasurement(stream: EventStream): string {
  return `event_${stream}`
}

/** Every measurement that is ours. */
export const measurements: readonly string[] = [...kinds, ...eventStreams.map(eventMeasurement)]
