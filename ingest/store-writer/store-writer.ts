import { type JournalReader, type JournalSource, storeConsumer } from '#journal/journal.ts'
import { maxReadingsInWrite } from '#storage/batch-size.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import { type DecodedBlock, decodeBlock, weightOf } from '../decode/decode-block.ts'
import type { TopicCache } from '../decode/topic-cache.ts'
import { type JournalVersionHealth, unknownVersionPauseMs } from '../health/journal-version-health.ts'
import type { ProgressHealth } from '../health/progress-health.ts'
import { BlockWriter, type BlockWriterOptions } from './block-writer.ts'
import { CatchUpPace } from './catch-up-pace.ts'
import { OrderedWrites } from './ordered-writes.ts'
import { mayOverlap, measureSpans, type SensorSpans } from './sensor-spans.ts'

/** readings, and refused messages by their weight, held in memory; beyond that the writer drops them and reads the journal itself */
const maxHeld = 60_000
/** ms that a small batch waits for more */
const lingerMs = 200

export interface StoreWriterOptions extends BlockWriterOptions {
  journal: JournalSource
  topics: TopicCache
  versions: JournalVersionHealth
  /** is given each wait and each progress */
  progress?: ProgressHealth
  /** offset from which on blocks will be offered */
  offset: number
}

/**
 * Takes decoded blocks, writes them in batches, two at a time, and commits the journal's offset once the store has them.
 * When the store falls behind, it drops what it holds and reads the journal again from its own offset until it has caught up,
 * at a pace that leaves time to the screens.
 */
export class StoreWriter {
  readonly #options: StoreWriterOptions
  readonly #writer: BlockWriter
  readonly #writes = new OrderedWrites()
  /** what the writes under way hold */
  readonly #underWay = new Set<SensorSpans>()
  readonly #pace = new CatchUpPace()
  #queue: DecodedBlock[] = []
  /** weight of the queue, and of writes under way, in readings */
  #queued = 0
  #writing = 0
  #isBehind = false
  /** up to where blocks were offered, were given to writes, and are stored */
  #offered: number
  #begun: number
  #stored: number
  #committed: number
  /** what is stored and not committed, oldest first, by the number of its write: its refusals are reported within seconds */
  readonly #uncommitted: { offset: number; write: number }[] = []
  readonly #signal = new WakeSignal()
  #closed = false
  readonly #done: Promise<void>

  constructor(options: StoreWriterOptions) {
    this.#options = options
    this.#writer = new BlockWriter(options)
    this.#offered = options.offset
    this.#begun = options.offset
    this.#stored = options.offset
    this.#committed = options.offset
    this.#done = this.#run()
  }

  /** Whether it reads the journal itself now, so that no block need be offered. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Records that the next block arrived, of so many records; while behind, the writer reads it later. */
  skip(offset: number, records: number): void {
    this.#pace.arrived(records)
    this.#offered = offset
    this.#options.progress?.recordWaiting()
  }

  /** Reads the block, which could not be offered, and all that is not written yet from the journal itself: no offset is committed beyond it before. */
  reread(offset: number, records: number): void {
    this.skip(offset, records)
    this.#dropHeld()
    this.#showHeld()
  }

  /** Takes the next block in order, of so many records, unless it is {@link isBehind}. Never waits. */
  offer(block: DecodedBlock, records: number): void {
    this.skip(block.offset, records)
    this.#queue.push(block)
    this.#queued += weightOf(block)
    if (this.#queued > maxHeld) this.#dropHeld()
    this.#showHeld()
    if (this.#queued >= maxReadingsInWrite) this.#signal.wake()
  }

  #showHeld(): void {
    this.#options.metrics.held.set(this.#queued + this.#writing)
  }

  #dropHeld(): void {
    this.#isBehind = true
    this.#queue = []
    this.#queued = 0
    this.#options.metrics.behind.set(1)
  }

  async #run(): Promise<void> {
    while (!this.#closed || (this.#queue.length > 0 && !this.#options.signal.aborted)) {
      try {
        if (this.#isBehind) await this.#catchUp()
        else await this.#writeHeld()
      } catch (error) {
        await this.#writes.ended().catch(() => {}) // it says the same
        if (this.#options.signal.aborted) return
        const isUnknownVersion = this.#options.versions.reportIfUnknown(error)
        if (!isUnknownVersion)
          this.#options.log.error({ err: error }, 'the store writer failed and begins again from the journal')
        this.#begun = this.#stored
        this.#writing = 0
        this.#dropHeld()
        if (!this.#closed) await this.#signal.sleep(isUnknownVersion ? unknownVersionPauseMs : lingerMs)
      }
    }
    const ended = async () => {
      await this.#writes.ended()
      await this.#writer.reportOverflow({ isEnd: true })
      await this.#commit()
    }
    await ended().catch((error) => {
      if (!this.#options.signal.aborted)
        this.#options.log.error({ err: error }, 'what is not stored stays in the journal')
    })
  }

  async #writeHeld(): Promise<void> {
    if (this.#queued < maxReadingsInWrite && !this.#closed) await this.#signal.sleep(lingerMs)
    const blocks: DecodedBlock[] = []
    for (let taken = 0; taken < maxReadingsInWrite; ) {
      const block = this.#queue.shift()
      if (!block) break
      const weight = weightOf(block)
      taken += weight
      this.#queued -= weight
      blocks.push(block)
    }
    if (blocks.length > 0) return this.#write(blocks)
    await this.#writer.reportOverflow()
    await this.#commit()
  }

  async #catchUp(): Promise<void> {
    const reader = await this.#options.journal.read(this.#begun)
    try {
      let ahead = this.#readAhead(reader)
      while (this.#isBehind && !this.#closed) {
        const began = performance.now()
        const { blocks, records } = await ahead
        // decoded while the store is busy; what is ahead when it has caught up will have been offered too
        ahead = this.#readAhead(reader)
        ahead.catch(() => {}) // the next round awaits it and reports the fault
        await this.#write(blocks)
        const pauseMs = this.#pace.pauseMs(records, performance.now() - began)
        if (pauseMs > 0 && !this.#closed) await this.#signal.sleep(pauseMs)
        // no await between the comparison and the switch: offers that come after it are queued again
        if (this.#begun >= this.#offered) this.#isBehind = false
      }
    } finally {
      await reader.close()
    }
    if (!this.#isBehind) this.#options.metrics.behind.set(0)
  }

  async #readAhead(reader: JournalReader): Promise<{ blocks: DecodedBlock[]; records: number }> {
    const blocks = await reader.next({ maxRecords: this.#pace.stepRecords, waitMs: lingerMs })
    return {
      blocks: blocks.map((block) => decodeBlock(block, this.#options.topics, this.#options.arrivals)),
      records: blocks.reduce((sum, block) => sum + block.records.length, 0),
    }
  }

  /** Begins to write these blocks, which come next in the journal, as soon as the store has room. */
  async #write(blocks: readonly DecodedBlock[]): Promise<void> {
    const last = blocks.at(-1)
    if (!last) return
    const weight = blocks.reduce((sum, block) => sum + weightOf(block), 0)
    const spans = measureSpans(blocks)
    // of two values for one sensor and time the later one counts: it must not be overtaken, by another try of the earlier one either
    if ([...this.#underWay].some((earlier) => mayOverlap(spans, earlier))) await this.#writes.ended()
    this.#writing += weight
    this.#showHeld()
    let number = 0
    const write = async () => {
      this.#underWay.add(spans)
      try {
        number = await this.#writer.write(blocks)
      } finally {
        this.#underWay.delete(spans)
        this.#writing -= weight
        this.#showHeld()
      }
    }
    await this.#writes.begin(write, async () => {
      this.#stored = last.offset
      this.#uncommitted.push({ offset: last.offset, write: number })
      await this.#commit()
      this.#options.progress?.recordProgress(this.#stored >= this.#offered)
    })
    this.#begun = last.offset
  }

  /** Commits what is stored, up to the first write whose overflow of the quarantine is not reported yet. */
  async #commit(): Promise<void> {
    const firstUnreported = this.#uncommitted.findIndex(({ write }) => !this.#writer.isOverflowReported(write))
    const { offset } = (firstUnreported < 0 ? this.#uncommitted.at(-1) : this.#uncommitted[firstUnreported - 1]) ?? {}
    if (offset === undefined) return
    await this.#options.journal.commit(storeConsumer, offset)
    this.#committed = Math.max(this.#committed, offset)
    while ((this.#uncommitted[0]?.offset ?? Number.POSITIVE_INFINITY) <= this.#committed) this.#uncommitted.shift()
  }

  /** Writes what is held, unless the signal of the options is aborted first; what is not written stays in the journal. */
  async close(): Promise<void> {
    this.#closed = true
    this.#signal.wake()
    await this.#done
  }
}
