import { StoreRejectedError } from '#telemetry/errors.ts'
import type { Quarantined } from '#telemetry/rest.ts'
import { BatchSize } from './batch-size.ts'
import type { DecodedBlock } from './decode-block.ts'
import { countBlock } from './metrics.ts'
import { Quarantine } from './quarantine.ts'
import { type StoreBatchOptions, storeBatch, untilStored } from './store-batch.ts'

/** Brings decoded blocks to where they belong: readings to the store, what was refused to quarantine. */
export class BlockWriter {
  readonly #options: StoreBatchOptions
  readonly #quarantine: Quarantine

  constructor(options: Omit<StoreBatchOptions, 'size'>) {
    this.#options = { ...options, size: new BatchSize() }
    this.#quarantine = new Quarantine(options)
  }

  /** Tries until store and quarantine have all of it; rejects when the signal of the options is aborted before. */
  async write(blocks: readonly DecodedBlock[]): Promise<void> {
    const { metrics } = this.#options
    const stop = metrics.write.startTimer()
    const rejected = await storeBatch(
      blocks.flatMap((block) => block.readings),
      this.#options,
    )
    const refusals = blocks.flatMap((block) => block.refusals).concat(rejected)
    for (const block of blocks) countBlock(metrics, block)
    const entries = this.#quarantine.select(refusals, Date.now())
    if (entries.length > 0) await this.#keep(entries)
    stop()
  }

  async #keep(entries: readonly Quarantined[]): Promise<void> {
    try {
      await untilStored(() => this.#quarantine.keep(entries, Date.now()), this.#options)
    } catch (error) {
      if (!(error instanceof StoreRejectedError)) throw error
      // what cannot even be quarantined must not hold up the readings behind it
      this.#options.metrics.quarantineOverflow.inc(entries.length)
      this.#options.log.error({ err: error, entries: entries.length }, 'the store refuses what should go to quarantine')
    }
  }
}
