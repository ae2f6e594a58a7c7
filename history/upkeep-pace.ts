/** readings that the first step of an upkeep may read */
const firstReadings = 20_000
/** readings that a step may read, at the least (what a step costs besides would be most of it) and at the most, however fast the store is */
export const stepReadings = { least: 10_000, most: 1_000_000 }

export interface UpkeepPaceOptions {
  /** ms that a step is to take */
  stepMs: number
  /** ms of pause for each ms that a step took: what else asks the store comes first */
  pausePerMs: number
}

/** How much a step of the upkeep may do, so that it takes about as long as it may on this machine; and how long it pauses then. */
export class UpkeepPace {
  readonly #options: UpkeepPaceOptions
  #maxReadings = firstReadings

  constructor(options: UpkeepPaceOptions) {
    this.#options = options
  }

  /** Readings that the next step may read at the most. */
  get maxReadings(): number {
    return this.#maxReadings
  }

  /** Notes how long a step took; resolves to the ms to pause before the next one. A step that had little to read does not make the next one larger. */
  record({ ms, readings }: { ms: number; readings: number }): number {
    const { stepMs, pausePerMs } = this.#options
    const factor = Math.min(Math.max(stepMs / Math.max(ms, 1), 0.5), 2)
    if (factor < 1 || readings >= this.#maxReadings / 2) this.#resize(this.#maxReadings * factor)
    return ms * pausePerMs
  }

  /** The store failed: perhaps over too much at once. */
  recordFault(): void {
    this.#resize(this.#maxReadings / 2)
  }

  #resize(readings: number): void {
    this.#maxReadings = Math.round(Math.min(Math.max(readings, stepReadings.least), stepReadings.most))
  }
}
