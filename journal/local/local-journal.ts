import type { Logger } from 'pino'
import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { JournalFullError, UnreachableError } from '#telemetry/errors.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { encodeBlock } from '../block-codec.ts'
import { applyClockLowerBound } from '../clock-lower-bound.ts'
import { createDecodingReader } from '../decoding-reader.ts'
import { type Group, GroupCommit } from '../group-commit.ts'
import type { Journal, JournalReader, JournalRecord, JournalStats, RawReader } from '../journal.ts'
import { type BlockKey, decodeKey, encodeKey, keyEnd, keyFrom } from './block-key.ts'
import { createDatabase, type Database, openDatabase } from './database.ts'
import { DiskSpace } from './disk-space.ts'
import { LocalReader } from './local-reader.ts'
import { RecentBlocks } from './recent-blocks.ts'

export interface LocalJournalOptions {
  /** folder of the journal; made when missing */
  path: string
  /** who reads it: what one of them has not committed is kept */
  consumers: readonly string[]
  maxBytes: number
  log: Logger
}

/** bytes of one block at most, so that a group is written in milliseconds */
const maxBlockBytes = 1_048_576
/** bytes of the newest blocks that are held in memory for readers which keep up */
const maxRecentBytes = 4_194_304
/** ms in which small groups are gathered into one write */
const gatherMs = 4
const consumerPrefix = 'a:consumer:'
const consumerKey = (name: string) => Buffer.from(consumerPrefix + name)
const consumersEnd = Buffer.from('a:consumer;')
/** the time of the newest commit: known when no block is left */
const timeKey = Buffer.from('a:time')

/**
 * Opens the journal in a folder of this machine, on LevelDB: one synced write a group. Torn last writes are dropped by
 * LevelDB's log; a block that fails its own checksum is logged and left out.
 * @throws ConfigError when the folder is in use, cannot be written, or holds another version's data
 */
export async function openLocalJournal(options: LocalJournalOptions): Promise<Journal> {
  const journal = new LocalJournal(options)
  await journal.open()
  return journal
}

class LocalJournal implements Journal {
  readonly #options: LocalJournalOptions
  readonly #groups: GroupCommit
  /** wakes readers that have reached the end */
  readonly #appended = new WakeSignal()
  readonly #committed = new Map<string, number>()
  readonly recent = new RecentBlocks(maxRecentBytes)
  readonly #disk: DiskSpace
  readonly #db: Database
  /** begins with the newest time in the journal at least */
  readonly #clock = new SteadyClock()
  #end = 0
  #endBytes = 0
  /** the oldest block that someone still needs; undefined when there is none */
  #oldest: BlockKey | undefined
  #trimmed = 0
  readonly #trimming = new CoalescedTask(() => this.#trim())
  /** offset up to which files were made smaller, not only their blocks removed */
  #reclaimed = 0
  #closing: Promise<void> | undefined
  /** set by a failed write, after which LevelDB takes no other until it is opened anew */
  #broken = false

  constructor(options: LocalJournalOptions) {
    this.#options = options
    this.#groups = new GroupCommit((group) => this.#writeGroup(group), maxBlockBytes, gatherMs)
    this.#disk = new DiskSpace(options.path)
    this.#db = createDatabase(options.path)
  }

  async open(): Promise<void> {
    await openDatabase(this.#db, this.#options.path)
    for (const name of this.#options.consumers) this.#committed.set(name, 0)
    for await (const [key, value] of this.#db.iterator({ gte: consumerKey(''), lt: consumersEnd })) {
      const name = Buffer.from(key).toString().slice(consumerPrefix.length)
      const offset = Number(Buffer.from(value).toString())
      // also of those that are no longer named: an offset is never given twice
      this.#end = Math.max(this.#end, offset)
      if (this.#committed.has(name)) this.#committed.set(name, offset)
    }
    await this.#findEnds()
    const committedAt = await this.#db.get(timeKey)
    if (committedAt) this.#applyClockLowerBound(Number(Buffer.from(committedAt).toString()))
  }

  #applyClockLowerBound(newest: number): void {
    applyClockLowerBound(this.#clock, newest, this.#options.log)
  }

  /** Looks up the first block needed and the last one; takes as long for millions of blocks as for one. */
  async #findEnds(): Promise<void> {
    const last = await this.#key({ reverse: true })
    this.#end = Math.max(this.#end, last?.offset ?? 0)
    this.#endBytes = last ? last.bytesBefore + last.bytes : this.#endBytes
    if (last) this.#applyClockLowerBound(last.checkedAt ?? last.arrivedAt)
    this.#oldest = await this.#key({ from: this.#done() + 1 })
    this.#trimmed = ((await this.#key({}))?.offset ?? this.#end + 1) - 1
  }

  async #key({ from = 0, reverse = false }: { from?: number; reverse?: boolean }): Promise<BlockKey | undefined> {
    const [key] = await this.#db.keys({ gte: keyFrom(from), lt: keyEnd, reverse, limit: 1 }).all()
    return key && decodeKey(key)
  }

  /** Position up to which every consumer is done. */
  #done(): number {
    return this.#committed.size === 0 ? 0 : Math.min(...this.#committed.values())
  }

  #bytes(): number {
    return this.#oldest ? this.#endBytes - this.#oldest.bytesBefore : 0
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    const refusal = this.#refusal()
    return refusal ? Promise.reject(refusal) : this.#groups.append(records)
  }

  #refusal(): Error | undefined {
    if (this.#closing) return new UnreachableError('the journal is closed')
    const { maxBytes } = this.#options
    if (this.#bytes() + this.#groups.pendingBytes >= maxBytes)
      return new JournalFullError(
        `the journal holds ${this.#bytes()} bytes, all that JOURNAL_MAX_BYTES=${maxBytes} allows`,
      )
    return undefined
  }

  async #writeGroup({ records, bytes }: Group): Promise<void> {
    await this.#requireDisk(bytes)
    if (this.#broken) await this.#reopen()
    const value = encodeBlock(records, bytes)
    const key = {
      offset: this.#end + 1,
      bytesBefore: this.#endBytes,
      bytes: value.length,
      arrivedAt: records[0]?.arrivedAt ?? 0,
      checkedAt: this.#clock.now(),
    }
    try {
      await this.#db.put(encodeKey(key), value, { sync: true })
    } catch (error) {
      this.#broken = true
      throw new UnreachableError('DATA_DIR: the journal cannot be written now', error)
    }
    this.#end = key.offset
    this.#endBytes += key.bytes
    this.#oldest ??= key
    this.recent.add({ offset: key.offset, bytes: value, checkedAt: key.checkedAt })
    this.#appended.wake()
  }

  /** LevelDB cannot even trim on a full disk, nor open: what is left free is for that. */
  async #requireDisk(bytes: number): Promise<void> {
    if (!(await this.#disk.check(bytes))) return
    if (!this.#broken) this.#trimming.request()
    throw new JournalFullError(`DATA_DIR: the disk of "${this.#options.path}" is nearly full`)
  }

  async #reopen(): Promise<void> {
    try {
      await this.#trimming.idle()
      await this.#db.close()
      await this.#db.open()
      await this.#findEnds()
      this.#broken = false
    } catch (error) {
      throw new UnreachableError('DATA_DIR: the journal cannot be opened again now', error)
    }
  }

  async read(offset: number): Promise<JournalReader> {
    return createDecodingReader(await this.readRaw(offset), this.#options.log)
  }

  async readRaw(offset: number): Promise<RawReader> {
    return new LocalReader(offset, {
      db: this.#db,
      recent: this.recent,
      appended: this.#appended,
      end: () => this.#end,
      isClosed: () => this.#closing !== undefined,
    })
  }

  async end(): Promise<number> {
    return this.#end
  }

  async committed(consumer: string): Promise<number> {
    return this.#committed.get(consumer) ?? 0
  }

  async commit(consumer: string, offset: number): Promise<void> {
    if (offset <= (this.#committed.get(consumer) ?? 0)) return
    this.#committed.set(consumer, offset)
    // not synced: when it is forgotten, blocks are read again, and the store takes a reading twice as once
    await this.#db.batch([
      { type: 'put', key: consumerKey(consumer), value: Buffer.from(String(offset)) },
      { type: 'put', key: timeKey, value: Buffer.from(String(this.#clock.now())) },
    ])
    this.recent.dropTo(this.#done())
    await this.#moveOldest()
    this.#trimming.request()
  }

  async #moveOldest(): Promise<void> {
    while (this.#oldest && this.#oldest.offset <= this.#done()) {
      const next = await this.#key({ from: this.#done() + 1 })
      // a block may have been appended while looking: then look again
      if (next || this.#end <= this.#done()) this.#oldest = next
    }
  }

  async #trim(): Promise<void> {
    try {
      for (let done = this.#done(); done > this.#trimmed && !this.#closing; done = this.#done()) {
        await this.#db.clear({ gte: keyFrom(0), lt: keyFrom(done + 1) })
        this.#trimmed = done
      }
      if (this.#disk.low && this.#reclaimed < this.#trimmed && !this.#closing) {
        await this.#db.compactRange(keyFrom(0), keyFrom(this.#trimmed + 1))
        this.#reclaimed = this.#trimmed
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the journal cannot be trimmed now')
    }
  }

  async stats(): Promise<JournalStats> {
    return {
      bytes: this.#bytes(),
      maxBytes: this.#options.maxBytes,
      blocks: this.#oldest ? this.#end - this.#oldest.offset + 1 : 0,
      oldestAt: this.#oldest?.arrivedAt,
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#groups.drain()
    this.#appended.wake()
    await this.#trimming.idle()
    await this.#db.close()
  }
}
