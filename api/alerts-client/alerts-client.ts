import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import {
  type AlertRequest,
  alertBatchSchema,
  alertServiceSchema,
  answerPieceSchema,
  currentAlertsSchema,
} from '#telemetry/alert-requests.ts'
import { UnreachableError } from '#telemetry/errors.ts'
import { type Itemwise, parseItemwise } from '#telemetry/itemwise.ts'
import { jsonOf } from '#telemetry/json.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { alertAnswerTopic, alertEventTopic, alertStateTopic } from '#telemetry/topics.ts'
import type { ApiMetrics } from '../metrics.ts'
import { connectBroker } from '../mqtt/broker-connection.ts'
import { AlertRequests } from './alert-requests.ts'
import { type CacheUpdate, OpenAlertsCache } from './open-alerts-cache.ts'

/** What the screens are sent. */
export interface AlertsListener {
  /** steps in the life of alerts */
  alertEvents(events: readonly AlertEvent[]): void
  /** the list may have changed as a whole, or whether alerts is there */
  alertsChanged(): void
}

/** The api's client of the alerts service. */
export interface AlertsClient {
  /** whether alerts is there */
  readonly watching: boolean
  /** Every open alert as it was last known. */
  all(): Alert[]
  get(id: string): Alert | undefined
  /** Connects and subscribes; the listener gets what changes. */
  connect(events: AlertsListener): void
  /** Asks alerts for something. @throws UnreachableError, StoreUnavailableError, ApiProblem */
  ask(request: AlertRequest, signal?: AbortSignal): Promise<unknown>
  /**
   * Asks alerts for a list: an item of it that is not known here, as of a newer alerts, is left out and counted. `list` is the key of
   * the list in the answer. @throws as `ask` does, and Error when the answer is none
   */
  fetchList<T>(request: AlertRequest, schema: z.ZodType<T>, list: keyof T & string): Promise<T>
  /** Idempotent. */
  close(): Promise<void>
}

interface ClientParts {
  metrics: ApiMetrics
  log: Logger
}

/** ms after which a snapshot that did not come is asked for again */
const againMs = 2_000

/**
 * A client of alerts over an MQTT connection of its own, so that a long list does not hold up readings. It connects once it has a
 * listener, and reconnects by itself.
 */
export function createAlertsClient(access: MqttAccess, parts: ClientParts): AlertsClient {
  return new MqttAlertsClient(access, parts)
}

class MqttAlertsClient implements AlertsClient {
  readonly #parts: ClientParts
  readonly #access: MqttAccess
  readonly #cache = new OpenAlertsCache()
  #mqtt: MqttClient | undefined
  #requests: AlertRequests | undefined
  #events: AlertsListener = { alertEvents() {}, alertsChanged() {} }
  #watching = false
  #isAsking = false
  #again: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(access: MqttAccess, parts: ClientParts) {
    this.#access = access
    this.#parts = parts
  }

  connect(events: AlertsListener): void {
    const { log } = this.#parts
    const answerTo = randomUUID()
    const topics = [alertStateTopic, alertEventTopic, alertAnswerTopic(answerTo)]
    const client = connectBroker(this.#access, topics, (refusal) => {
      if (refusal && !client.disconnecting) log.error(refusal, 'the broker refuses subscriptions about alerts')
    })
    client.on('close', () => this.#setWatching(false))
    client.on('error', (error) => {
      if (!client.disconnecting) log.debug({ err: error }, 'the connection to alerts failed')
    })
    client.on('message', (topic, payload) => this.#handleMessage(topic, payload.toString()))
    this.#events = events
    this.#mqtt = client
    this.#requests = new AlertRequests(client, answerTo)
  }

  get watching(): boolean {
    return this.#watching
  }

  all(): Alert[] {
    return this.#cache.all()
  }

  get(id: string): Alert | undefined {
    return this.#cache.get(id)
  }

  async ask(request: AlertRequest, signal?: AbortSignal): Promise<unknown> {
    if (!this.#requests || !this.#watching) throw new UnreachableError('alerts is not there')
    return this.#requests.ask(request, signal)
  }

  async fetchList<T>(request: AlertRequest, schema: z.ZodType<T>, list: keyof T & string): Promise<T> {
    const parsed = parseItemwise(schema, await this.ask(request), list)
    const value = this.#itemwise(parsed)
    if (!parsed.ok || value === undefined) throw new Error(`alerts answers ${request.type} otherwise: ${parsed.reason}`)
    if (parsed.dropped > 0)
      this.#parts.log.warn({ ask: request.type, dropped: parsed.dropped, reason: parsed.reason }, 'left out of a list')
    return value
  }

  close(): Promise<void> {
    clearTimeout(this.#again)
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    this.#requests?.endAll()
    await this.#mqtt?.endAsync(true)
  }

  #handleMessage(topic: string, text: string): void {
    if (topic === alertStateTopic) {
      const service = this.#decode(alertServiceSchema, text)
      if (service?.up) void this.#resync()
      else if (service) this.#setWatching(false)
    } else if (topic === alertEventTopic) {
      const batch = this.#itemwise(parseItemwise(alertBatchSchema, jsonOf(text), 'events'))
      if (batch) this.#publishUpdate(this.#cache.applyBatch(batch))
    } else {
      const piece = this.#decode(answerPieceSchema, text)
      if (piece) this.#requests?.receivePiece(piece)
    }
  }

  #publishUpdate(update: CacheUpdate): void {
    if (update === 'gap') void this.#resync()
    else if (update.events.length > 0) this.#events.alertEvents(update.events)
  }

  /** Asks for all that is open, again and again until it comes. */
  async #resync(): Promise<void> {
    this.#cache.expectSnapshot()
    if (this.#isAsking) return
    this.#isAsking = true
    clearTimeout(this.#again)
    try {
      const answer = await this.#requests?.ask({ type: 'current' })
      const parsed = parseItemwise(currentAlertsSchema, answer, 'alerts')
      const current = this.#itemwise(parsed)
      if (!current) throw new Error(parsed.reason)
      if (parsed.reason)
        this.#parts.log.error({ reason: parsed.reason }, 'open alerts that are not understood are left out')
      this.#isAsking = false
      this.#publishUpdate(this.#cache.applySnapshot(current))
      this.#watching = true
      this.#events.alertsChanged()
    } catch (error) {
      this.#isAsking = false
      if (this.#closing) return
      this.#parts.log.warn({ err: error }, 'alerts does not say what is open: asking again')
      this.#setWatching(false)
      // a new connection, or alerts that comes back, asks by itself
      if (this.#mqtt?.connected) this.#again = setTimeout(() => void this.#resync(), againMs)
    }
  }

  #setWatching(watching: boolean): void {
    if (!watching) this.#requests?.endAll()
    if (this.#watching === watching) return
    this.#watching = watching
    this.#events.alertsChanged()
  }

  /** What fits of a message; what does not is counted. */
  #itemwise<T>(parsed: Itemwise<T>): T | undefined {
    this.#parts.metrics.malformed.inc({ channel: 'alerts' }, parsed.ok ? parsed.dropped : 1)
    return parsed.ok ? parsed.value : undefined
  }

  #decode<T>(schema: z.ZodType<T>, text: string): T | undefined {
    const { data } = schema.safeParse(jsonOf(text))
    if (data === undefined) this.#parts.metrics.malformed.inc({ channel: 'alerts' })
    return data
  }
}
