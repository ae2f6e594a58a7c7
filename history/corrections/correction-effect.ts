import { type JudgedValue, judgeValue } from '#storage/roll-up/judged-value.ts'
import { fromSteps, meanOf } from '#storage/roll-up/steps.ts'
import { floorHour } from '#storage/roll-up/utc-hours.ts'
import type { CorrectionSegment } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import type { CorrectionDryRunResponse } from '#telemetry/data-corrections.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { type Kind, kindOf } from '#telemetry/kinds.ts'
import { numbersOfKind } from '#telemetry/numbers-of-kind.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { FilePoint } from './correction-file.ts'

/** readings that one look goes through */
const maxReadings = 500_000
/** ms of which all times have one local date: zones differ by quarters of an hour */
const oneDateMs = 15 * minuteMs

/** What to look at: readings of a sensor with `from <= ts < to` (epoch ms), as they count before and as they would. */
interface EffectQuery {
  kind: Kind
  sensor: string
  from: number
  to: number
  before: readonly CorrectionSegment[]
  after: readonly CorrectionSegment[]
  /** of a file whose points may have no reading */
  points?: readonly FilePoint[] | undefined
  /** whose days are told, of the IANA database */
  zone: string
}

type Effect = Pick<CorrectionDryRunResponse, 'values' | 'hours' | 'days' | 'unmatched' | 'truncated' | 'readTo'>

/** What a change of corrections would do to the readings of a span: how many, their means, which hours and days. Nothing is changed. */
export async function correctionEffect(
  store: Pick<TelemetryStore, 'readings'>,
  { kind, sensor, from, to, before, after, points, zone }: EffectQuery,
  context: QueryContext,
): Promise<Effect> {
  const numbers = numbersOfKind[kind]
  const values = numbers.map(({ name }) => new ValueEffect(kind, name, before, after))
  const hours = new Set<number>()
  const dates = new LocalDates(zone)
  const missing = new Set(points?.map(([ts]) => ts))
  let [read, readTo, truncated] = [0, to, false]
  for await (const page of store.readings({ kind, sensor, from, to, limit: maxReadings + 1 }, context))
    for (const reading of page) {
      read += 1
      if (read > maxReadings) {
        truncated = true
        readTo = Math.min(readTo, reading.ts)
        continue
      }
      missing.delete(reading.ts)
      const changed = values.filter((value) => value.add(reading)).length > 0
      if (!changed) continue
      hours.add(floorHour(reading.ts))
      dates.add(reading.ts)
    }
  return {
    values: values.flatMap((value) => (value.changed > 0 ? [value.told] : [])),
    ...{ hours: hours.size, days: dates.all, unmatched: missing.size, truncated, readTo },
  }
}

/** What readings of one value come to, before and after. */
class ValueEffect {
  readonly #kind: Kind
  readonly #name: string
  readonly #before: SegmentCursor
  readonly #after: SegmentCursor
  readonly #sums = { before: { sum: 0n, count: 0 }, after: { sum: 0n, count: 0 } }
  #outOfRange = 0
  changed = 0

  constructor(kind: Kind, name: string, before: readonly CorrectionSegment[], after: readonly CorrectionSegment[]) {
    this.#kind = kind
    this.#name = name
    this.#before = new SegmentCursor(before, name)
    this.#after = new SegmentCursor(after, name)
  }

  /** Adds a reading, in order of time; whether it would count otherwise. */
  add(reading: Reading): boolean {
    const before = judgeValue(reading, this.#name, this.#before.at(reading.ts))
    const after = judgeValue(reading, this.#name, this.#after.at(reading.ts))
    if (!before || !after) return false
    addTo(this.#sums.before, before)
    addTo(this.#sums.after, after)
    if (before.steps === after.steps && before.exclusion === after.exclusion) return false
    this.changed += 1
    const { schema } = kindOf(this.#kind).values[this.#name] ?? {}
    if (after.exclusion === undefined && schema?.safeParse(fromSteps(after.steps)).success === false)
      this.#outOfRange += 1
    return true
  }

  get told() {
    const { before, after } = this.#sums
    return {
      ...{ value: this.#name, changed: this.changed, outOfRange: this.#outOfRange },
      ...{ before: figuresOf(before), after: figuresOf(after) },
    }
  }
}

function addTo(sums: { sum: bigint; count: number }, { steps, exclusion }: JudgedValue): void {
  if (exclusion !== undefined) return
  sums.sum += BigInt(steps)
  sums.count += 1
}

function figuresOf(sums: { sum: bigint; count: number }) {
  const mean = meanOf(sums)
  return { count: sums.count, ...(mean !== undefined && { mean }) }
}

/** The segment in which each of some times in order lies. */
class SegmentCursor {
  readonly #segments: readonly CorrectionSegment[]
  #next = 0

  constructor(segments: readonly CorrectionSegment[], value: string) {
    this.#segments = segments.filter((segment) => segment.value === value).toSorted((a, b) => a.from - b.from)
  }

  at(ts: number): readonly CorrectionSegment[] {
    while ((this.#segments[this.#next]?.to ?? Number.POSITIVE_INFINITY) <= ts) this.#next += 1
    const segment = this.#segments[this.#next]
    return segment ? [segment] : []
  }
}

/** Local dates of times in order. */
class LocalDates {
  readonly #format: Intl.DateTimeFormat
  readonly #dates = new Set<string>()
  #last = Number.NaN

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  }

  add(ts: number): void {
    const part = Math.floor(ts / oneDateMs)
    if (part === this.#last) return
    this.#last = part
    this.#dates.add(this.#format.format(ts))
  }

  get all(): string[] {
    return [...this.#dates]
  }
}
