import { dayMs } from '#telemetry/durations.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { ArrivalTimes } from '../clock/arrival-times.ts'
import type { DecodedBlock } from '../decode/decode-block.ts'
import type { Refusal } from '../decode/refusal.ts'
import { asPast } from '../decode/refused-reading.ts'
import { type RunningStoreParts, type StoreOptions, withRunningStore } from '../ingest-store.ts'
import { countBlock, countRefusals } from '../metrics.ts'
import { Quarantine } from '../quarantine/quarantine.ts'
import type { QuarantineSize } from '../quarantine/quarantine-size.ts'
import { RefusalWriter } from '../quarantine/refusal-writer.ts'
import type { DamagedBlocks } from './damaged-blocks.ts'
import { writeBatch } from './write-batch.ts'

export interface BlockWriterOptions extends StoreOptions {
  /** ms that readings are kept by RETENTION_DAYS: what is older, or older than the store itself keeps now, is refused, for it would be removed the same day */
  keptMs: number
  /** determines whether the clock of the arrivals is right: while that is unknown, nothing is refused for its age */
  arrivals?: ArrivalTimes
  /** stores damaged blocks */
  damaged: DamagedBlocks
  /** shared with others who put entries into the quarantine */
  quarantineSize?: QuarantineSize
}

/** Writes decoded blocks: readings to the store, refusals to quarantine. */
export class BlockWriter {
  readonly #options: RunningStoreParts
  readonly #refusals: RefusalWriter
  readonly #keptMs: number
  readonly #arrivals: ArrivalTimes | undefined
  readonly #damaged: DamagedBlocks

  constructor(options: BlockWriterOptions) {
    this.#keptMs = options.keptMs
    this.#arrivals = options.arrivals
    this.#damaged = options.damaged
    this.#options = withRunningStore(options)
    const { store, metrics, quarantineSize: size } = options
    this.#refusals = new RefusalWriter(new Quarantine({ store, metrics, ...(size && { size }) }), options)
  }

  /**
   * Tries until store and quarantine have all of it; rejects when the signal of the options is aborted before, or a damaged block
   * cannot be stored elsewhere. Returns a number for {@link isOverflowReported}.
   */
  async write(blocks: readonly DecodedBlock[]): Promise<number> {
    const { metrics } = this.#options
    for (const { offset, damaged } of blocks) if (damaged) await this.#damaged.store(offset, damaged)
    const stop = metrics.write.startTimer()
    const { kept, refused } = this.#separate(blocks.flatMap((block) => block.readings))
    const rejected = await writeBatch(kept, this.#options)
    const refusals = blocks.flatMap((block) => block.refusals).concat(refused, rejected)
    for (const block of blocks) countBlock(metrics, block)
    countRefusals(metrics, refusals)
    const selection = await this.#refusals.write(refusals)
    stop()
    return selection
  }

  /** Whether everything refused up to this write (without one: so far) is in the store, as an entry or counted by one. */
  isOverflowReported(write?: number): boolean {
    return this.#refusals.isOverflowReported(write)
  }

  /** Stores the counts of what the quarantine had no room for, when they are due; at the end all of them. */
  reportOverflow(when?: { isEnd: boolean }): Promise<void> {
    return this.#refusals.reportOverflow(when)
  }

  #separate(readings: readonly LiveReading[]): { kept: readonly LiveReading[]; refused: Refusal[] } {
    // asked each time: how long a bucket keeps readings may be changed while this runs
    const storeKeptMs = this.#options.store.keptMs()
    const keptMs = Math.min(this.#keptMs, storeKeptMs)
    const isPast = ({ reading, arrivedAt }: LiveReading) => reading.ts < arrivedAt - keptMs
    const past = readings.filter(isPast)
    if (past.length === 0 || this.#arrivals?.isConfirmed === false) return { kept: readings, refused: [] }
    const keptBy = keptMs < storeKeptMs ? 'RETENTION_DAYS' : 'store'
    const refused = past.map((item) => asPast(item, { keptBy, days: Number((keptMs / dayMs).toFixed(2)) }))
    return { kept: readings.filter((item) => !isPast(item)), refused }
  }
}
