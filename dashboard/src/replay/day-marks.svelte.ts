import type { Alert } from '#telemetry/alert.ts'
import { minuteMs } from '#telemetry/durations.ts'
import type { CoverageResponse } from '#telemetry/replay.ts'
import type { ScrubberSpan } from './day.ts'
import { fetchAlertsOf, fetchCoverage } from './replay-client.ts'

/** ms after which the marks of a span that goes on are read again */
const againMs = minuteMs

/** What the scrubber marks: how complete its span is, and the alerts that were raised in it. */
export class DayMarks {
  coverage = $state.raw<CoverageResponse>()
  raised = $state.raw<readonly Alert[]>([])
  #span: ScrubberSpan | undefined
  #isRead = false
  #readAt = Number.NEGATIVE_INFINITY

  /** Reads them, of as much of a span as is over; `now` is the platform's clock (epoch ms). Throws ApiError. */
  async read(span: ScrubberSpan, now: number): Promise<void> {
    this.#span = span
    this.#isRead = false
    this.#readAt = performance.now()
    const to = Math.floor(Math.min(span.to, now))
    const coverage = await fetchCoverage(span.from, to)
    // another day may have been chosen meanwhile
    if (this.#span !== span) return
    this.#isRead = true
    this.coverage = coverage
    void this.#readRaised(span, to)
  }

  /** Reads them once more: at once for another day, and each minute while the span goes on or could not be read. */
  refresh(span: ScrubberSpan, now: number): void {
    if (!this.#span) return
    const isOther = Math.abs(span.to - this.#span.to) > 2 * againMs
    const isDue = performance.now() - this.#readAt > againMs && (span.to > now - againMs || !this.#isRead)
    if (isOther || isDue) void this.read(span, now).catch(() => {}) // tried again later
  }

  /** Marks beside what is needed: without them a replay goes on. */
  async #readRaised(span: ScrubberSpan, to: number): Promise<void> {
    try {
      const raised = await fetchAlertsOf(span.from, to)
      if (this.#span === span) this.raised = raised
    } catch (error) {
      console.warn(error)
    }
  }
}
