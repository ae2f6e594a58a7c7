/** catching up is at the most so many times as fast as readings arrive: fast enough to end soon, too slow for screens to notice */
const timesArrival = 4
/** ms of arrivals that one step catches up at the most: what a step holds up is over soon */
const stepMs = 2_000
const minRecords = 2_000
const maxRecords = 10_000
/** ms over which arrivals are counted */
const windowMs = 1_000

/** How fast a writer that is behind reads the journal, so that it ends soon and screens do not notice. */
export class CatchUpPace {
  readonly #clock: () => number
  #windowFrom: number
  #counting = 0
  #perSecond = 0

  /** @param clock ms, from anywhere */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
    this.#windowFrom = clock()
  }

  /** Counts records that arrived now. */
  arrived(records: number): void {
    this.#roll()
    this.#counting += records
  }

  #roll(): void {
    const ms = this.#clock() - this.#windowFrom
    if (ms < windowMs) return
    this.#perSecond = (this.#counting / ms) * 1_000
    this.#counting = 0
    this.#windowFrom += ms
  }

  /** Records to take in one step. */
  get stepRecords(): number {
    this.#roll()
    // where nothing arrives there is nobody to hold up
    if (this.#perSecond === 0) return maxRecords
    return Math.min(maxRecords, Math.max(minRecords, Math.round((this.#perSecond * stepMs) / 1_000)))
  }

  /** ms to wait after a step of so many records; none where nothing arrives, or where the store is not that fast. */
  pauseMs(records: number, tookMs: number): number {
    this.#roll()
    if (this.#perSecond === 0) return 0
    const slotMs = (records / (this.#perSecond * timesArrival)) * 1_000
    return Math.min(windowMs, Math.max(0, slotMs - tookMs))
  }
}
