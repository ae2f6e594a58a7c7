import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { Member } from '#storage/roll-ups.ts'
import type { QuestionBucket } from './windows.ts'

/** What was to be expected of a group in a bucket, as far as it is over. */
export interface Expected {
  /** not a whole number where a step is cut */
  readings: number
  /** ms of all sensors together */
  ms: number
  /** whether simulated sensors were among them */
  isSimulated: boolean
}

/** How much is expected in each ms from here on. */
interface Rates {
  readings: number
  sensors: number
  simulated: number
}

/** Changes of the rates of a group at moments, epoch ms. */
class RateChanges {
  readonly #changes = new Map<number, Rates>()

  add({ from, to }: Span, rates: Rates): void {
    this.#change(from, rates, 1)
    this.#change(to, rates, -1)
  }

  #change(at: number, { readings, sensors, simulated }: Rates, sign: 1 | -1): void {
    const held = this.#changes.get(at) ?? { readings: 0, sensors: 0, simulated: 0 }
    held.readings += sign * readings
    held.sensors += sign * sensors
    held.simulated += sign * simulated
    this.#changes.set(at, held)
  }

  /** The sums over each of the buckets, which are in order and do not overlap. */
  over(buckets: readonly QuestionBucket[], now: number): Expected[] {
    const changes = [...this.#changes].sort(([a], [b]) => a - b)
    const rates: Rates = { readings: 0, sensors: 0, simulated: 0 }
    let next = 0
    const advance = (until: number) => {
      for (let change = changes[next]; change && change[0] <= until; change = changes[next]) {
        rates.readings += change[1].readings
        rates.sensors += change[1].sensors
        rates.simulated += change[1].simulated
        if (rates.sensors === 0) rates.readings = 0 // what rounding left of it
        next += 1
      }
    }
    return buckets.map(({ start, end }) => {
      const sum: Expected = { readings: 0, ms: 0, isSimulated: false }
      const over = Math.min(end, now)
      for (let at = start; at < over; ) {
        advance(at)
        const until = Math.min(changes[next]?.[0] ?? over, over)
        sum.readings += rates.readings * (until - at)
        sum.ms += rates.sensors * (until - at)
        sum.isSimulated ||= rates.simulated > 0
        at = until
      }
      return sum
    })
  }
}

interface ExpectationParts {
  steps: Pick<ReportingSteps, 'stretches'>
  members: readonly Member[]
  buckets: readonly QuestionBucket[]
  simulated: ReadonlySet<string>
  now: number
}

/** Of each group, bucket by bucket: how many readings were to be expected of who was there, by how often each was to report. */
export function expectedOf({ steps, members, buckets, simulated, now }: ExpectationParts): Map<number, Expected[]> {
  const [first, last] = [buckets[0], buckets.at(-1)]
  const groups = new Map<number, RateChanges>()
  if (!first || !last) return new Map()
  for (const { sensor, group, from = first.start, to = last.end } of members) {
    const [begin, end] = [Math.max(from, first.start), Math.min(to, last.end)]
    if (begin >= end) continue
    const changes = groups.get(group) ?? new RateChanges()
    groups.set(group, changes)
    const isSimulated = simulated.has(sensor) ? 1 : 0
    for (const stretch of steps.stretches(sensor, begin, end))
      changes.add(stretch, { readings: 1 / stretch.stepMs, sensors: 1, simulated: isSimulated })
  }
  return new Map([...groups].map(([group, changes]) => [group, changes.over(buckets, now)]))
}
