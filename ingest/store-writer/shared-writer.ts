import type { JournalBlock, SharedConsumer } from '#journal/journal.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { decodeBlock, weightOf } from '../decode/decode-block.ts'
import type { TopicCache } from '../decode/topic-cache.ts'
import type { JournalReadHealth } from '../health/journal-read-health.ts'
import { type JournalVersionHealth, unknownVersionPauseMs } from '../health/journal-version-health.ts'
import type { ProgressHealth } from '../health/progress-health.ts'
import { BlockWriter, type BlockWriterOptions } from './block-writer.ts'

/** records taken at once at the most */
const maxRecords = 10_000
/** from so many blocks on the next ones are taken at once; after fewer, more are waited for */
const manyBlocks = 8
const lingerMs = 200
const pollMs = 1_000

export interface SharedWriterOptions extends BlockWriterOptions {
  consumer: SharedConsumer
  topics: TopicCache
  /** is given each wait and each progress */
  progress?: ProgressHealth
  reads: JournalReadHealth
  versions: JournalVersionHealth
}

/**
 * Consumes blocks together with other processes, writes them, and acknowledges them once the store has them. It reads at the
 * pace of the store: the backlog stays in the journal.
 */
export class SharedWriter {
  readonly #options: SharedWriterOptions
  readonly #writer: BlockWriter
  /** blocks, without their records, that are stored and not done */
  readonly #written: JournalBlock[] = []
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>

  constructor(options: SharedWriterOptions) {
    this.#options = options
    this.#writer = new BlockWriter(options)
    this.#done = this.#run()
  }

  async #run(): Promise<void> {
    const { consumer, signal, log } = this.#options
    while (!this.#stopping.signal.aborted) {
      const blocks = await this.#nextBlocks()
      if (blocks.length === 0) {
        await this.#acknowledgeReported()
        continue
      }
      this.#options.progress?.recordWaiting()
      try {
        await this.#write(blocks)
        this.#written.push(...blocks.map(({ offset }) => ({ offset, records: [] })))
        await this.#acknowledgeIfReported()
        this.#options.progress?.recordProgress(true)
      } catch (error) {
        consumer.release(blocks)
        if (signal.aborted) return
        log.error({ err: error }, 'the store writer failed and takes the same from the journal again')
        await sleep(lingerMs, this.#stopping.signal)
      }
      if (blocks.length < manyBlocks && !this.#stopping.signal.aborted) await sleep(lingerMs, this.#stopping.signal)
    }
    await this.#acknowledgeReported({ isEnd: true })
  }

  async #acknowledgeReported(when?: { isEnd: boolean }): Promise<void> {
    const { signal, log } = this.#options
    try {
      await this.#writer.reportOverflow(when)
      await this.#acknowledgeIfReported()
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'what the quarantine had no room for is not told')
    }
  }

  /** Acknowledges what is written, once the overflow of the quarantine is reported too. */
  async #acknowledgeIfReported(): Promise<void> {
    if (!this.#writer.isOverflowReported()) return
    await this.#options.consumer.acknowledge(this.#written.splice(0))
  }

  /** The next blocks; none, after a pause, when they cannot be had. */
  async #nextBlocks(): Promise<JournalBlock[]> {
    const { consumer, versions, reads } = this.#options
    try {
      const blocks = await consumer.next({ maxRecords, waitMs: pollMs })
      reads.recordSuccess()
      return blocks
    } catch (error) {
      const isUnknownVersion = versions.reportIfUnknown(error)
      if (!isUnknownVersion) reads.recordFailure(error)
      await sleep(isUnknownVersion ? unknownVersionPauseMs : pollMs, this.#stopping.signal)
      return []
    }
  }

  async #write(blocks: readonly JournalBlock[]): Promise<void> {
    const { topics, arrivals, metrics } = this.#options
    const decoded = blocks.map((block) => decodeBlock(block, topics, arrivals))
    metrics.held.set(decoded.reduce((sum, block) => sum + weightOf(block), 0))
    await this.#writer.write(decoded)
    metrics.held.set(0)
  }

  /** Finishes the blocks it has, unless the signal of the options is aborted first; releases the rest. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#done
    await this.#options.consumer.close()
  }
}
