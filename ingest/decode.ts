import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import { airQualityValues } from '#telemetry/air-quality.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { lightingValues } from '#telemetry/lighting.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { type Reading, timestampSchema } from '#telemetry/reading.ts'
import { trafficValues } from '#telemetry/traffic.ts'
import type { TopicCache } from './topic-cache.ts'

/** Why a message, or one reading of a gateway's batch, was not taken. */
export interface Refusal {
  code: 'TOPIC' | 'JSON' | 'SHAPE' | 'VALUE' | 'FUTURE' | 'STORE'
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

const head = { ts: timestampSchema, seq: z.number().int().min(0).optional() }
const payloadSchemas = {
  traffic: trafficValues.safeExtend(head),
  lighting: lightingValues.safeExtend(head),
  'air-quality': airQualityValues.safeExtend(head),
} as const

/** Zod's first complaint in plain words: which value, and what is wrong with it. */
function words(error: z.ZodError): string {
  const issue = error.issues[0]
  if (!issue) return 'not valid'
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message
}

function decodeOne(
  item: unknown,
  of: { district: string; kind: Kind; sensor: string },
  arrivedAt: number,
): { reading: Reading; unknown: number } | Pick<Refusal, 'code' | 'reason'> {
  const parsed = payloadSchemas[of.kind].safeParse(item)
  if (!parsed.success) {
    const [first] = parsed.error.issues[0]?.path ?? []
    return { code: first === undefined || first in head ? 'SHAPE' : 'VALUE', reason: words(parsed.error) }
  }
  const { ts, seq, ...values } = parsed.data
  if (ts > arrivedAt + maxAheadMs)
    return { code: 'FUTURE', reason: `ts: ${new Date(ts).toISOString()} is more than 24 h ahead of its arrival` }
  const unknown = Object.keys(item as object).length - Object.keys(parsed.data).length // the schema saw an object
  const { district, kind, sensor } = of
  const common = seq === undefined ? { district, sensor, ts } : { district, sensor, ts, seq }
  // kind and values come from the same row of payloadSchemas
  return { reading: { ...common, kind, values } as Reading, unknown }
}

function refusal(record: JournalRecord, fault: Pick<Refusal, 'code' | 'reason'>, payload = record.payload): Refusal {
  return { ...fault, topic: record.topic, payload, arrivedAt: record.arrivedAt }
}

function refused(record: JournalRecord, code: Refusal['code'], reason: string): Decoded {
  return { readings: [], refusals: [refusal(record, { code, reason })], unknownValues: 0 }
}

/** Decodes and validates one message of the journal: the only place where this is done. Wrong input is a value, not an exception. */
export function decode(record: JournalRecord, topics: TopicCache): Decoded {
  const { payload, arrivedAt } = record
  const of = topics.parse(record.topic)
  if (!of)
    return refused(
      record,
      'TOPIC',
      'topic is not city/v1/{district}/{kind}/{sensor}/reading with a known kind and ids of a-z, 0-9, -',
    )
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'))
  } catch (error) {
    return refused(record, 'JSON', error instanceof Error ? error.message : String(error))
  }
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  if (items.length > maxBatch)
    return refused(record, 'SHAPE', `a batch of ${items.length} readings; at most ${maxBatch} are taken`)
  const decoded: Decoded = { readings: [], refusals: [], unknownValues: 0 }
  for (const item of items) {
    const one = decodeOne(item, of, arrivedAt)
    // of a gateway's batch only the reading that is wrong
    if ('code' in one)
      decoded.refusals.push(refusal(record, one, items === parsed ? Buffer.from(JSON.stringify(item)) : payload))
    else {
      decoded.readings.push({ reading: one.reading, arrivedAt })
      decoded.unknownValues += one.unknown
    }
  }
  return decoded
}
