import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { messageText } from '#telemetry/message-text.ts'
import { maxClockAheadMs, type Reading, timestampSchema } from '#telemetry/reading.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import { itemSources, memberSource } from './json-source.ts'
import { judgeValues } from './judge-values.ts'
import { type Fault, oneFault, type Refusal, refusalOf } from './refusal.ts'
import { issueWords, jsonFaultWords, messageOf, plainText } from './refusal-words.ts'
import type { TopicCache } from './topic-cache.ts'

export interface Decoded {
  readings: LiveReading[]
  refusals: Refusal[]
  /** values the platform does not know, dropped */
  unknownValues: number
  /** values that are null: absent */
  nullValues: number
  /** wrong values beside good ones, dropped */
  droppedValues: number
}

/** Readings measured further ahead than this are refused: the sensor's clock is wrong. */
export const maxAheadMs = 24 * 3_600_000

/** Most readings in one gateway's batch. */
export const maxBatch = 1_000

const headSchema = z.object({ ts: timestampSchema, seq: z.number().int().min(0).optional() })

const wrongTopic: Fault = {
  code: 'TOPIC',
  reason: 'topic is not city/v1/{district}/{kind}/{sensor}/reading with a known kind and ids of a-z, 0-9, -',
}

/** Who sent an item, when it arrived, and its text when that is asked for. */
interface Sent {
  of: SensorTopic
  record: JournalRecord
  source: () => string
}

/** Adds the reading that an item is; answers what is wrong with it. */
function decodeOne(item: unknown, { of, record, source }: Sent, into: Decoded): Fault | undefined {
  const sourceOf = (member: string) => (member === '' ? source() : memberSource(source(), member))
  const head = headSchema.safeParse(item)
  const headFaults: string[] = []
  let seq = head.data?.seq
  if (!head.success) {
    // a reading is worth more than its number: that is dropped when it alone is wrong
    const issues = head.error.issues
    const [first] = issues
    if (first && issues.some(({ path }) => path[0] !== 'seq'))
      return { code: 'SHAPE', reason: issueWords(issues.find(({ path }) => path[0] !== 'seq') ?? first, sourceOf) }
    seq = undefined
    if ((item as { seq: unknown }).seq === null) into.nullValues += 1
    else headFaults.push(...issues.map((issue) => issueWords(issue, sourceOf)))
  }
  // the schema saw an object with a time
  const { ts } = item as { ts: number }
  const { district, kind, sensor } = of
  const { values, known, nulls, faults } = judgeValues(kind, item as object, sourceOf)
  into.nullValues += nulls
  const [reason, ...more] = headFaults.length > 0 ? [...headFaults, ...faults] : faults
  if (!values) return { code: 'VALUE', reason: reason ?? '', ...(more.length > 0 && { more }) }
  const { arrivedAt, checkedAt = arrivedAt } = record
  if (ts > Math.max(arrivedAt, checkedAt) + maxAheadMs)
    return { code: 'FUTURE', reason: `ts: ${new Date(ts).toISOString()} is more than 24 h ahead of its arrival` }
  into.unknownValues += Object.keys(item as object).length - known - ('seq' in (item as object) ? 2 : 1)
  // written out: spread together, these objects cost as much as all before
  const reading =
    seq === undefined ? { district, kind, sensor, ts, values } : { district, kind, sensor, ts, seq, values }
  const aheadMs = ts - Math.max(arrivedAt, checkedAt)
  if (aheadMs > maxClockAheadMs) Object.assign(reading, { aheadMs: Math.ceil(aheadMs) })
  into.readings.push({ reading: reading as Reading, arrivedAt }) // kind and values come from the same row of schemas
  if (reason === undefined) return undefined
  into.droppedValues += more.length + 1
  return { code: 'VALUE', reason, ...(more.length > 0 && { more }), partial: true }
}

/** Nothing decoded yet. */
export function nothingDecoded(): Decoded {
  return { readings: [], refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 }
}

const unforeseen = (error: unknown): Fault => ({
  code: 'FAULT',
  reason: plainText(`cannot be decoded: ${messageOf(error)}`),
})

function text(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return messageText(buffer.toString('utf8'))
}

/**
 * Decodes and validates one message of the journal: the only place where this is done. Wrong input is a value, not an
 * exception, and so is a fault of the platform's own: what a record holds may never take another's data. What comes of it
 * is added to `into`, which is answered.
 */
export function decode(record: JournalRecord, topics: TopicCache, into = nothingDecoded()): Decoded {
  const { length } = into.readings
  try {
    decodeMessage(record, topics, into)
  } catch (error) {
    into.readings.length = length
    into.refusals.push(refusalOf(record, unforeseen(error)))
  }
  return into
}

function decodeMessage(record: JournalRecord, topics: TopicCache, into: Decoded): void {
  const of = topics.parse(record.topic)
  if (!of) {
    into.refusals.push(refusalOf(record, wrongTopic))
    return
  }
  const sent = text(record.payload)
  let parsed: unknown
  try {
    parsed = JSON.parse(sent)
  } catch (error) {
    into.refusals.push(refusalOf(record, { code: 'JSON', reason: jsonFaultWords(error, sent) }))
    return
  }
  if (Array.isArray(parsed)) {
    decodeBatch(parsed, sent, { of, record }, into)
    return
  }
  const fault = decodeOne(parsed, { of, record, source: () => sent }, into)
  if (fault) into.refusals.push(refusalOf(record, fault))
}

/** A gateway's batch: of what is wrong in it only that is refused, all of it as one. */
function decodeBatch(items: readonly unknown[], sent: string, of: Omit<Sent, 'source'>, into: Decoded): void {
  const { record } = of
  if (items.length > maxBatch) {
    const reason = `a batch of ${items.length} readings; at most ${maxBatch} are taken`
    into.refusals.push(refusalOf(record, { code: 'SHAPE', reason }, record.payload, items.length))
    return
  }
  let sources: string[] | undefined
  const sourceOf = (at: number) => {
    sources ??= itemSources(sent)
    return sources[at] ?? ''
  }
  const wrong: { at: number; fault: Fault }[] = []
  for (const [at, item] of items.entries()) {
    const { length } = into.readings
    try {
      const fault = decodeOne(item, { ...of, source: () => sourceOf(at) }, into)
      if (fault) wrong.push({ at, fault })
    } catch (error) {
      into.readings.length = length
      wrong.push({ at, fault: unforeseen(error) })
    }
  }
  const [first, ...others] = wrong
  if (!first) return
  const fault = oneFault([first.fault, ...others.map((each) => each.fault)])
  into.refusals.push(refusalOf(record, fault, payloadOf(wrong, sourceOf), wrong.length))
}

function payloadOf(wrong: readonly { at: number }[], sourceOf: (at: number) => string): Uint8Array {
  const sources = wrong.map(({ at }) => sourceOf(at))
  return Buffer.from(sources.length === 1 ? (sources[0] ?? '') : `[${sources.join(',')}]`)
}
