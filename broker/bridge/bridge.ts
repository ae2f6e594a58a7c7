import { setImmediate as nextTurn } from 'node:timers/promises'
import type { IPublishPacket } from 'mqtt'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Journal } from '#journal/journal.ts'
import { PlatformError } from '#telemetry/errors.ts'
import { type RetryFault, retry } from '#telemetry/retry/retry.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import { watchJournal } from '../metrics/journal-watch.ts'
import { encodePubacks } from '../wire/pubacks.ts'
import { announceBridge } from './announce.ts'
import { type HeldMessage, HeldMessages } from './held-messages.ts'
import { type BridgeMetrics, bridgeMetrics } from './metrics.ts'
import { OutsideBroker } from './outside-broker.ts'

export interface BridgeOptions {
  /** the outside broker */
  url: string
  username?: string | undefined
  password?: string | undefined
  /** names the session, which the outside broker stores while the bridge is away */
  clientId: string
  /** `$share/{group}/…`, where the outside broker has shared subscriptions */
  shareGroup?: string | undefined
  journal: Pick<Journal, 'append' | 'stats' | 'broadcast' | 'recent'>
  registry: Registry
  log: Logger
  /** messages that may wait for the journal; beyond it no more is read from the outside broker */
  maxHeldMessages?: number
  /** the same in bytes of topics and payloads */
  maxHeldBytes?: number
  /** s between two signs of life at the most */
  keepaliveS?: number
}

export interface Bridge {
  /** Acknowledges what is in the journal, disconnects; the session stays. Idempotent. */
  close(): Promise<void>
}

/** as many as there are message ids */
const defaultMaxHeldMessages = 65_535
const defaultMaxHeldBytes = 16_777_216
const backoff = { firstMs: 50, longestMs: 1_000 }
/** ms between two warnings of the same kind */
const warnEveryMs = 5_000
/** ms that what is held gets to reach the journal on close */
const closeMs = 2_000

/**
 * Starts copying readings of an outside broker into the journal: a message is acknowledged once it is on disk, so what the
 * outside broker has accepted is either still there or in the journal. Returns at once, and retries until it is connected.
 */
export function startBridge(options: BridgeOptions): Bridge {
  const bridge = new MqttBridge(options)
  return { close: () => bridge.close() }
}

class MqttBridge {
  readonly #options: BridgeOptions
  readonly #metrics: BridgeMetrics
  readonly #held: HeldMessages
  readonly #broker: OutsideBroker
  readonly #watch: { close(): void }
  readonly #announced: { close(): void }
  readonly #stopping = new AbortController()
  /** called when there is room: MQTT.js reads on, or the next connection is made */
  #onRoom: (() => void)[] = []
  #writing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#metrics = bridgeMetrics(options.registry)
    const { maxHeldMessages = defaultMaxHeldMessages, maxHeldBytes = defaultMaxHeldBytes } = options
    this.#held = new HeldMessages({ maxMessages: maxHeldMessages, maxBytes: maxHeldBytes }, this.#metrics)
    this.#watch = watchJournal(options.journal, options.registry, options.log)
    this.#announced = announceBridge(options.journal.broadcast, new URL(options.url).host)
    this.#broker = new OutsideBroker({
      ...options,
      metrics: this.#metrics,
      onMessage: (packet, callback) => this.#receive(packet, callback),
      waitForRoom: () => this.#waitForRoom(),
    })
  }

  /**
   * Calling back with an error makes MQTT.js 5.16 send no PUBACK and go on with the next packet (pinned by a test); the
   * PUBACK is sent later, by the bridge. Not calling back makes it read no further, until the keep-alive ends the connection.
   */
  #receive(packet: IPublishPacket, callback: (error?: Error) => void): void {
    if (this.#closing) return
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    const record = { topic: packet.topic, payload, arrivedAt: Date.now() }
    const messageId = packet.qos === 1 ? packet.messageId : undefined
    this.#held.add({ record, messageId, stream: this.#broker.stream })
    this.#writing ??= this.#write()
    const readOn = () => callback(new Error('acknowledged later'))
    if (this.#held.full) this.#onRoom.push(readOn)
    else readOn()
  }

  /** For the next connection: what was still to be read on the lost one comes again there. */
  async #waitForRoom(): Promise<void> {
    this.#onRoom = []
    while (this.#held.full) await new Promise<void>((resolve) => this.#onRoom.push(resolve))
  }

  async #write(): Promise<void> {
    // what came in one piece from the socket is written as one group
    await nextTurn()
    for (let group = this.#held.next(); group.length > 0; group = this.#held.next()) {
      this.#acknowledge(await this.#append(group))
      if (this.#stopping.signal.aborted) return
      this.#held.release(group)
      if (!this.#held.full) for (const goOn of this.#onRoom.splice(0)) goOn()
    }
    this.#writing = undefined
  }

  /** Appends until the journal has them or the bridge stops; gives those that the journal has. */
  async #append(group: HeldMessage[]): Promise<HeldMessage[]> {
    const { signal } = this.#stopping
    if (signal.aborted) return []
    const records = group.map(({ record }) => record)
    const onFault = ({ error }: RetryFault) => {
      this.#metrics.retries.inc()
      this.#warn(error, 'the journal takes nothing now: nothing is acknowledged')
    }
    try {
      await retry(() => this.#options.journal.append(records), { backoff, signal, onFault })
    } catch (error) {
      return error instanceof PlatformError && !error.retryable ? this.#appendApart(group, error) : []
    }
    this.#metrics.readings.inc(records.length)
    return group
  }

  /** A message that the journal will never accept must not delay the others. */
  async #appendApart(group: HeldMessage[], error: PlatformError): Promise<HeldMessage[]> {
    if (group.length > 1) {
      const half = group.length >> 1
      return [...(await this.#append(group.slice(0, half))), ...(await this.#append(group.slice(half)))]
    }
    this.#metrics.refused.inc()
    const topic = group[0]?.record.topic
    this.#options.log.error({ err: error, topic }, 'the journal refuses this message: it stays at the outside broker')
    return []
  }

  #acknowledge(group: readonly HeldMessage[]): void {
    const now = this.#broker.stream
    const ids = group.flatMap(({ messageId, stream }) => (messageId !== undefined && stream === now ? [messageId] : []))
    if (ids.length === 0 || !now.writable) return
    now.write(encodePubacks(ids))
    this.#metrics.acknowledged.inc(ids.length)
  }

  #warn(error: unknown, message: string): void {
    if (performance.now() - this.#warnedAt < warnEveryMs) return
    this.#warnedAt = performance.now()
    this.#options.log.warn({ err: error }, message)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#watch.close()
    this.#announced.close()
    await waitAtMost(this.#writing, closeMs)
    // what is not acknowledged comes again
    this.#stopping.abort()
    await this.#broker.close()
  }
}
