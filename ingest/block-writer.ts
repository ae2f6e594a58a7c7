import type { LiveReading } from '#telemetry/live.ts'
import type { Quarantined } from '#telemetry/rest.ts'
import { BatchSize } from './batch-size.ts'
import type { DamagedBlocks } from './damaged-blocks.ts'
import type { DecodedBlock } from './decode-block.ts'
import { keepEntries } from './keep-entries.ts'
import { countBlock, countRefusals } from './metrics.ts'
import { Quarantine } from './quarantine.ts'
import type { QuarantineSize } from './quarantine-size.ts'
import type { Refusal } from './refusal.ts'
import { asPast } from './refused-reading.ts'
import { type StoreBatchOptions, storeBatch } from './store-batch.ts'

export interface BlockWriterOptions extends Omit<StoreBatchOptions, 'size'> {
  /** ms that the store keeps readings: older ones are refused, for they would be removed the same day */
  keptMs: number
  /** where blocks go that nobody can read */
  damaged: DamagedBlocks
  /** shared with others who put entries into the quarantine */
  quarantineSize?: QuarantineSize
}

/** Brings decoded blocks to where they belong: readings to the store, what was refused to quarantine. */
export class BlockWriter {
  readonly #options: StoreBatchOptions
  readonly #quarantine: Quarantine
  readonly #keptMs: number
  /** writes of entries under way */
  #keeping = 0
  readonly #damaged: DamagedBlocks

  constructor(options: BlockWriterOptions) {
    this.#keptMs = options.keptMs
    this.#damaged = options.damaged
    this.#options = { ...options, size: new BatchSize() }
    const { store, metrics, quarantineSize: size } = options
    this.#quarantine = new Quarantine({ store, metrics, ...(size && { size }) })
  }

  /** Tries until store and quarantine have all of it; rejects when the signal of the options is aborted before, or a damaged block cannot be put aside. */
  async write(blocks: readonly DecodedBlock[]): Promise<void> {
    const { metrics } = this.#options
    for (const { position, damaged } of blocks) if (damaged) await this.#damaged.keep(position, damaged)
    const stop = metrics.write.startTimer()
    const { kept, refused } = this.#separate(blocks.flatMap((block) => block.readings))
    const rejected = await storeBatch(kept, this.#options)
    const refusals = blocks.flatMap((block) => block.refusals).concat(refused, rejected)
    for (const block of blocks) countBlock(metrics, block)
    countRefusals(metrics, refusals)
    await this.#keep(this.#quarantine.select(refusals, this.#quarantine.clock.now()))
    stop()
  }

  /** Whether the store knows of all that was written and refused, also of what the quarantine had no room for. */
  get isTold(): boolean {
    return this.#quarantine.isTold && this.#keeping === 0
  }

  /** Tells what the quarantine had no room for, when it is time; at the end, all that is not told yet. */
  async tellRest({ isEnd = false } = {}): Promise<void> {
    const entries = isEnd ? this.#quarantine.rest() : this.#quarantine.select([], this.#quarantine.clock.now())
    await this.#keep(entries)
  }

  async #keep(entries: readonly Quarantined[]): Promise<void> {
    if (entries.length === 0) return
    this.#keeping += 1
    await keepEntries(entries, this.#quarantine, this.#options)
    this.#keeping -= 1
  }

  #separate(readings: readonly LiveReading[]): { kept: readonly LiveReading[]; refused: Refusal[] } {
    const isPast = ({ reading, arrivedAt }: LiveReading) => reading.ts < arrivedAt - this.#keptMs
    const past = readings.filter(isPast)
    if (past.length === 0) return { kept: readings, refused: [] }
    const why = this.#keptMs < this.#options.store.keptMs() ? 'RETENTION_DAYS=' : 'days of the store itself: '
    const refused = past.map((item) => asPast(item, `${why}${Number((this.#keptMs / 86_400_000).toFixed(2))}`))
    return { kept: readings.filter((item) => !isPast(item)), refused }
  }
}
