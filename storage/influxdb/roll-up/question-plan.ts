import type { LocalDays } from '../../roll-up/local-days.ts'
import type { Buckets } from '../../roll-up/pieces.ts'
import { clipSpans, meetsSpans, type Span, subtractSpans, uniteSpans } from '../../roll-up/spans.ts'
import { ceilHour, floorHour, isWholeHour } from '../../roll-up/utc-hours.ts'
import type { Member } from '../../roll-ups.ts'
import { everySensor } from './dirty-marks.ts'

/** What of one sensor is answered from where, each in order of time. */
export interface SensorPlan {
  /** whole hours that are answered from readings, beyond those of every sensor */
  readings: Span[]
  /** days whose roll-up must not be taken though it is there, for part of it is answered otherwise: their hours are */
  splitDays: Span[]
  /** whether a roll-up that begins at a time and is so long may be taken */
  takes: (span: Span) => boolean
}

/** What is known when a question is planned. */
interface PlanFacts {
  buckets: Buckets
  members: readonly Member[]
  /** hours that changed since they were rolled up, with the sensor or {@link everySensor} */
  dirty: readonly (Span & { sensor: string })[]
  /** hours before are rolled up */
  rolledTo: number
  /** days that are rolled up, and from which time on; none where days are not rolled up */
  days?: { calendar: LocalDays; from: number } | undefined
}

/** Which parts of a question are answered from roll-ups of days, from those of hours, and from readings. */
export class QuestionPlan {
  /** hours that are answered from readings, of every sensor */
  readonly readings: readonly Span[]
  /** whole local days of one bucket each that are answered from roll-ups of days */
  readonly days: readonly Span[]
  /** hours that are answered from roll-ups */
  readonly hours: readonly Span[]
  readonly #facts: PlanFacts
  readonly #rolled: Span
  readonly #ofSensors = new Map<string, SensorPlan>()

  constructor(facts: PlanFacts) {
    const { buckets, rolledTo, dirty } = facts
    this.#facts = facts
    const whole = { from: floorHour(buckets.from), to: ceilHour(buckets.to) }
    this.#rolled = { from: ceilHour(buckets.from), to: Math.min(rolledTo, floorHour(buckets.to)) }
    const isRolled = this.#rolled.from < this.#rolled.to
    const open = isRolled ? subtractSpans(whole, [this.#rolled]) : [whole]
    const cut = buckets.edges
      .filter((edge) => !isWholeHour(edge))
      .map((edge) => ({ from: floorHour(edge), to: ceilHour(edge) }))
    const dirtyOfAll = dirty.filter(({ sensor }) => sensor === everySensor)
    this.readings = clipSpans(uniteSpans([...open, ...cut, ...dirtyOfAll]), whole)
    this.days = isRolled ? this.#wholeDays().filter((day) => !meetsSpans(day, this.readings)) : []
    const without = uniteSpans([...this.readings, ...this.days])
    this.hours = isRolled ? subtractSpans(this.#rolled, without) : []
  }

  /** The local days that are rolled up and lie within one bucket. */
  #wholeDays(): Span[] {
    const { buckets, days } = this.#facts
    if (!days) return []
    const starts = days.calendar.startsOf(this.#rolled.from, this.#rolled.to)
    return starts.slice(0, -1).flatMap((from, at) => {
      const to = starts[at + 1] ?? from
      const isRolled = from >= Math.max(this.#rolled.from, days.from) && to <= this.#rolled.to
      if (!isRolled || !isWholeHour(from) || !isWholeHour(to)) return []
      return buckets.bucketAt(from) === buckets.bucketAt(to - 1) ? [{ from, to }] : []
    })
  }

  of(sensor: string): SensorPlan {
    const known = this.#ofSensors.get(sensor)
    if (known) return known
    const { members, dirty } = this.#facts
    const cuts = members
      .filter((member) => member.sensor === sensor)
      .flatMap(({ from = [], to = [] }) => [from, to].flat())
    const cutHours = cuts.filter((ts) => !isWholeHour(ts)).map((ts) => ({ from: floorHour(ts), to: ceilHour(ts) }))
    const own = [...dirty.filter((one) => one.sensor === sensor), ...cutHours]
    const clipped = clipSpans(uniteSpans(own), this.#rolled)
    const readings = clipped.flatMap((span) => subtractSpans(span, this.readings))
    // a roll-up must not reach over a moment at which the sensor changes its group
    const takes = (span: Span) => !meetsSpans(span, readings) && !cuts.some((ts) => span.from < ts && ts < span.to)
    const plan = { readings, takes, splitDays: this.days.filter((day) => !takes(day)) }
    this.#ofSensors.set(sensor, plan)
    return plan
  }
}
