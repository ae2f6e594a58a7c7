import { connect, type IConnackPacket, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { channelFilter } from '#telemetry/topics.ts'
import type { BridgeMetrics } from './metrics.ts'

export interface OutsideBrokerOptions {
  url: string
  username?: string | undefined
  password?: string | undefined
  clientId: string
  shareGroup?: string | undefined
  /** s between two signs of life at the most */
  keepaliveS?: number
  metrics: BridgeMetrics
  log: Logger
  /** receives each message in place of MQTT.js' own acknowledgement */
  onMessage: MqttClient['handleMessage']
  /** called when a connection is lost; resolves when there is room for the messages of a new one */
  waitForRoom(): Promise<void>
}

const backoff = { firstMs: 500, longestMs: 10_000 }

/** CONNACK: bad user name or password, not authorized */
const credentialCodes: readonly unknown[] = [4, 5]

/** The connection to the outside broker: subscribed to readings, and made again whenever it is lost. */
export class OutsideBroker {
  readonly #options: OutsideBrokerOptions
  readonly #client: MqttClient
  #failures = 0
  #hadSession = false
  readonly #stopping = new AbortController()

  /** Begins to connect. */
  constructor(options: OutsideBrokerOptions) {
    this.#options = options
    const { url, username, password, clientId, keepaliveS = 30 } = options
    this.#client = connect(url, {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...{ clientId, clean: false, protocolVersion: 4, keepalive: keepaliveS, connectTimeout: 10_000 },
      // MQTT.js connects again without jitter, and whether there is room or not: see #lost
      ...{ reconnectPeriod: 0, resubscribe: false },
    })
    this.#client.handleMessage = options.onMessage
    this.#client.on('connect', (packet) => this.#connected(packet))
    this.#client.on('close', () => this.#lost())
    this.#client.on('error', (error) => this.#failed(error))
  }

  /** The connection that messages come on now. */
  get stream(): MqttClient['stream'] {
    return this.#client.stream
  }

  #connected({ sessionPresent }: IConnackPacket): void {
    const { shareGroup, metrics, log } = this.#options
    if (this.#hadSession && !sessionPresent)
      log.error('the outside broker has forgotten the session of the bridge, and with it what it held for the bridge')
    const filter = channelFilter('reading')
    // each time: the session may be gone, and rights may have changed
    this.#client.subscribe(shareGroup ? `$share/${shareGroup}/${filter}` : filter, { qos: 1 }, (error, granted) => {
      if (this.#stopping.signal.aborted || !this.#client.connected) return
      if (error) {
        log.error({ err: error }, `the outside broker refuses the subscription to ${filter}; trying again`)
        this.#client.stream.destroy()
        return
      }
      if (granted?.some(({ qos }) => qos === 0))
        log.error('the outside broker grants QoS 0 only: it does not wait for acknowledgements')
      this.#hadSession = true
      this.#failures = 0
      metrics.connected.set(1)
    })
  }

  #failed(error: Error): void {
    if (this.#stopping.signal.aborted) return
    const { log } = this.#options
    if ('code' in error && credentialCodes.includes(error.code))
      log.error(
        { reason: error.message },
        'the outside broker refuses the user name or password (BRIDGE_USERNAME, BRIDGE_PASSWORD); trying again',
      )
    else log.warn({ err: error }, 'the connection to the outside broker (MQTT_URL) failed; trying again')
  }

  #lost(): void {
    const { metrics, waitForRoom } = this.#options
    metrics.connected.set(0)
    if (this.#stopping.signal.aborted) return
    this.#failures += 1
    const delay = sleep(backoffMs(this.#failures, backoff), this.#stopping.signal)
    void Promise.all([delay, waitForRoom()]).then(() => {
      if (!this.#stopping.signal.aborted) this.#client.reconnect()
    })
  }

  /** Disconnects; the session stays. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#client.endAsync(true)
  }
}
