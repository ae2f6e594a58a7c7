import { dayMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { QueryContext } from '../query-context.ts'
import { type ReportingSteps, readReportingSteps } from '../reporting-steps.ts'
import { increaseLookbackMs, type RollUpQuery } from '../roll-ups.ts'
import type { TelemetryStore } from '../store.ts'
import { type DecidedSegments, readSegments } from './correction-segments.ts'
import type { StepAt } from './holds.ts'
import { type JudgedValue, judgeValue } from './judged-value.ts'

/** What readings are taken from. */
export type ReadingsSource = Pick<TelemetryStore, 'readings' | 'readEvents' | 'readDocuments'>

/** One sensor's readings of a span that hold a value, judged, in order of time, with those before it that may still hold. */
export interface SensorValues {
  sensor: string
  values: readonly JudgedValue[]
  stepAt: StepAt
}

/** Whose values to read: of `from <= ts < to` (epoch ms). */
type ValuesQuery = Pick<RollUpQuery, 'kind' | 'value'> & { sensors: readonly string[]; from: number; to: number }

/** sensors whose readings are read one by one; of more, those of the whole kind are */
const maxSensorsAsked = 20
/** What readings are judged by. */
export interface Decided {
  steps: ReportingSteps
  segments: DecidedSegments
}

/** Reads what readings of these sensors of a kind are judged by, until `to` (epoch ms). */
export async function readDecided(
  source: ReadingsSource,
  { kind, ...query }: { kind: Kind; sensors?: readonly string[]; to: number },
  context?: QueryContext,
): Promise<Decided> {
  const [steps, segments] = await Promise.all([readReportingSteps(source, query, context), readSegments(source, kind)])
  return { steps, segments }
}

/** More readings than any store holds. */
export const noLimit = 1_000_000_000_000

/** Reads values of sensors and judges them, each by what is decided about it and by what was in force. */
export class ValuesReader {
  readonly #source: ReadingsSource
  readonly #query: ValuesQuery
  readonly #context: QueryContext | undefined
  readonly #steps: ReportingSteps
  readonly #segments: DecidedSegments

  constructor(source: ReadingsSource, query: ValuesQuery, decided: Decided, context?: QueryContext) {
    this.#source = source
    this.#query = query
    this.#context = context
    this.#steps = decided.steps
    this.#segments = decided.segments
  }

  /** The sensors that have any. */
  async read(): Promise<SensorValues[]> {
    const { sensors, from, to } = this.#query
    const holdMs = sensors.reduce(
      (longest, sensor) => Math.max(longest, this.#steps.longestHoldMsUntil(sensor, from)),
      0,
    )
    const found = await this.#valuesOf(sensors, from - holdMs, to)
    return [...found].map(([sensor, values]) => ({
      ...{ sensor, values },
      stepAt: (ts) => this.#steps.at(sensor, ts),
    }))
  }

  /** The last reading of a sensor that counts before the span, as far back as increases are counted from. */
  async lastBefore(sensor: string): Promise<JudgedValue | undefined> {
    const { from } = this.#query
    const earliest = from - increaseLookbackMs
    let to = from
    for (const back of [dayMs / 8, dayMs, 8 * dayMs, increaseLookbackMs]) {
      const start = Math.max(from - back, earliest)
      const values = (await this.#valuesOf([sensor], start, to)).get(sensor)
      const last = values?.findLast(({ exclusion }) => exclusion === undefined)
      if (last) return last
      to = start
    }
    return undefined
  }

  async #valuesOf(sensors: readonly string[], from: number, to: number): Promise<Map<string, JudgedValue[]>> {
    const { kind, value } = this.#query
    const wanted = new Set(sensors)
    const found = new Map<string, JudgedValue[]>()
    const span = { kind, from, to, limit: noLimit }
    const queries = wanted.size > maxSensorsAsked ? [span] : [...wanted].map((sensor) => ({ ...span, sensor }))
    for (const query of queries)
      for await (const page of this.#source.readings(query, this.#context))
        for (const reading of page) {
          const { sensor } = reading
          const judged = wanted.has(sensor) && judgeValue(reading, value, this.#segments.of(sensor, value))
          if (!judged) continue
          const values = found.get(sensor)
          if (values) values.push(judged)
          else found.set(sensor, [judged])
        }
    return found
  }
}
