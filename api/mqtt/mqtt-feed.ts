import type { Logger } from 'pino'
import { z } from 'zod'
import { type Acknowledgement, acknowledgementSchema } from '#telemetry/command.ts'
import { UnreachableError } from '#telemetry/errors.ts'
import { reasonOf } from '#telemetry/faults/message-reasons.ts'
import { parseItemwise } from '#telemetry/itemwise.ts'
import { jsonOf } from '#telemetry/json.ts'
import { type LiveReading, liveBatchSchema, type Status } from '#telemetry/live.ts'
import { type DistanceToDistrict, decodeMeta } from '#telemetry/meta-message.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { decodeStatus } from '#telemetry/status-message.ts'
import { newestArrival, type SteadyClock } from '#telemetry/steady-clock.ts'
import { channelFilter, liveFilter, parseSensorTopic, refusalsTopic } from '#telemetry/topics.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { connectBroker } from './broker-connection.ts'

/** What comes out of the feed once it is in the registry. */
export interface FeedListener {
  readings(readings: readonly LiveReading[]): void
  status(status: Status): void
  /** a lamp has answered a command */
  answer(sensor: string, answer: Acknowledgement): void
  /** a broker reports what it refused to devices, as JSON */
  refusals(text: string): void
}

/** The api's connection to the broker. */
export interface MqttFeed {
  /**
   * Publishes with QoS 0, so that it reaches who listens now and nobody later; rejects when there is no connection.
   */
  send(topic: string, payload: string): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

interface FeedParts {
  registry: SensorRegistry
  health: PlatformHealth
  metrics: ApiMetrics
  log: Logger
  events: FeedListener
  /** how far a position lies from a district */
  distance: DistanceToDistrict
  /** epoch ms */
  clock: () => number
  /** gets the arrival times of readings */
  steady: SteadyClock
}

/** ms between two warnings about malformed messages */
const warnEveryMs = 10_000

type Refuse = (channel: string, topic: string, reason: string, count?: number) => void

/** Counts each malformed message and warns now and then. */
function refuser({ metrics, log }: FeedParts): Refuse {
  let warnedAt = Number.NEGATIVE_INFINITY
  return (channel, topic, reason, count = 1) => {
    metrics.malformed.inc({ channel }, count)
    if (performance.now() - warnedAt < warnEveryMs) return
    warnedAt = performance.now()
    log.warn({ topic, reason }, 'what is malformed is left out')
  }
}

/** JSON of a payload through a schema, or the reason why not. */
function decode<T>(schema: z.ZodType<T>, text: string): { ok: true; value: T } | { ok: false; reason: string } {
  const parsed = schema.safeParse(jsonOf(text))
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, reason: z.prettifyError(parsed.error).slice(0, 300) }
}

function handleLiveBatch(parts: FeedParts, refuse: Refuse, topic: string, text: string): void {
  const batch = parseItemwise(liveBatchSchema, jsonOf(text))
  if (!batch.ok) {
    refuse('live', topic, batch.reason)
    return
  }
  if (batch.dropped > 0) refuse('live', topic, batch.reason ?? '', batch.dropped)
  parts.steady.heard(newestArrival(batch.value))
  const { newer, statuses } = parts.registry.applyBatch(batch.value)
  for (const status of statuses) parts.events.status(status)
  if (newer.length > 0) parts.events.readings(newer)
}

/** A message as it came. */
interface Message {
  topic: string
  payload: Buffer
  /** whether the broker had kept it */
  isRetained: boolean
}

/** What is wrong with a sensor's meta or status, ingest puts in quarantine. */
function handleSensorMessage(parts: FeedParts, refuse: Refuse, { topic, payload, isRetained }: Message): void {
  const { registry, distance, clock } = parts
  const of = parseSensorTopic(topic)
  if (!of) {
    refuse('topic', topic, 'names no district, kind or sensor that could exist')
    return
  }
  let status: Status | undefined
  if (of.channel === 'meta') {
    const meta = decodeMeta(payload, of.district, distance)
    if (meta.ok) status = registry.applyMeta(of, meta.value, clock())
    else refuse('meta', topic, reasonOf(meta.fault.faults[0]))
  } else if (of.channel === 'status') {
    const said = decodeStatus(payload)
    if (said.ok) status = registry.applyConnection(of, said.value, { at: clock(), isRetained })
    else refuse('status', topic, reasonOf(said.fault.faults[0]))
  } else if (of.channel === 'ack') {
    const answer = decode(acknowledgementSchema, payload.toString())
    if (answer.ok) parts.events.answer(of.sensor, answer.value)
    else refuse('ack', topic, answer.reason)
  }
  if (status) parts.events.status(status)
}

/** Follows meta, status, answers to commands and the live batches; reconnects by itself. */
export function startMqttFeed(access: MqttAccess, parts: FeedParts): MqttFeed {
  const { health, log } = parts
  const refuse = refuser(parts)
  const filters = [liveFilter, ...(['meta', 'status', 'ack'] as const).map(channelFilter)]
  const client = connectBroker(access, filters, (refusal) => {
    if (refusal) log.error(refusal, 'the broker refuses subscriptions')
    health.broker = !refusal && client.connected
  })
  // an outside broker reports nothing there, and may refuse it
  client.on('connect', () => {
    client.subscribe(refusalsTopic, (error) => {
      if (error) log.debug({ err: error }, 'what the broker refuses to devices is not told')
    })
  })
  client.on('close', () => {
    if (health.now.broker && !client.disconnecting) log.warn('connection to the broker lost: reconnecting')
    health.broker = false
  })
  client.on('error', (error) => {
    if (!client.disconnecting) log.warn({ err: error }, 'connection to the broker failed')
  })
  client.on('message', (topic, payload, { retain }) => {
    if (topic.startsWith('city/v1/live/')) handleLiveBatch(parts, refuse, topic, payload.toString())
    else if (topic === refusalsTopic) parts.events.refusals(payload.toString())
    else handleSensorMessage(parts, refuse, { topic, payload, isRetained: retain })
  })
  let closing: Promise<void> | undefined
  return {
    async send(topic, payload) {
      if (!client.connected) throw new UnreachableError('there is no connection to the broker')
      await client.publishAsync(topic, payload, { qos: 0 })
    },
    close() {
      closing ??= client.endAsync(true).then(() => undefined)
      return closing
    },
  }
}
