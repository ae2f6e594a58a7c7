import { connect, type MqttClient } from 'mqtt'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'
import type { Reading } from '#telemetry/reading.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import type { Connection } from '#telemetry/sensor.ts'
import { type Channel, sensorTopic } from '#telemetry/topics.ts'
import { simulatedKinds, valuesAt } from './kinds/kinds.ts'
import type { Controller } from './kinds/simulated-kind.ts'
import { SendQueue } from './send-queue.ts'
import type { SimulatedSensor } from './sensor.ts'

export interface DeviceOptions {
  sensor: SimulatedSensor
  url: string
  username?: string | undefined
  password?: string | undefined
  seed: number
  /** epoch ms now */
  clock: () => number
  /** ms to wait before connecting for the first time */
  delayMs?: number
  /** readings held while they cannot be delivered; beyond it the oldest are lost */
  queueLimit?: number
  /** mean ms before a lost connection is tried again; twice as long after each failure, up to 8 times */
  reconnectMs?: number
  /** ms that the broker has to accept a connection */
  connectTimeoutMs?: number
  /** lamps only: neither obeys commands nor answers them, as one whose radio only sends */
  deaf?: boolean
  /** called when a reading is sent for the first time; `ts` is its time of measuring, epoch ms */
  onSent?: (ts: number) => void
  /** called for each reading that the broker acknowledged */
  onDelivered?: (ts: number) => void
  /** called when a connection fails */
  onError?: (error: Error) => void
}

/** 10 to 20 minutes of readings. */
export const defaultQueueLimit = 120

/** Readings on their way at once on one connection. */
const maxInflight = 16

/** ms that the farewell may take */
const farewellMs = 1_000

/** A simulated sensor that speaks MQTT as a real one would: measures, remembers, delivers in order. */
export class Device {
  readonly #options: DeviceOptions
  readonly #queue: SendQueue
  readonly #controller: Controller | undefined
  #client: MqttClient | undefined
  #online = false
  #failures = 0
  #seq = 0
  #measuredAt = 0
  #connecting: NodeJS.Timeout | undefined
  #measuring: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  /** Starts the device; it connects after `delayMs` and keeps trying until it is closed. */
  constructor(options: DeviceOptions) {
    this.#options = options
    this.#queue = new SendQueue(options.queueLimit ?? defaultQueueLimit)
    this.#controller = simulatedKinds[options.sensor.kind].control?.(options.sensor, options.seed)
    this.#connecting = setTimeout(() => this.#connect(), options.delayMs ?? 0)
  }

  /** Whether the broker has accepted it. */
  get online(): boolean {
    return this.#online
  }

  /** Readings measured and not acknowledged yet. */
  get queued(): number {
    return this.#queue.size
  }

  /** Readings lost because the queue was full. */
  get dropped(): number {
    return this.#queue.dropped
  }

  /** Says `offline`, then disconnects. What is not acknowledged is lost, as when a device is switched off. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Each connection is a client of its own, so that nothing of the last one is left and the order is ours. */
  #connect(): void {
    const { url, username, password, sensor, connectTimeoutMs = 10_000 } = this.#options
    const client = connect(url, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      protocolVersion: 4,
      clientId: sensor.id,
      clean: true,
      keepalive: 30,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      queueQoSZero: false,
      will: {
        topic: this.#topic('status'),
        payload: Buffer.from('offline' satisfies Connection),
        qos: 1,
        retain: true,
      },
    })
    this.#client = client
    sendWithoutDelay(client)
    client.on('connect', () => this.#connected(client))
    client.on('error', (error) => this.#options.onError?.(error))
    client.on('close', () => this.#disconnected(client))
    client.on('message', (_topic, payload) => this.#obey(client, payload.toString()))
  }

  #connected(client: MqttClient): void {
    if (client !== this.#client || this.#closing) return
    this.#online = true
    this.#failures = 0
    this.#retain(client, 'meta', JSON.stringify(this.#options.sensor.meta))
    this.#retain(client, 'status', 'online' satisfies Connection)
    if (this.#controller && !this.#options.deaf)
      client.subscribe(this.#topic('cmd'), { qos: 1 }, (error) => error && this.#options.onError?.(error))
    if (this.#measuring) this.#send()
    else {
      this.#measuring = setInterval(() => this.#measure(), this.#options.sensor.meta.period * 1_000)
      this.#measure()
    }
  }

  #disconnected(client: MqttClient): void {
    if (client !== this.#client) return
    this.#client = undefined
    this.#online = false
    this.#queue.rewind()
    client.end(true)
    if (this.#closing) return
    const { reconnectMs = 1_000 } = this.#options
    this.#failures += 1
    const waitMs = backoffMs(this.#failures, { firstMs: reconnectMs, longestMs: 8 * reconnectMs })
    this.#connecting = setTimeout(() => this.#connect(), waitMs)
  }

  #measure(): void {
    // a reading is identified by its time: the one a command asks for may come in the same millisecond as the last
    const ts = Math.max(Math.round(this.#options.clock()), this.#measuredAt + 1)
    this.#measuredAt = ts
    this.#queue.add(ts, JSON.stringify({ ts, seq: this.#seq, ...this.#valuesAt(ts) }))
    this.#seq += 1
    this.#send()
  }

  #valuesAt(ts: number): Reading['values'] {
    const { sensor, seed } = this.#options
    return this.#controller?.valuesAt(ts) ?? valuesAt(sensor, ts, seed)
  }

  /** Does what a command says, tells at once how things are now, and answers. */
  #obey(client: MqttClient, payload: string): void {
    if (client !== this.#client || this.#closing) return
    const answer = this.#controller?.obey(payload, this.#options.clock())
    if (!answer) return
    if (answer.ok) this.#measure()
    client.publish(this.#topic('ack'), JSON.stringify(answer), { qos: 1 }, (error) => {
      if (error && client === this.#client) this.#options.onError?.(error)
    })
  }

  /** Sends what the window has room for, oldest first. */
  #send(): void {
    const client = this.#client
    if (!client || !this.#online) return
    while (this.#queue.inflight < maxInflight) {
      const message = this.#queue.dequeue()
      if (!message) return
      if (message.attempts === 1) this.#options.onSent?.(message.ts)
      client.publish(this.#topic('reading'), message.payload, { qos: 1 }, (error) => {
        if (error || client !== this.#client) return
        if (this.#queue.acknowledge(message)) this.#options.onDelivered?.(message.ts)
        this.#send()
      })
    }
  }

  #retain(client: MqttClient, channel: Channel, payload: string): void {
    client.publish(this.#topic(channel), payload, { qos: 1, retain: true }, (error) => {
      if (error && client === this.#client) this.#options.onError?.(error)
    })
  }

  #topic(channel: Channel): string {
    const { district, kind, id } = this.#options.sensor
    return sensorTopic({ district, kind, sensor: id, channel })
  }

  async #close(): Promise<void> {
    clearTimeout(this.#connecting)
    clearInterval(this.#measuring)
    const client = this.#client
    if (client && this.#online) await farewell(client, this.#topic('status'))
    this.#client = undefined
    this.#online = false
    await new Promise<void>((resolve) => (client ? client.end(true, {}, () => resolve()) : resolve()))
  }
}

/** Publishes `offline` and disconnects; gives up after a second. */
function farewell(client: MqttClient, topic: string): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    client.once('close', resolve)
    client.publish(topic, 'offline' satisfies Connection, { qos: 1, retain: true }, () =>
      client.end(false, {}, () => resolve()),
    )
  })
  return waitAtMost(closed, farewellMs)
}
