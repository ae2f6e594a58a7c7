import { hourMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { longestHoldMs, type ReportingSteps } from '../../reporting-steps.ts'
import type { DecidedSegments } from '../../roll-up/correction-segments.ts'
import { type JudgedValue, judgeValue } from '../../roll-up/judged-value.ts'
import { Buckets } from '../../roll-up/pieces.ts'
import { rollUpReadings } from '../../roll-up/roll-up-readings.ts'
import { noLimit, type ReadingsSource, readDecided } from '../../roll-up/sensor-values.ts'
import type { RollUp } from '../../roll-ups.ts'

/** A row of roll-ups: what a sensor measured from `start` (epoch ms) on, value by value. */
export interface RollUpRow {
  sensor: string
  start: number
  values: ReadonlyMap<string, RollUp>
}

/** Which hours to roll up: whole ones, `from <= ts < to`, of these sensors or of all of the kind. */
export interface HoursToRoll {
  kind: Kind
  from: number
  to: number
  sensors?: readonly string[]
}

/** ms before the hours in which the readings of all sensors are looked at; those of sensors that report more seldom, one by one */
const shortHoldMs = hourMs

/** The rows that the readings of some hours make, and how many readings were read for them. */
export async function hourRows(
  source: ReadingsSource,
  asked: HoursToRoll,
): Promise<{ rows: RollUpRow[]; readings: number }> {
  const { steps, segments } = await readDecided(source, asked)
  const judged = new JudgedReadings(asked.kind, segments)
  for (const query of readingsNeeded(asked, steps))
    for await (const page of source.readings(query)) for (const reading of page) judged.add(reading)
  const hours = (asked.to - asked.from) / hourMs
  const buckets = new Buckets(Array.from({ length: hours + 1 }, (_, at) => asked.from + at * hourMs))
  return { rows: [...judged.rows(buckets, steps)], readings: judged.readings }
}

/** The readings of the hours, and those before that may still hold: in order of time for each sensor. */
function readingsNeeded({ kind, from, to, sensors }: HoursToRoll, steps: ReportingSteps) {
  const span = { kind, to, limit: noLimit }
  if (sensors)
    return sensors.map((sensor) => ({ ...span, sensor, from: from - steps.longestHoldMsUntil(sensor, from) }))
  const slow = steps.sensors.filter((sensor) => steps.longestHoldMsUntil(sensor, from) > shortHoldMs)
  const before = slow.map((sensor) => ({ ...span, sensor, from: from - longestHoldMs, to: from - shortHoldMs }))
  return [...before, { ...span, from: from - shortHoldMs }]
}

/** Readings of a kind, judged value by value. */
class JudgedReadings {
  readonly #kind: Kind
  readonly #segments: DecidedSegments
  readonly #bySensor = new Map<string, Map<string, JudgedValue[]>>()
  readings = 0

  constructor(kind: Kind, segments: DecidedSegments) {
    this.#kind = kind
    this.#segments = segments
  }

  add(reading: Reading): void {
    this.readings += 1
    const { sensor } = reading
    const byValue = this.#bySensor.get(sensor) ?? new Map<string, JudgedValue[]>()
    this.#bySensor.set(sensor, byValue)
    const held = valuesOf(reading)
    for (const value of numberNames[this.#kind]) {
      if (held[value] === undefined) continue
      const judged = judgeValue(reading, value, this.#segments.of(sensor, value))
      if (!judged) continue
      const values = byValue.get(value)
      if (values) values.push(judged)
      else byValue.set(value, [judged])
    }
  }

  *rows(buckets: Buckets, steps: ReportingSteps): Generator<RollUpRow> {
    for (const [sensor, byValue] of this.#bySensor) {
      const rows = new Map<number, Map<string, RollUp>>()
      for (const [value, values] of byValue)
        for (const { start, rollUp } of rollUpReadings(values, buckets, {}, (ts) => steps.at(sensor, ts))) {
          const row = rows.get(start) ?? new Map<string, RollUp>()
          rows.set(start, row.set(value, rollUp))
        }
      for (const [start, values] of rows) yield { sensor, start, values }
    }
  }
}
