/** One message as it came in; the journal does not look inside. */
export interface JournalRecord {
  topic: string
  payload: Uint8Array
  /** when the broker took it, epoch ms */
  arrivedAt: number
  /** who published it, where that is not the sensor itself but a credential that speaks for many */
  user?: string
  /** when it came to the journal by another clock than the broker's, which may be wrong: the one that differs most, where there are several; epoch ms */
  checkedAt?: number
}

/** The records of a block, in order. Each time they are gone through, they are read from its bytes anew: nothing holds them. */
export interface JournalRecords extends Iterable<JournalRecord> {
  readonly length: number
}

/** A group of records that was appended, and is read, as one. */
export interface JournalBlock {
  /** grows by at least 1 from block to block; the first is greater than 0 */
  offset: number
  records: JournalRecords
  /** the bytes of a damaged block, which has no records: store them elsewhere before an offset beyond it is committed */
  damaged?: Uint8Array
}

/** How full and how old a journal is. */
export interface JournalStats {
  /** bytes held that not every consumer has committed yet */
  bytes: number
  /** the journal refuses to grow beyond this */
  maxBytes: number
  /** blocks held */
  blocks: number
  /** arrival time of the oldest record held, epoch ms; undefined when empty */
  oldestAt: number | undefined
}

/** The newest blocks of a journal, which lie in memory, too; both change with time and settings. */
export interface RecentBlocksSize {
  readonly bytes: number
  /** the oldest of them are dropped beyond this */
  readonly maxBytes: number
}

/** Reads blocks in order from one offset on and follows the end. */
export interface JournalReader {
  /**
   * The next blocks, at least one unless `waitMs` pass without any (then an empty array). Stops adding blocks
   * once `maxRecords`, or some megabytes, are held. Resolves at once when the reader or the journal is closed.
   * Rejects with UnreachableError, after `waitMs`, while the journal is elsewhere and cannot be read.
   */
  next(options: { maxRecords: number; waitMs: number }): Promise<JournalBlock[]>
  close(): Promise<void>
}

/** Consumes blocks together with other processes: each block goes to one of them. */
export interface SharedConsumer {
  /**
   * As a reader's. A block that is neither acknowledged nor released goes to another process once this one is gone.
   * Rejects with BlockVersionError from the first block of another version on; that block is returned, and no more are consumed.
   */
  next(options: { maxRecords: number; waitMs: number }): Promise<JournalBlock[]>
  /** Acknowledges that these blocks are done. They do not come again here, even when the acknowledgement is lost. Never rejects. */
  acknowledge(blocks: readonly JournalBlock[]): Promise<void>
  /** Returns the blocks of the last `next`: they come next again, in order. */
  release(blocks: readonly JournalBlock[]): void
  /** Returns all blocks that are not acknowledged. */
  close(): Promise<void>
}

/** How several processes share the work of one consumer. */
export interface SharedJournal {
  /** Consumes blocks that this consumer has not acknowledged. */
  consume(consumer: string): Promise<SharedConsumer>
  /** Reads new blocks as they come; each goes to one of all processes that subscribe. Blocks that come while none subscribes are skipped. */
  subscribe(): Promise<JournalReader>
}

/** Publishes texts to all processes that have the journal open now. Whoever is disconnected misses them; nothing is stored. */
export interface JournalBroadcast {
  publish(text: string): void
  /** Calls back with each text that is published, by this process too, until the returned function is called. */
  subscribe(listener: (text: string) => void): () => void
}

/** The side of a journal that ingest reads. */
export interface JournalSource {
  /** A reader that begins behind `offset`; 0 begins at the oldest block held. */
  read(offset: number): Promise<JournalReader>
  /** The last offset this consumer committed, 0 when none. */
  committed(consumer: string): Promise<number>
  /** Says that this consumer is done with everything up to and including `offset`; blocks done by all are trimmed. */
  commit(consumer: string, offset: number): Promise<void>
  stats(): Promise<JournalStats>
  /** Where several processes can read for one consumer; undefined where one process owns the journal. */
  readonly share?: SharedJournal
}

/**
 * The durable, ordered, replayable log between broker and ingest. Opened with the names of its consumers: what one of
 * them has not committed is kept.
 */
export interface Journal extends JournalSource {
  /**
   * On disk when it resolves. Calls made while a write is under way are grouped into the next block.
   * Rejects with JournalFullError when there is no room: nothing of this call is then kept.
   */
  append(records: readonly JournalRecord[]): Promise<void>
  /** what of it lies in memory, now; absent where nothing does */
  readonly recent?: RecentBlocksSize
  /** bytes of a topic and its payload together that a record may have; absent where there is no bound */
  readonly maxMessageBytes?: number
  /** As `read`, of blocks that are not decoded: for a reader in another thread. */
  readRaw(offset: number): Promise<RawReader>
  /** Position of the newest block, 0 when there never was one. */
  end(): Promise<number>
  /** Where several processes can have it open. */
  readonly broadcast?: JournalBroadcast
  /** Finishes what was appended, then closes. Idempotent. */
  close(): Promise<void>
}

/** The one consumer of the platform: ingest's store writer. */
export const storeConsumer = 'store'

/** A block as it lies on disk. */
export interface RawBlock {
  offset: number
  bytes: Uint8Array
  /** when it came to the journal by another clock than the broker's, epoch ms */
  checkedAt?: number | undefined
}

/** As a JournalReader, of blocks as they lie on disk. */
export interface RawReader {
  next(options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]>
  close(): Promise<void>
}
