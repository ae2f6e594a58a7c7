import { connect, type IPublishPacket, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Journal, JournalRecord } from '#journal/journal.ts'
import { channelFilter } from '#telemetry/topics.ts'
import { pubacks } from './acknowledgements.ts'
import { type BridgeMetrics, bridgeMetrics } from './metrics.ts'

export interface BridgeOptions {
  /** the outside broker */
  url: string
  username?: string | undefined
  password?: string | undefined
  /** names the session, which the outside broker keeps while the bridge is away */
  clientId: string
  /** `$share/{group}/…`, where the outside broker has shared subscriptions */
  shareGroup?: string | undefined
  journal: Journal
  registry: Registry
  log: Logger
  /** bytes that may wait for the journal; beyond it no more is read from the outside broker */
  maxHeldBytes?: number
  /** s between two signs of life at the most */
  keepaliveS?: number
}

export interface Bridge {
  /** Acknowledges what is in the journal, disconnects; the session stays. Idempotent. */
  close(): Promise<void>
}

const defaultMaxHeldBytes = 16_777_216
/** messages appended at once at the most */
const maxGroup = 5_000
const firstDelayMs = 50
const maxDelayMs = 1_000

interface Held {
  record: JournalRecord
  /** undefined for QoS 0 */
  messageId: number | undefined
  /** connection it came on: message ids mean nothing on another one */
  connection: number
}

/**
 * Starts bringing readings of an outside broker into the journal: a message is acknowledged once it is on disk, so what the
 * outside broker has taken is either there still or in the journal. Resolves at once and keeps trying to connect.
 */
export function startBridge(options: BridgeOptions): Bridge {
  const bridge = new MqttBridge(options)
  return { close: () => bridge.close() }
}

class MqttBridge {
  readonly #options: BridgeOptions
  readonly #metrics: BridgeMetrics
  readonly #client: MqttClient
  readonly #stopping = new AbortController()
  #held: Held[] = []
  #heldBytes = 0
  #connection = 0
  /** lets MQTT.js read on, once there is room again */
  #readOn: (() => void) | undefined
  #writing: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#metrics = bridgeMetrics(options.registry)
    const { url, username, password, clientId, log, keepaliveS = 30 } = options
    this.#client = connect(url, {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...{ clientId, clean: false, protocolVersion: 4, keepalive: keepaliveS, connectTimeout: 10_000 },
      ...{ reconnectPeriod: 500, reconnectOnConnackError: true, resubscribe: false },
    })
    // the way around MQTT.js' own PUBACK, which waits for one message at a time: see #take
    this.#client.handleMessage = (packet, callback) => this.#take(packet, callback)
    this.#client.on('connect', () => this.#connected())
    this.#client.on('close', () => this.#disconnected())
    this.#client.on('error', (error) => {
      if (!this.#client.disconnecting) log.warn({ err: error }, 'the outside broker (MQTT_URL) cannot be reached')
    })
  }

  #connected(): void {
    const { shareGroup, log } = this.#options
    this.#metrics.connected.set(1)
    const filter = channelFilter('reading')
    this.#client.subscribe(shareGroup ? `$share/${shareGroup}/${filter}` : filter, { qos: 1 }, (error, granted) => {
      const refused = granted?.some(({ qos }) => qos > 2)
      if (error || refused) log.error({ err: error }, 'the outside broker (MQTT_URL) refuses the subscription')
    })
  }

  #disconnected(): void {
    this.#metrics.connected.set(0)
    // what is held will be delivered again; what is in the journal twice is stored once
    this.#connection += 1
    this.#goOn()
  }

  /**
   * Calling back with an error makes MQTT.js 5.16 send no PUBACK and go on with the next packet (pinned by a test); the
   * PUBACK goes out later, by our hand. Not calling back makes it read no further.
   */
  #take(packet: IPublishPacket, callback: (error?: Error) => void): void {
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    const record = { topic: packet.topic, payload, arrivedAt: Date.now() }
    const messageId = packet.qos === 1 ? packet.messageId : undefined
    this.#held.push({ record, messageId, connection: this.#connection })
    this.#heldBytes += payload.length
    this.#metrics.held.set(this.#heldBytes)
    this.#writing ??= this.#write()
    const next = () => callback(new Error('acknowledged later'))
    if (this.#heldBytes < (this.#options.maxHeldBytes ?? defaultMaxHeldBytes)) next()
    else this.#readOn = next
  }

  #goOn(): void {
    const readOn = this.#readOn
    this.#readOn = undefined
    readOn?.()
  }

  async #write(): Promise<void> {
    // what came in one piece from the socket is written as one group
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#held.length > 0 && !this.#stopping.signal.aborted) {
      const group = this.#held.splice(0, maxGroup)
      await this.#append(group.map(({ record }) => record))
      this.#acknowledge(group)
      for (const { record } of group) this.#heldBytes -= record.payload.byteLength
      this.#metrics.held.set(this.#heldBytes)
      this.#goOn()
    }
    this.#writing = undefined
  }

  async #append(records: readonly JournalRecord[]): Promise<void> {
    for (let delayMs = firstDelayMs; !this.#stopping.signal.aborted; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      try {
        await this.#options.journal.append(records)
        this.#metrics.readings.inc(records.length)
        return
      } catch (error) {
        this.#metrics.retries.inc()
        this.#options.log.warn({ err: error }, 'the journal takes nothing now: nothing is acknowledged')
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
      }
    }
    throw new Error('the bridge is closed')
  }

  #acknowledge(group: readonly Held[]): void {
    const ids = group.flatMap(({ messageId, connection }) =>
      messageId !== undefined && connection === this.#connection ? [messageId] : [],
    )
    if (ids.length > 0 && this.#client.connected) this.#client.stream.write(pubacks(ids))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    // no more is read, and what is held gets a moment to reach the journal
    this.#client.handleMessage = () => {}
    const limit = setTimeout(() => this.#stopping.abort(), 2_000)
    await this.#writing?.catch(() => {}) // not acknowledged: it comes again
    clearTimeout(limit)
    this.#stopping.abort()
    await this.#client.endAsync(true)
  }
}
