import { connect } from 'mqtt'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { districtDistance } from '#city/district-distance.ts'
import {
  type JournalBlock,
  type JournalReader,
  type JournalSource,
  type SharedJournal,
  storeConsumer,
} from '#journal/journal.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { ArrivalTimes } from './clock/arrival-times.ts'
import { ClockWarning } from './clock/clock-warning.ts'
import { decodeBlock } from './decode/decode-block.ts'
import { TopicCache } from './decode/topic-cache.ts'
import { DeviceMessages } from './devices/device-messages.ts'
import { JournalReadHealth } from './health/journal-read-health.ts'
import { JournalVersionHealth } from './health/journal-version-health.ts'
import { ProgressHealth } from './health/progress-health.ts'
import { LiveFaults } from './live/live-faults.ts'
import { LiveFeed } from './live/live-feed.ts'
import { type IngestMetrics, ingestMetrics } from './metrics.ts'
import { quarantineLimits } from './quarantine/quarantine-limits.ts'
import { QuarantineSize } from './quarantine/quarantine-size.ts'
import { keptMs, Retention } from './retention.ts'
import { DamagedBlocks } from './store-writer/damaged-blocks.ts'
import { SharedWriter } from './store-writer/shared-writer.ts'
import { StoreWriter } from './store-writer/store-writer.ts'

export interface IngestOptions {
  journal: JournalSource
  store: TelemetryStore
  /** where the live feed is published, and sensors speak of themselves */
  mqtt: MqttAccess
  /** the city's, for the places of sensors */
  districts: readonly District[]
  /** days that readings and events are kept; 0: for ever */
  retentionDays: number
  /** folder for blocks of the journal that nobody can read */
  damagedDir: string
  registry: Registry
  /** where it tells what is wrong with it, for readiness */
  faults?: HealthFaults
  log: Logger
}

export interface Ingest {
  /** Stops reading, writes what is held (at most for 2 s: the rest stays in the journal), disconnects. Idempotent. */
  close(): Promise<void>
}

const maxRecords = 5_000
const closeMs = 2_000
/** ms until the journal is read again after a fault */
const readAgainMs = 500

/** How blocks are read for the screens, and who writes to the store. */
interface Flow {
  reader: JournalReader
  /** Shows a block on the live feed; hands it to the writer where that reads no blocks of its own. */
  take(block: JournalBlock): void
  writer: { close(): Promise<void> }
}

type FlowParts = Pick<IngestOptions, 'journal' | 'store' | 'log'> & {
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
async function openOwnFlow(parts: FlowParts): Promise<Flow> {
  const { journal, topics, arrivals, live } = parts
  const offset = await journal.committed(storeConsumer)
  const reader = await journal.read(offset)
  const writer = new StoreWriter({ ...parts, offset })
  const hand = (block: JournalBlock) => {
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
  const take = (block: JournalBlock) => {
    try {
      hand(block)
    } catch (error) {
      parts.log.error({ err: error, offset: block.offset }, 'a block was not handed on whole and is read again')
      writer.reread(block.offset, block.records.length)
    }
  }
  return { reader, take, writer }
}

/**
 * Several processes share the journal: each new block is shown by one of them, and each is written by one of them, not
 * always the same; so screens never wait for the store, and what a process had in hand when it died another one writes.
 */
async function openSharedFlow(shared: SharedJournal, parts: FlowParts): Promise<Flow> {
  const reader = await shared.subscribe()
  const writer = new SharedWriter({ ...parts, consumer: await shared.consume(storeConsumer) })
  const take = (block: JournalBlock) => parts.live.addUndecoded(block.records)
  return { reader, take, writer }
}

/** Starts ingesting what the journal holds for the store: readings go to the live feed at once and to the store durably. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { journal, store, log, faults = new HealthFaults() } = options
  const metrics = ingestMetrics(options.registry)
  const aborter = new AbortController()
  const mqtt = connect(options.mqtt.url, {
    username: options.mqtt.username,
    password: options.mqtt.password,
    protocolVersion: 4,
    clientId: `ingest-${process.pid}-${Math.random().toString(36).slice(2, 8)}`,
    reconnectPeriod: 500,
    reconnectOnConnackError: true,
    queueQoSZero: false,
  })
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'the live feed has no broker')
  })
  const topics = new TopicCache()
  const quarantineSize = new QuarantineSize({ store, metrics, log, bounds: quarantineLimits })
  const liveFaults = new LiveFaults({ store, metrics, log, quarantineSize, signal: aborter.signal })
  const steady = new SteadyClock()
  const clockWarning = new ClockWarning({ metrics, log })
  let heardAt = 0
  const arrivals = new ArrivalTimes((offMs, at) => {
    clockWarning.observe(offMs)
    if (at !== heardAt) steady.heard(at) // once a ms is often enough
    heardAt = at
  })
  const live = new LiveFeed(mqtt, topics, liveFaults, arrivals)
  const stuck = () => new ProgressHealth(faults.switchOf('INGEST_STUCK'))
  const [progress, reading] = [stuck(), stuck()]
  const reads = () => new JournalReadHealth({ report: faults.switchOf('JOURNAL_READ'), log })
  const follower = reads()
  const parts = {
    journal,
    store,
    log,
    metrics,
    live,
    signal: aborter.signal,
    topics,
    arrivals,
    keptMs: keptMs(options.retentionDays),
    reportWrites: faults.switchOf('STORE_WRITE'),
    progress,
    reads: reads(),
    quarantineSize,
    versions: new JournalVersionHealth({ report: faults.switchOf('JOURNAL_VERSION'), metrics, log }),
    damaged: new DamagedBlocks({ folder: options.damagedDir, metrics, log }),
  }
  const devices = new DeviceMessages({
    mqtt,
    store,
    log,
    metrics,
    quarantineSize,
    signal: aborter.signal,
    distance: districtDistance(options.districts),
  })
  const opening = journal.share ? openSharedFlow(journal.share, parts) : openOwnFlow(parts)
  const { reader, take, writer } = await opening.catch(async (error) => {
    progress.close()
    reading.close()
    live.close()
    aborter.abort()
    await Promise.all([devices.close(), liveFaults.close()])
    await quarantineSize.close()
    await mqtt.endAsync(true)
    throw error
  })

  let closed = false
  const follow = async () => {
    while (!closed) {
      try {
        for (const block of await reader.next({ maxRecords, waitMs: 1_000 })) take(block)
        reading.recordProgress(true)
        follower.recordSuccess()
      } catch (error) {
        if (!parts.versions.reportIfUnknown(error)) {
          reading.recordWaiting()
          follower.recordFailure(error)
        }
        await sleep(readAgainMs)
      }
    }
  }
  const following = follow()
  const retention = new Retention({
    ...{ store, metrics, log, days: options.retentionDays, clock: steady.now },
    isConfirmed: () => arrivals.isConfirmed,
  })

  const close = async () => {
    closed = true
    retention.close()
    await reader.close()
    await following
    const timer = setTimeout(() => aborter.abort(), closeMs)
    live.close()
    await Promise.all([writer.close(), devices.close(), liveFaults.close()])
    clearTimeout(timer)
    await quarantineSize.close()
    progress.close()
    reading.close()
    await mqtt.endAsync()
  }
  let closing: Promise<void> | undefined
  return {
    close() {
      closing ??= close()
      return closing
    },
  }
}
