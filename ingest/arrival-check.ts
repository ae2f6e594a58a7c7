import type { JournalRecord } from '#journal/journal.ts'
import { maxClockAheadMs } from '#telemetry/reading.ts'

/** ms within which two clocks say the same */
const sameMs = maxClockAheadMs
/** disagreements of different size that are remembered: of several brokers, and of a clock that jumps again */
const maxDisagreements = 16
/** sensors heard on one disagreement; so many are enough to tell */
const maxWitnesses = 1_000
/** sensors that must agree on a time that neither clock says */
const minAgreeing = 2

/** What the times of sensors say about two clocks that disagree. */
class Disagreement {
  /** by sensor: ms by which its last reading was measured after the arrival */
  readonly #skews = new Map<string, number>()
  /** ms by which the second clock is ahead of the arrival */
  readonly #offMs: number
  #verdict: number | undefined

  constructor(offMs: number) {
    this.#offMs = offMs
  }

  hear(sensor: string, skewMs: number): void {
    const known = this.#skews.get(sensor)
    if (known === undefined && this.#skews.size >= maxWitnesses) return
    this.#skews.set(sensor, skewMs)
    // what a sensor said before, about as much, changes nothing
    if (known === undefined || Math.abs(known - skewMs) > sameMs / 10) this.#verdict = undefined
  }

  /** ms by which the arrival must be moved so that most sensors are right; undefined when they do not tell. */
  get moveMs(): number | undefined {
    this.#verdict ??= this.#judge() ?? Number.NaN
    return Number.isNaN(this.#verdict) ? undefined : this.#verdict
  }

  #judge(): number | undefined {
    const skews = [...this.#skews.values()].sort((a, b) => a - b)
    const near = (ms: number) => skews.filter((skew) => Math.abs(skew - ms) <= sameMs).length
    const [forArrival, forSecond] = [near(0), near(this.#offMs)]
    if (forArrival !== forSecond) return forArrival > forSecond ? 0 : this.#offMs
    const median = skews[Math.floor(skews.length / 2)] ?? 0
    const agreeing = near(median)
    const isAhead = median > Math.max(0, this.#offMs)
    return isAhead && agreeing >= minAgreeing && agreeing > skews.length / 2 ? median : undefined
  }
}

/**
 * When readings arrived, where the clock of the broker and a second one (the journal's, or its server's) disagree by more than
 * 5 min: one of the two is wrong, and the sensors tell which. The one that more sensors agree with is right; where neither
 * is, what most sensors agree on. While that is unknown the reading has the benefit of the doubt.
 */
export class ArrivalCheck {
  readonly #disagreements = new Map<number, Disagreement>()
  readonly #told: (offMs: number, at: number) => void

  /** @param told called with how far (ms) the clock of the broker is ahead (negative: behind), as each reading shows, and when that arrived (epoch ms) */
  constructor(told: (offMs: number, at: number) => void = () => {}) {
    this.#told = told
  }

  /** When a reading of this sensor, measured at `ts`, arrived: epoch ms. */
  arrivalOf({ arrivedAt, checkedAt = arrivedAt }: JournalRecord, sensor: string, ts: number): number {
    const offMs = checkedAt - arrivedAt
    if (Math.abs(offMs) <= sameMs) {
      this.#told(0, arrivedAt)
      return arrivedAt
    }
    const disagreement = this.#of(offMs)
    disagreement.hear(sensor, ts - arrivedAt)
    const { moveMs } = disagreement
    const at = moveMs === undefined ? likely(arrivedAt, checkedAt, ts) : arrivedAt + moveMs
    this.#told(arrivedAt - at, at)
    return Math.round(at)
  }

  /** When a record arrived whose time of measuring is not known, as far as the others tell: epoch ms. */
  likelyArrivalOf({ arrivedAt, checkedAt = arrivedAt }: JournalRecord): number {
    const offMs = checkedAt - arrivedAt
    if (Math.abs(offMs) <= sameMs) return arrivedAt
    const { moveMs = Math.max(0, offMs) } = this.#of(offMs)
    return Math.round(arrivedAt + moveMs)
  }

  #of(offMs: number): Disagreement {
    const size = Math.round(offMs / sameMs)
    const known = this.#disagreements.get(size)
    if (known) return known
    const [oldest] = this.#disagreements.keys()
    if (oldest !== undefined && this.#disagreements.size >= maxDisagreements) this.#disagreements.delete(oldest)
    const disagreement = new Disagreement(offMs)
    this.#disagreements.set(size, disagreement)
    return disagreement
  }
}

/** The earlier of two times at which a reading of this time can have come, else the later. */
function likely(one: number, other: number, ts: number): number {
  const earlier = Math.min(one, other)
  return ts <= earlier + sameMs ? earlier : Math.max(one, other)
}
