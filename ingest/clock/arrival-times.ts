import type { JournalRecord } from '#journal/journal.ts'
import { maxClockAheadMs } from '#telemetry/reading.ts'
import { CommonLateness } from './common-lateness.ts'

/** ms within which two clocks say the same */
const sameMs = maxClockAheadMs
/** disagreements of different size that are remembered: of several brokers, and of a clock that jumps again */
const maxDisagreements = 16
/** sensors heard on one disagreement; so many are enough to tell */
const maxSensors = 1_000
/** sensors that must agree on a time that neither clock says */
const minAgreeing = 2
/** It is later than this, whatever a clock says: a time before this release, epoch ms. */
const knownTime = Date.UTC(2025, 0, 1)

/** What the times of sensors say about two clocks that disagree. */
class Disagreement {
  /** by sensor: ms by which its last reading was measured after the arrival */
  readonly #skews = new Map<string, number>()
  /** ms by which the second clock is ahead of the arrival */
  readonly #offMs: number
  /** whether neither clock can be right */
  readonly #areWrong: boolean
  #verdict: number | undefined

  constructor(offMs: number, areWrong = false) {
    this.#offMs = offMs
    this.#areWrong = areWrong
  }

  observe(sensor: string, skewMs: number): void {
    const known = this.#skews.get(sensor)
    if (known === undefined && this.#skews.size >= maxSensors) return
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
    if (!this.#areWrong && forArrival !== forSecond) return forArrival > forSecond ? 0 : this.#offMs
    const median = skews[Math.floor(skews.length / 2)] ?? 0
    const agreeing = near(median)
    const isAhead = median > Math.max(0, this.#offMs)
    return isAhead && agreeing >= minAgreeing && agreeing > skews.length / 2 ? median : undefined
  }
}

/** When a reading arrived. */
export interface Arrival {
  /** epoch ms */
  at: number
  /** false while our own clocks disagree, or say what cannot be, and the sensors do not tell which is right */
  isKnown: boolean
}

/**
 * When readings arrived, where the clock of the broker and a second one (the journal's, or its server's) disagree by more than
 * 5 min: one of the two is wrong, and the sensors tell which. The one that more sensors agree with is right; where neither
 * is, what most sensors agree on. While that is unknown the reading has the benefit of the doubt.
 */
export class ArrivalTimes {
  readonly #disagreements = new Map<number, Disagreement>()
  /** of clocks that say a time before this release */
  #impossible: Disagreement | undefined
  readonly #lateness = new CommonLateness()
  readonly #report: (offMs: number, at: number) => void

  /** @param report called with how far (ms) the clock of the broker is ahead (negative: behind), as each reading shows, and when that arrived (epoch ms) */
  constructor(report: (offMs: number, at: number) => void = () => {}) {
    this.#report = report
  }

  /** When a reading of this sensor, measured at `ts`, arrived. */
  arrivalOf(record: JournalRecord, sensor: string, ts: number): Arrival {
    const arrival = this.#arrivalOf(record, sensor, ts)
    this.#report(record.arrivedAt - arrival.at, arrival.at)
    if (arrival.isKnown) this.#lateness.observe(sensor, arrival.at - ts)
    return arrival
  }

  #arrivalOf({ arrivedAt, checkedAt = arrivedAt }: JournalRecord, sensor: string, ts: number): Arrival {
    const disagreement = this.#of(arrivedAt, checkedAt)
    if (!disagreement) return { at: arrivedAt, isKnown: true }
    disagreement.observe(sensor, ts - arrivedAt)
    const { moveMs } = disagreement
    if (moveMs === undefined) return { at: Math.round(likely(arrivedAt, checkedAt, ts)), isKnown: false }
    return { at: Math.round(arrivedAt + moveMs), isKnown: true }
  }

  /** When a record arrived whose time of measuring is not known, as far as the others tell: epoch ms. */
  likelyArrivalOf({ arrivedAt, checkedAt = arrivedAt }: JournalRecord): number {
    const disagreement = this.#of(arrivedAt, checkedAt)
    if (!disagreement) return arrivedAt
    const { moveMs = Math.max(0, checkedAt - arrivedAt) } = disagreement
    return Math.round(arrivedAt + moveMs)
  }

  /**
   * Whether sensors confirm the clock of the arrivals, so that what looks too old is. Where most are late by the same, or none was
   * heard yet, it may be our clock that is ahead.
   */
  get isConfirmed(): boolean {
    return this.#lateness.isConfirmed
  }

  /** Undefined while the clocks agree, and say a time that can be. */
  #of(arrivedAt: number, checkedAt: number): Disagreement | undefined {
    if (Math.max(arrivedAt, checkedAt) < knownTime) {
      this.#impossible ??= new Disagreement(checkedAt - arrivedAt, true)
      return this.#impossible
    }
    const offMs = checkedAt - arrivedAt
    return Math.abs(offMs) <= sameMs ? undefined : this.#ofSize(offMs)
  }

  #ofSize(offMs: number): Disagreement {
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
