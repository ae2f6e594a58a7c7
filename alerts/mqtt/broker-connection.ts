import { connect, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import { parseItemwise } from '#telemetry/itemwise.ts'
import { jsonOf } from '#telemetry/json.ts'
import { liveBatchSchema } from '#telemetry/live.ts'
import { type DistanceToDistrict, decodeMeta } from '#telemetry/meta-message.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { decodeStatus } from '#telemetry/status-message.ts'
import { newestArrival, type SteadyClock } from '#telemetry/steady-clock.ts'
import { alertRequestTopic, channelFilter, liveFilter, parseSensorTopic, topicRoot } from '#telemetry/topics.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import type { AlertsMetrics } from '../metrics.ts'
import { goneMessage } from './event-publisher.ts'
import { LiveBuffer } from './live-buffer.ts'

/** Connects with a last will that says alerts is gone; reconnects by itself. */
export function connectBroker(access: MqttAccess, session: string): MqttClient {
  const mqtt = connect(access.url, {
    username: access.username,
    password: access.password,
    protocolVersion: 4,
    clean: true,
    clientId: `alerts-${session.slice(0, 8)}`,
    connectTimeout: 10_000,
    reconnectPeriod: 500,
    reconnectOnConnackError: true,
    // subscribed by hand after each connect: only then does the broker send what it retains again
    resubscribe: false,
    queueQoSZero: false,
    will: { ...goneMessage(session), payload: Buffer.from(goneMessage(session).payload), qos: 1, retain: true },
  })
  sendWithoutDelay(mqtt)
  return mqtt
}

interface ReceiverOptions {
  mqtt: MqttClient
  engine: EvaluationEngine
  /** how far a position lies from a district */
  distance: DistanceToDistrict
  /** told when readings arrived */
  steady: SteadyClock
  metrics: AlertsMetrics
  log: Logger
  /** called with the payload of a request */
  onRequest: (payload: string) => void
  /** called when the meta of every sensor has come and live readings are held: the past is to be evaluated first */
  onSensors: () => Promise<void>
  /** called when the broker has granted all subscriptions */
  onReady: () => void
}

/** what sensors say of themselves is retained: it comes at once, and nothing marks its end */
const sensorFilters = [channelFilter('meta'), channelFilter('status')]
const liveFilters = [liveFilter, alertRequestTopic]

/** ms without a further sensor after which all are taken to have come, and the longest wait for that */
const quiet = { ms: 200, longestMs: 5_000 }

/** Receives what the broker sends: first all sensors, then requests, and live readings once the past was evaluated. */
export function receiveMessages(parts: ReceiverOptions): void {
  const { mqtt, engine, metrics, log } = parts
  const buffer = new LiveBuffer(engine, metrics)
  let heardAt = 0
  let first: Promise<void> | undefined
  /** counts connections and their ends */
  let change = 0
  const untilQuiet = async () => {
    const since = performance.now()
    do await sleep(quiet.ms)
    while (performance.now() - heardAt < quiet.ms && performance.now() - since < quiet.longestMs)
  }
  const startListening = async (connection: number) => {
    buffer.startBuffering()
    try {
      if (!(await subscribeTo(mqtt, liveFilters, log))) return
      await parts.onSensors()
    } finally {
      buffer.stopBuffering()
    }
    if (change !== connection) return // the next connection listens
    engine.startListening()
    parts.onReady()
  }
  const subscribe = async (connection: number) => {
    if (!(await subscribeTo(mqtt, sensorFilters, log))) return
    first ??= untilQuiet()
    await first
    await startListening(connection)
  }
  mqtt.on('connect', () => void subscribe(++change))
  mqtt.on('close', () => {
    change += 1
    engine.stopListening()
  })
  mqtt.on('message', (topic, payload, { retain }) => {
    heardAt = performance.now()
    receive(parts, buffer, { topic, payload, isRetained: retain })
  })
}

/** Whether all of it was granted. */
async function subscribeTo(mqtt: MqttClient, filters: string[], log: Logger): Promise<boolean> {
  try {
    const granted = await mqtt.subscribeAsync(filters, { qos: 1 })
    const refused = granted.filter(({ qos }) => qos > 2).map(({ topic }) => topic)
    if (refused.length === 0) return true
    log.error({ refused }, 'the broker refuses subscriptions')
  } catch (error) {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'alerts could not subscribe: it does with the next connection')
  }
  return false
}

/** A message as it came. */
interface Message {
  topic: string
  payload: Buffer
  /** whether the broker had retained it */
  isRetained: boolean
}

function receive(parts: ReceiverOptions, buffer: LiveBuffer, message: Message): void {
  const { topic, payload } = message
  if (topic === alertRequestTopic) parts.onRequest(payload.toString())
  else if (topic.startsWith(`${topicRoot}/live/`)) {
    const batch = parseItemwise(liveBatchSchema, jsonOf(payload.toString()))
    parts.metrics.malformed.inc({ channel: 'live' }, batch.ok ? batch.dropped : 1)
    if (!batch.ok) return
    if (parts.steady.heard(newestArrival(batch.value))) parts.engine.handleClockJump()
    buffer.add(batch.value)
  } else receiveSensorMessage(parts, message)
}

/** What is wrong with a sensor's message, ingest puts in quarantine. */
function receiveSensorMessage(
  { engine, metrics, distance }: ReceiverOptions,
  { topic, payload, isRetained }: Message,
): void {
  const of = parseSensorTopic(topic)
  if (of?.channel === 'meta') {
    const meta = decodeMeta(payload, of.district, distance)
    if (meta.ok) engine.updateMeta(of, meta.value)
    else metrics.malformed.inc({ channel: 'meta' })
  } else if (of?.channel === 'status') {
    const status = decodeStatus(payload)
    if (status.ok) engine.updateConnection(of, status.value, isRetained)
    else metrics.malformed.inc({ channel: 'status' })
  } else metrics.malformed.inc({ channel: 'topic' })
}
