import type { Logger } from 'pino'
import {
  type JournalBlock,
  type JournalReader,
  type JournalSource,
  type SharedJournal,
  storeConsumer,
} from '#journal/journal.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { ArrivalTimes } from './clock/arrival-times.ts'
import { decodeBlock } from './decode/decode-block.ts'
import type { TopicCache } from './decode/topic-cache.ts'
import type { JournalReadHealth } from './health/journal-read-health.ts'
import type { JournalVersionHealth } from './health/journal-version-health.ts'
import type { ProgressHealth } from './health/progress-health.ts'
import type { LiveFeed } from './live/live-feed.ts'
import type { IngestMetrics } from './metrics.ts'
import type { QuarantineSize } from './quarantine/quarantine-size.ts'
import type { DamagedBlocks } from './store-writer/damaged-blocks.ts'
import { SharedWriter } from './store-writer/shared-writer.ts'
import { StoreWriter } from './store-writer/store-writer.ts'

/** How blocks are read for the screens, and who writes to the store. */
export interface ReadingFlow {
  reader: JournalReader
  /** Shows a block on the live feed; hands it to the writer where that reads no blocks of its own. */
  accept(block: JournalBlock): void
  writer: { close(): Promise<void> }
}

/** What the flow of readings is made of. */
export interface ReadingFlowParts {
  journal: JournalSource
  store: TelemetryStore
  log: Logger
  metrics: IngestMetrics
  signal: AbortSignal
  keptMs: number
  topics: TopicCache
  arrivals: ArrivalTimes
  live: LiveFeed
  reportWrites: (failing: boolean) => void
  progress: ProgressHealth
  reads: JournalReadHealth
  versions: JournalVersionHealth
  damaged: DamagedBlocks
  quarantineSize: QuarantineSize
}

/** One process has the journal to itself: a block is decoded once, for the screens and for the store. */
async function startUnsharedFlow(parts: ReadingFlowParts): Promise<ReadingFlow> {
  const { journal, topics, arrivals, live } = parts
  const offset = await journal.committed(storeConsumer)
  const reader = await journal.read(offset)
  const writer = new StoreWriter({ ...parts, offset })
  const dispatch = (block: JournalBlock) => {
    // a writer that is behind reads the block itself later
    if (writer.isBehind) {
      live.addUndecoded(block.records)
      writer.skip(block.offset, block.records.length)
    } else {
      const decoded = decodeBlock(block, topics, arrivals)
      live.add(decoded.readings)
      live.add(decoded.tooFarAhead ?? [])
      writer.offer(decoded, block.records.length)
    }
  }
  const accept = (block: JournalBlock) => {
    try {
      dispatch(block)
    } catch (error) {
      parts.log.error({ err: error, offset: block.offset }, 'a block was not handed on whole and is read again')
      writer.reread(block.offset, block.records.length)
    }
  }
  return { reader, accept, writer }
}

/**
 * Several processes share the journal: each new block is shown by one of them, and each is written by one of them, not
 * always the same; so screens never wait for the store, and what a process had in hand when it died another one writes.
 */
async function startSharedFlow(shared: SharedJournal, parts: ReadingFlowParts): Promise<ReadingFlow> {
  const reader = await shared.subscribe()
  const writer = new SharedWriter({ ...parts, consumer: await shared.consume(storeConsumer) })
  const accept = (block: JournalBlock) => parts.live.addUndecoded(block.records)
  return { reader, accept, writer }
}

/** Starts the flow: shared with other processes where the journal can be shared. Rejects when the journal cannot be read. */
export function startReadingFlow(parts: ReadingFlowParts): Promise<ReadingFlow> {
  const { share } = parts.journal
  return share ? startSharedFlow(share, parts) : startUnsharedFlow(parts)
}
