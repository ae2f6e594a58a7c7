import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { reasonOf } from '#telemetry/faults/message-reasons.ts'
import { messageOf, quotableText } from '#telemetry/faults/quotable-text.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Refusal } from '../decode/refusal.ts'
import { asRefusal } from '../decode/refused-reading.ts'
import type { StoreOptions } from '../ingest-store.ts'
import { OverflowReporter } from '../quarantine/overflow-reporter.ts'
import { Quarantine } from '../quarantine/quarantine.ts'
import { quarantineLimits } from '../quarantine/quarantine-limits.ts'
import type { QuarantineSize } from '../quarantine/quarantine-size.ts'
import { RefusalWriter } from '../quarantine/refusal-writer.ts'

/** faults that wait for the store; further ones are counted, not kept */
const maxWaiting = 1_000
/** entries a minute: a share of the quarantine */
const maxPerMinute = 60
/** ms between two lines in the log */
const logEveryMs = 60_000

/**
 * Puts in quarantine, with the reason, what could not be published on the live feed: the store has such a reading all the same. Never waits
 * and never throws, for the live feed does neither.
 */
export class LiveFaults {
  readonly #options: StoreOptions
  readonly #refusals: RefusalWriter
  #waiting: Refusal[] = []
  readonly #overflow: OverflowReporter
  readonly #writing = new CoalescedTask(() => this.#write())
  #loggedAt = Number.NEGATIVE_INFINITY
  #unlogged = 0

  constructor(options: StoreOptions & { quarantineSize: QuarantineSize }) {
    this.#options = options
    const { store, metrics, quarantineSize: size } = options
    const quarantine = new Quarantine({ store, metrics, size, limits: { ...quarantineLimits, maxPerMinute } })
    this.#refusals = new RefusalWriter(quarantine, options)
    this.#overflow = new OverflowReporter(this.#refusals, options)
  }

  /** A fault that is not about one reading is only counted and logged. */
  reportFailure(error: unknown, item?: LiveReading): void {
    this.#options.metrics.liveFaults.inc()
    this.#log(error)
    if (!item) return
    const said = quotableText(messageOf(error))
    this.#enqueue({ ...asRefusal(item, 'FAULT', { code: 'NOT_SHOWN_LIVE', params: { said } }), partial: true })
  }

  /** A record that the live feed could not decode; the store's side finds the same, or stores it. */
  reportRefusal(refusal: Refusal): void {
    this.#options.metrics.liveFaults.inc()
    this.#log(new Error(reasonOf(refusal.faults[0])))
    this.#enqueue(refusal)
  }

  /** Waits for what is being written, which ends with the signal of the options; tells what the quarantine had no room for. */
  async close(): Promise<void> {
    await this.#writing.idle()
    await this.#overflow.close()
  }

  #log(error: unknown): void {
    this.#unlogged += 1
    if (performance.now() - this.#loggedAt < logEveryMs) return
    this.#loggedAt = performance.now()
    this.#options.log.error({ err: error, count: this.#unlogged }, 'readings cannot be put on the live feed')
    this.#unlogged = 0
  }

  #enqueue(refusal: Refusal): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#options.metrics.quarantineNotKept.inc()
      return
    }
    this.#waiting.push(refusal)
    this.#writing.request()
  }

  async #write(): Promise<void> {
    const { log, signal } = this.#options
    // what fails in one turn goes in one write
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0 && !signal.aborted) {
      await this.#refusals.write(this.#waiting.splice(0)).catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error }, 'what could not be shown live is not in quarantine')
      })
    }
  }
}
