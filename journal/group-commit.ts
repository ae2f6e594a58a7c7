import { recordBytes } from './block-codec.ts'
import type { JournalRecord } from './journal.ts'

/** Records that are written as one block. */
export interface Group {
  records: JournalRecord[]
  /** sum of the records' sizes in a block */
  bytes: number
}

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
 * Collects what arrives while a write is under way into the next write, so that one sync serves everyone who waits.
 * A lone record is written at once.
 */
export class GroupCommit {
  readonly #write: (group: Group) => Promise<void>
  readonly #maxBytes: number
  readonly #pending: PendingGroup[] = []
  #pendingBytes = 0
  #running: Promise<void> | undefined

  /** @param maxBytes of one group; a single record may be larger */
  constructor(write: (group: Group) => Promise<void>, maxBytes: number) {
    this.#write = write
    this.#maxBytes = maxBytes
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

  async #run(): Promise<void> {
    // what is appended in this same turn belongs to the first group
    await Promise.resolve()
    for (let group = this.#pending.shift(); group; group = this.#pending.shift()) {
      try {
        await this.#write(group)
        group.written.resolve()
      } catch (error) {
        group.written.reject(error)
      }
      this.#pendingBytes -= group.bytes
    }
    this.#running = undefined
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    await this.#running
  }
}
