import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import { airQualityValues } from '#telemetry/air-quality.ts'
import { lightingValues } from '#telemetry/lighting.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { maxClockAheadMs, type Reading, timestampSchema } from '#telemetry/reading.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import { trafficValues } from '#telemetry/traffic.ts'
import { refusalWords } from './refusal-words.ts'
import type { TopicCache } from './topic-cache.ts'

/** Why a message, or one reading of a gateway's batch, was not taken. */
export interface Refusal {
  code: 'TOPIC' | 'JSON' | 'SHAPE' | 'VALUE' | 'FUTURE' | 'PAST' | 'STORE'
  /** plain words: which value, what it holds, what it may hold */
  reason: string
  topic: string
  payload: Uint8Array
  /** epoch ms */
  arrivedAt: number
}

export interface Decoded {
  readings: LiveReading[]
  refusals: Refusal[]
  /** values the platform does not know, dropped */
  unknownValues: number
}

/** Readings measured further ahead than this are refused: the sensor's clock is wrong. */
export const maxAheadMs = 24 * 3_600_000

/** Most readings in one gateway's batch. */
export const maxBatch = 1_000

const headSchema = z.object({ ts: timestampSchema, seq: z.number().int().min(0).optional() })
const valuesSchemas = { traffic: trafficValues, lighting: lightingValues, 'air-quality': airQualityValues } as const

type Fault = Pick<Refusal, 'code' | 'reason'>

const wrongTopic: Fault = {
  code: 'TOPIC',
  reason: 'topic is not city/v1/{district}/{kind}/{sensor}/reading with a known kind and ids of a-z, 0-9, -',
}

/** Adds the reading that an item is; answers what is wrong when it is none. */
function decodeOne(item: unknown, of: SensorTopic, arrivedAt: number, into: Decoded): Fault | undefined {
  const head = headSchema.safeParse(item)
  if (!head.success) return { code: 'SHAPE', reason: refusalWords(head.error, item) }
  const parsed = valuesSchemas[of.kind].safeParse(item)
  if (!parsed.success) return { code: 'VALUE', reason: refusalWords(parsed.error, item) }
  const { ts, seq } = head.data
  const values = parsed.data
  if (ts > arrivedAt + maxAheadMs)
    return { code: 'FUTURE', reason: `ts: ${new Date(ts).toISOString()} is more than 24 h ahead of its arrival` }
  // the schemas saw an object
  into.unknownValues += Object.keys(item as object).length - Object.keys(head.data).length - Object.keys(values).length
  const { district, kind, sensor } = of
  // written out: spread together, these objects cost as much as all before
  const reading =
    seq === undefined ? { district, kind, sensor, ts, values } : { district, kind, sensor, ts, seq, values }
  const aheadMs = ts - arrivedAt
  if (aheadMs > maxClockAheadMs) Object.assign(reading, { aheadMs: Math.ceil(aheadMs) })
  into.readings.push({ reading: reading as Reading, arrivedAt }) // kind and values come from the same row of valuesSchemas
  return undefined
}

function refuse(record: JournalRecord, fault: Fault, into: Decoded, payload = record.payload): void {
  into.refusals.push({ ...fault, topic: record.topic, payload, arrivedAt: record.arrivedAt })
}

function text(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('utf8')
}

/** Nothing decoded yet. */
export function nothingDecoded(): Decoded {
  return { readings: [], refusals: [], unknownValues: 0 }
}

/**
 * Decodes and validates one message of the journal: the only place where this is done. Wrong input is a value, not an
 * exception. What comes of it is added to `into`, which is answered.
 */
export function decode(record: JournalRecord, topics: TopicCache, into = nothingDecoded()): Decoded {
  const { payload, arrivedAt } = record
  const of = topics.parse(record.topic)
  if (!of) {
    refuse(record, wrongTopic, into)
    return into
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text(payload))
  } catch (error) {
    refuse(record, { code: 'JSON', reason: error instanceof Error ? error.message : String(error) }, into)
    return into
  }
  if (Array.isArray(parsed)) decodeBatch(parsed, of, record, into)
  else {
    const fault = decodeOne(parsed, of, arrivedAt, into)
    if (fault) refuse(record, fault, into)
  }
  return into
}

/** A gateway's batch: of what is wrong in it only that is refused. */
function decodeBatch(items: readonly unknown[], of: SensorTopic, record: JournalRecord, into: Decoded): void {
  if (items.length > maxBatch) {
    const reason = `a batch of ${items.length} readings; at most ${maxBatch} are taken`
    refuse(record, { code: 'SHAPE', reason }, into)
    return
  }
  for (const item of items) {
    const fault = decodeOne(item, of, record.arrivedAt, into)
    if (fault) refuse(record, fault, into, Buffer.from(JSON.stringify(item)))
  }
}
