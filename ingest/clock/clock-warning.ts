import type { Logger } from 'pino'
import { maxClockAheadMs } from '#telemetry/reading.ts'
import type { IngestMetrics } from '../metrics.ts'

/** ms between two lines about the same, and without a wrong arrival until the clock counts as right again */
const againMs = 60_000

/** Warns, at most once a minute, that the clock of a broker is wrong: log and metric. */
export class ClockWarning {
  readonly #metrics: IngestMetrics
  readonly #log: Logger
  /** ms by which the broker's clock was ahead at the last warning */
  #warnedMs = 0
  #warnedAt = Number.NEGATIVE_INFINITY
  #wrongAt = Number.NEGATIVE_INFINITY

  constructor({ metrics, log }: { metrics: IngestMetrics; log: Logger }) {
    this.#metrics = metrics
    this.#log = log
  }

  /** A reading shows that the broker's clock is so many ms ahead (negative: behind). */
  readonly observe = (offMs: number): void => {
    if (offMs === 0 && this.#warnedMs === 0) return // nearly always
    const now = performance.now()
    if (offMs === 0) this.#right(now)
    else this.#wrong(offMs, now)
  }

  #wrong(offMs: number, now: number): void {
    this.#wrongAt = now
    if (Math.abs(offMs - this.#warnedMs) <= maxClockAheadMs && now - this.#warnedAt < againMs) return
    this.#metrics.clockOff.set(offMs / 1_000)
    const seconds = Math.round(Math.abs(offMs) / 1_000)
    this.#log.error(
      { offSeconds: offMs / 1_000 },
      `the clock of the broker is about ${seconds} s ${offMs > 0 ? 'ahead' : 'behind'}, as a second clock and the sensors say: readings are judged by those; set the clock right`,
    )
    this.#warnedMs = offMs
    this.#warnedAt = now
  }

  #right(now: number): void {
    if (now - this.#wrongAt < againMs) return
    this.#warnedMs = 0
    this.#metrics.clockOff.set(0)
    this.#log.warn('the clock of the broker is right again')
  }
}
