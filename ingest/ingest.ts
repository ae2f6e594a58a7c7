import { connect } from 'mqtt'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type JournalSource, storeConsumer } from '#journal/journal.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { decodeBlock } from './decode-block.ts'
import { LiveFeed } from './live-feed.ts'
import { ingestMetrics } from './metrics.ts'
import { newestPerTopic } from './newest-per-topic.ts'
import { StoreWriter } from './store-writer.ts'
import { TopicCache } from './topic-cache.ts'

export interface IngestOptions {
  journal: JournalSource
  store: TelemetryStore
  /** where the live feed is published */
  mqtt: { url: string; username: string; password: string }
  registry: Registry
  log: Logger
}

export interface Ingest {
  /** Stops reading, writes what is held (at most for 2 s: the rest stays in the journal), disconnects. Idempotent. */
  close(): Promise<void>
}

const maxRecords = 5_000
const closeMs = 2_000

/** Starts ingesting from the journal's committed position: each block is decoded once, goes to the live feed at once and to the store durably. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { journal, store, log } = options
  const metrics = ingestMetrics(options.registry)
  const aborter = new AbortController()
  const position = await journal.committed(storeConsumer)
  const reader = await journal.read(position)
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
  const live = new LiveFeed(mqtt)
  const topics = new TopicCache()
  const writer = new StoreWriter({ journal, store, metrics, log, signal: aborter.signal, position, topics })

  let closed = false
  const follow = async () => {
    while (!closed) {
      try {
        for (const block of await reader.next({ maxRecords, waitMs: 1_000 })) {
          // a writer that is behind decodes the block itself later: now it is decoded for the screens alone
          const decoded = decodeBlock(writer.behind ? newestPerTopic(block) : block, topics)
          live.add(decoded.readings)
          writer.offer(decoded)
        }
      } catch (error) {
        log.error({ err: error }, 'the journal cannot be read now; trying again')
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
  }
  const following = follow()

  const close = async () => {
    closed = true
    await reader.close()
    await following
    const timer = setTimeout(() => aborter.abort(), closeMs)
    await writer.close()
    clearTimeout(timer)
    live.close()
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
