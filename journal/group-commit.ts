import { recordBytes } from './block-codec.ts'
import type { JournalRecord } from './journal.ts'

/** Records that are written as one block. */
export interface Group {
  records: JournalRecord[]
  /** sum of the records' sizes in a block */
  bytes: number
}

/** bytes from which on a group is written without waiting for more */
const manyBytes = 65_536

interface PendingGroup extends Group {
  written: PromiseWithResolvers
}

interface PromiseWithResolvers {
  promise: Promise<void>
  resolve: () => void
  reject: (error: unknown) => void
}

function withResolvers(): PromiseWithResolvers {
  let resolve = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<void>((done, fail) => {
    resolve = done
    reject = fail
  })
  return { promise, resolve, reject }
}

/**
 * Collects what arrives while a write is under way into the next write, so that one sync serves everyone who waits. A lone
 * record is written at once; of those that come one by one, `gatherMs` after one another's write at least, unless there are many.
 */
export class GroupCommit {
  readonly #write: (group: Group) => Promise<void>
  readonly #maxBytes: number
  readonly #gatherMs: number
  readonly #pending: PendingGroup[] = []
  #pendingBytes = 0
  #running: Promise<void> | undefined
  /** when the last write began, ms of performance.now() */
  #begunAt = Number.NEGATIVE_INFINITY
  #endGathering: () => void = () => {}

  /**
   * @param maxBytes of one group; a single record may be larger
   * @param gatherMs ms between the beginnings of two writes of small groups: a write costs as much for one record as for many
   */
  constructor(write: (group: Group) => Promise<void>, maxBytes: number, gatherMs = 0) {
    this.#write = write
    this.#maxBytes = maxBytes
    this.#gatherMs = gatherMs
  }

  /** Bytes that wait to be written or are being written. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Resolves when all of these records are written; rejects with what the write rejected with. They share a group when one holds them. */
  append(records: readonly JournalRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    this.#running ??= this.#run()
    const sizes = records.map(recordBytes)
    let wanted = 0
    for (const bytes of sizes) wanted += bytes
    wanted = Math.min(wanted, this.#maxBytes)
    const groups: Promise<void>[] = []
    for (const [index, record] of records.entries()) {
      const bytes = sizes[index] ?? 0
      const written = this.#add(record, bytes, Math.max(bytes, wanted))
      if (written !== groups.at(-1)) groups.push(written)
      wanted = 0
    }
    if (this.#pendingBytes >= manyBytes) this.#endGathering()
    // all who wait for one group share its promise
    const [only] = groups
    return only && groups.length === 1 ? only : Promise.all(groups).then(() => {})
  }

  /** Puts a record into the last group, or into a new one unless the last has room for so many bytes. */
  #add(record: JournalRecord, bytes: number, wanted: number): Promise<void> {
    let group = this.#pending.at(-1)
    if (!group || group.bytes + wanted > this.#maxBytes) {
      group = { records: [], bytes: 0, written: withResolvers() }
      this.#pending.push(group)
    }
    group.records.push(record)
    group.bytes += bytes
    this.#pendingBytes += bytes
    return group.written.promise
  }

  /** Waits until the next write may begin, while what waits is little. */
  #gather(): Promise<void> {
    const waitMs = this.#begunAt + this.#gatherMs - performance.now()
    if (waitMs <= 0 || this.#pendingBytes >= manyBytes) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endGathering(), waitMs)
      this.#endGathering = () => {
        clearTimeout(timer)
        this.#endGathering = () => {}
        resolve()
      }
    })
  }

  async #run(): Promise<void> {
    // what is appended in this same turn belongs to the first group
    await this.#gather()
    for (let group = this.#pending.shift(); group; group = this.#pending.shift()) {
      this.#begunAt = performance.now()
      try {
        await this.#write(group)
        group.written.resolve()
      } catch (error) {
        group.written.reject(error)
      }
      this.#pendingBytes -= group.bytes
      if (this.#pending.length > 0) await this.#gather()
    }
    this.#running = undefined
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    this.#endGathering()
    await this.#running
  }
}
