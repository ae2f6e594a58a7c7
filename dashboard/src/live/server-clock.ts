/** How many of the newest samples are looked at. */
export const clockSamples = 60
/** How many newest latencies the percentile is taken of. */
export const latencySamples = 2_000
/** ms between measuring and arrival from which a reading has waited in its device, or its clock is off: counted apart. */
export const waitedFromMs = 10_000

/**
 * The server's clock as seen from here. Each message carries the server's time; the way here only makes it look
 * older, so the largest difference among the newest messages is the best one.
 */
export class ServerClock {
  readonly #local: () => number
  readonly #offsets: number[] = []
  #offset = 0

  constructor(local: () => number) {
    this.#local = local
  }

  /** Takes the server's `now` (epoch ms) of a message that just came in. */
  observe(serverNow: number): void {
    this.#offsets.push(serverNow - this.#local())
    if (this.#offsets.length > clockSamples) this.#offsets.shift()
    this.#offset = Math.max(...this.#offsets)
  }

  /** epoch ms */
  now(): number {
    return this.#local() + this.#offset
  }
}

/** Latencies of the newest readings, bounded. */
export class LatencyWindow {
  readonly #samples: (number | undefined)[] = []
  #next = 0

  /** A reading is on this screen at `here`: from measuring on, unless it has waited in its device. Times are epoch ms. */
  add({ ts, arrivedAt }: { ts: number; arrivedAt: number }, here: number): void {
    const hasWaited = arrivedAt - ts > waitedFromMs
    this.#samples[this.#next] = hasWaited ? undefined : Math.max(0, here - ts)
    this.#next = (this.#next + 1) % latencySamples
  }

  /** 95th percentile in ms (nearest rank), undefined without samples */
  p95(): number | undefined {
    const sorted = this.#samples.filter((sample) => sample !== undefined).toSorted((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * 0.95) - 1]
  }

  /** how many of the newest readings have waited in their devices */
  get waited(): number {
    return this.#samples.filter((sample) => sample === undefined).length
  }

  clear(): void {
    this.#samples.length = 0
    this.#next = 0
  }
}
