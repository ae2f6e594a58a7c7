import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { districtDistance } from '#city/district-distance.ts'
import type { JournalSource } from '#journal/journal.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { ArrivalTimes } from './clock/arrival-times.ts'
import { ClockWarning } from './clock/clock-warning.ts'
import { TopicCache } from './decode/topic-cache.ts'
import { DeviceMessages } from './devices/device-messages.ts'
import { JournalReadHealth } from './health/journal-read-health.ts'
import { JournalVersionHealth } from './health/journal-version-health.ts'
import { ProgressHealth } from './health/progress-health.ts'
import { connectLiveFeed } from './live/live-connection.ts'
import { LiveFaults } from './live/live-faults.ts'
import { LiveFeed } from './live/live-feed.ts'
import { ingestMetrics } from './metrics.ts'
import { quarantineLimits } from './quarantine/quarantine-limits.ts'
import { QuarantineSize } from './quarantine/quarantine-size.ts'
import { ReadLoop } from './read-loop.ts'
import { startReadingFlow } from './reading-flow.ts'
import { keptMs, Retention } from './retention.ts'
import { DamagedBlocks } from './store-writer/damaged-blocks.ts'

export interface IngestOptions {
  journal: JournalSource
  store: TelemetryStore
  /** where the live feed is published, and sensors speak of themselves */
  mqtt: MqttAccess
  /** the city's, for the places of sensors */
  districts: readonly District[]
  /** days that readings and events are kept; 0: for ever */
  retentionDays: number
  /** days that roll-ups are kept, no less than readings; 0: for ever */
  rollUpRetentionDays?: number
  /** resolves when nothing is needed any more of the readings before this time (epoch ms): then they are removed */
  beforeTrim?: (before: number) => Promise<void>
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

/** ms that a close gives to what is held for the store */
const closeMs = 2_000

/** Starts ingesting what the journal holds for the store: readings go to the live feed at once and to the store durably. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { journal, store, log, faults = new HealthFaults() } = options
  const metrics = ingestMetrics(options.registry)
  const aborter = new AbortController()
  const mqtt = connectLiveFeed(options.mqtt, log)
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
  const readHealth = () => new JournalReadHealth({ report: faults.switchOf('JOURNAL_READ'), log })
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
    reads: readHealth(),
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
  const flow = await startReadingFlow(parts).catch(async (error) => {
    progress.close()
    reading.close()
    live.close()
    aborter.abort()
    await Promise.all([devices.close(), liveFaults.close()])
    await quarantineSize.close()
    await mqtt.endAsync(true)
    throw error
  })

  const loop = new ReadLoop({ flow, reads: readHealth(), versions: parts.versions, progress: reading })
  const retention = new Retention({
    ...{ store, metrics, log, days: options.retentionDays, clock: steady.now },
    rollUpDays: options.rollUpRetentionDays ?? 0,
    isConfirmed: () => arrivals.isConfirmed,
    ...(options.beforeTrim && { beforeTrim: options.beforeTrim }),
  })

  const close = async () => {
    retention.close()
    await loop.close()
    const timer = setTimeout(() => aborter.abort(), closeMs)
    live.close()
    await Promise.all([flow.writer.close(), devices.close(), liveFaults.close()])
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
