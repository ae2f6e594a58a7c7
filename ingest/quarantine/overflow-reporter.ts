import { SingleFlight } from '#telemetry/concurrency/single-flight.ts'
import type { StoreOptions } from '../ingest-store.ts'
import type { RefusalWriter } from './refusal-writer.ts'

/** ms between two reports */
const everyMs = 1_000

/** Reports the overflow of a quarantine regularly, also when nothing more is refused; at the end all of it. */
export class OverflowReporter {
  readonly #writer: RefusalWriter
  readonly #options: StoreOptions
  readonly #timer: NodeJS.Timeout
  readonly #reporting = new SingleFlight(() => this.#report())

  constructor(writer: RefusalWriter, options: StoreOptions) {
    this.#writer = writer
    this.#options = options
    this.#timer = setInterval(() => void this.#reporting.run(), everyMs)
    this.#timer.unref()
  }

  async #report(when?: { isEnd: boolean }): Promise<void> {
    const { log, signal } = this.#options
    await this.#writer.reportOverflow(when).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'what the quarantine had no room for is not told; trying again')
    })
  }

  /** Reports what is left, unless the signal of the options is aborted first. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reporting.idle()
    await this.#report({ isEnd: true })
  }
}
