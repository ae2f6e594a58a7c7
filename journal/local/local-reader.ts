import type { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import { recordCount } from '../block-codec.ts'
import type { RawBlock, RawReader } from '../journal.ts'
import { decodeKey, keyEnd, keyFrom } from './block-key.ts'
import type { Database } from './database.ts'
import type { RecentBlocks } from './recent-blocks.ts'

/** bytes of blocks read at once, but for one that is larger: a journal full of large messages must not fill the memory */
const maxReadBytes = 16_777_216

interface LocalReaderOptions {
  db: Database
  /** the newest blocks, in memory */
  recent: RecentBlocks
  /** wakes readers at each append, and when the journal is closed */
  appended: WakeSignal
  /** offset of the newest block */
  end: () => number
  isClosed: () => boolean
}

/** Reads the blocks of a local journal in order, from behind an offset, and waits at the end for new ones. */
export class LocalReader implements RawReader {
  readonly #options: LocalReaderOptions
  /** of the last block looked at */
  #offset: number
  #closed = false

  constructor(offset: number, options: LocalReaderOptions) {
    this.#offset = offset
    this.#options = options
  }

  get #isOver(): boolean {
    return this.#closed || this.#options.isClosed()
  }

  async next({ maxRecords, waitMs }: { maxRecords: number; waitMs: number }): Promise<RawBlock[]> {
    const { appended, end } = this.#options
    for (const deadline = performance.now() + waitMs; !this.#isOver; ) {
      if (this.#offset < end()) {
        const blocks = await this.#read(maxRecords)
        if (blocks.length > 0) return blocks
      }
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) break
      if (this.#offset >= end() && !this.#isOver) await appended.sleep(leftMs)
    }
    return []
  }

  async #read(maxRecords: number): Promise<RawBlock[]> {
    try {
      const { blocks, last } = await this.#readBehind(this.#offset, maxRecords)
      this.#offset = last
      return blocks
    } catch (error) {
      // a close meanwhile ends the iterator
      if (this.#isOver) return []
      throw error
    }
  }

  /** Blocks behind `offset`; `last` is the last offset looked at. */
  async #readBehind(offset: number, maxRecords: number): Promise<{ blocks: RawBlock[]; last: number }> {
    const recent = this.#options.recent.after(offset, maxRecords)
    if (recent) return { blocks: recent, last: recent.at(-1)?.offset ?? offset }
    const blocks: RawBlock[] = []
    const end = this.#options.end()
    let records = 0
    let size = 0
    let last = offset
    for await (const [key, bytes] of this.#options.db.iterator({ gte: keyFrom(offset + 1), lt: keyEnd })) {
      const { offset: at, checkedAt } = decodeKey(key)
      last = at
      blocks.push({ offset: at, bytes, checkedAt })
      records += recordCount(bytes)
      size += bytes.byteLength
      if (records >= maxRecords || size >= maxReadBytes) return { blocks, last }
    }
    // offsets up to the end that were trimmed are done with too
    return { blocks, last: Math.max(last, end) }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.appended.wake()
  }
}
