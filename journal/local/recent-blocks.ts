import { recordCount } from '../block-codec.ts'
import type { RawBlock, RecentBlocksSize } from '../journal.ts'

/**
 * The newest blocks of the journal, in memory: a reader that keeps up needs no look into the database for each of them. They
 * lie on disk before they lie here. Bounded by bytes: the oldest is dropped, and is then read from disk.
 */
export class RecentBlocks implements RecentBlocksSize {
  readonly maxBytes: number
  /** of consecutive offsets, oldest first */
  #blocks: RawBlock[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * Adds a block. When it is not the one behind the newest, those before are dropped: a write that failed may lie on disk all the
   * same, and what is between is read from there.
   */
  add(block: RawBlock): void {
    const newest = this.#blocks.at(-1)
    if (newest && block.offset !== newest.offset + 1) this.dropTo(newest.offset)
    this.#blocks.push(block)
    this.#bytes += block.bytes.byteLength
    let surplus = 0
    while (this.#bytes > this.maxBytes) this.#bytes -= this.#blocks[surplus++]?.bytes.byteLength ?? this.#bytes
    if (surplus > 0) this.#blocks = this.#blocks.slice(surplus)
  }

  /** The blocks behind `offset`, at least one, until they hold so many records; undefined when the next one is not here. */
  after(offset: number, maxRecords: number): RawBlock[] | undefined {
    const from = offset + 1 - (this.#blocks[0]?.offset ?? Number.POSITIVE_INFINITY)
    if (from < 0 || from >= this.#blocks.length) return undefined
    let records = 0
    let to = from
    for (; to < this.#blocks.length && records < maxRecords; to++) {
      const block = this.#blocks[to]
      if (block) records += recordCount(block.bytes)
    }
    return this.#blocks.slice(from, to)
  }

  /** Drops the blocks up to and including `offset`. */
  dropTo(offset: number): void {
    let done = 0
    for (let block = this.#blocks[0]; block && block.offset <= offset; block = this.#blocks[done]) {
      this.#bytes -= block.bytes.byteLength
      done += 1
    }
    if (done > 0) this.#blocks = this.#blocks.slice(done)
  }
}
