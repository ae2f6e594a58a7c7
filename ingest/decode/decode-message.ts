import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { jsonFault } from '#telemetry/faults/json-fault.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { itemSources, memberSource } from '#telemetry/json-source.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { messageText } from '#telemetry/message-text.ts'
import { maxClockAheadMs, type Reading } from '#telemetry/reading.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { SensorTopic } from '#telemetry/topics.ts'

import { ArrivalTimes } from '../clock/arrival-times.ts'
import { type Fault, oneFault, type Refusal, refusalOf, unforeseen } from './refusal.ts'
import type { TopicCache } from './topic-cache.ts'
import { memberFault, validateValues, valuesSchemas } from './validate-values.ts'

/** A reading, and who published it where a credential speaks for many sensors: that is not for the screens. */
export interface DecodedReading extends LiveReading {
  user?: string
}

export interface Decoded {
  readings: DecodedReading[]
  /** refused, for their time is too far ahead; they tell the screens what is wrong with the sensor's clock, and nothing else */
  tooFarAhead?: DecodedReading[]
  refusals: Refusal[]
  /** values the platform does not know, dropped */
  unknownValues: number
  /** values that are null: absent */
  nullValues: number
  /** wrong values beside good ones, dropped */
  droppedValues: number
}

/** Readings measured further ahead than this are refused: the sensor's clock is wrong. */
export const maxAheadMs = dayMs

/** Most readings in one gateway's batch. */
export const maxReadingsInMessage = 1_000

/** A record, and who tells when its readings arrived. */
interface CheckedRecord extends JournalRecord {
  arrivals: ArrivalTimes
}

const headSchema = z.object({ ts: timestampSchema, seq: z.number().int().min(0).optional() })

const wrongTopic: Fault = {
  code: 'TOPIC',
  faults: [{ code: 'WRONG_TOPIC', params: { channel: 'reading' } }],
}

/** The texts of a message's items, looked for when something is wrong with one of them alone. */
class Source {
  readonly #sent: string
  #items: readonly string[] | undefined

  constructor(sent: string) {
    this.#sent = sent
  }

  /** Of the whole message, or of an item of its batch. */
  of(at: number | undefined): string {
    if (at === undefined) return this.#sent
    this.#items ??= itemSources(this.#sent)
    return this.#items[at] ?? ''
  }
}

/** Adds the reading that an item is; answers what is wrong with it. */
function decodeOne(
  item: unknown,
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
  source: Source,
  at?: number,
): Fault | undefined {
  const head = headSchema.safeParse(item)
  if (!head.success) return decodeFaulty(item, head.error.issues, of, record, into, source, at)
  const parsed = valuesSchemas[of.kind].safeParse(item)
  if (!parsed.success) return decodeFaulty(item, [], of, record, into, source, at)
  // the schemas saw an object
  return add(item as object, head.data.seq, parsed.data, Object.keys(parsed.data).length, of, record, into)
}

/** As {@link decodeOne}, for an item with a fault: keeps what is good of it. */
function decodeFaulty(
  item: unknown,
  issues: readonly z.core.$ZodIssue[],
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
  source: Source,
  at?: number,
): Fault | undefined {
  const sourceOf = (member: string) => (member === '' ? source.of(at) : memberSource(source.of(at), member))
  const shape = issues.find(({ path }) => path[0] !== 'seq')
  if (shape) return { code: 'SHAPE', faults: [memberFault(shape, sourceOf)] }
  // a reading is worth more than its number: that is dropped when it alone is wrong
  const sent = item as { seq?: unknown }
  const seq = issues.length > 0 ? undefined : (sent.seq as number | undefined)
  const headFaults: MessageFault[] = []
  if (issues.length > 0 && sent.seq === null) into.nullValues += 1
  else headFaults.push(...issues.map((issue) => memberFault(issue, sourceOf)))
  const { values, known, nulls, faults } = validateValues(of.kind, sent, sourceOf)
  into.nullValues += nulls
  const [first, ...others] = [...headFaults, ...faults]
  if (!values) return first && { code: 'VALUE', faults: [first, ...others] }
  const ahead = add(sent, seq, values, known, of, record, into)
  if (ahead) return ahead
  if (!first) return undefined
  into.droppedValues += others.length + 1
  return { code: 'VALUE', faults: [first, ...others], partial: true }
}

/** Adds a reading of good values, of `known` names in the message, unless it is measured too far ahead. */
function add(
  item: object,
  seq: number | undefined,
  values: Reading['values'],
  known: number,
  { district, kind, sensor }: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
): Fault | undefined {
  // the schema saw a time
  const { ts } = item as { ts: number }
  const { at: arrivedAt, isKnown } = record.arrivals.arrivalOf(record, sensor, ts)
  // no reading is refused for a clock of the platform's own
  if (isKnown && ts - Math.max(arrivedAt, record.arrivedAt, record.checkedAt ?? 0) > maxAheadMs) {
    const reading = { district, kind, sensor, ts, values, aheadMs: Math.ceil(ts - arrivedAt) } as Reading // as below
    into.tooFarAhead ??= []
    into.tooFarAhead.push({ reading, arrivedAt })
    const params = { ts, hours: maxAheadMs / hourMs }
    return { code: 'FUTURE', faults: [{ path: 'ts', code: 'TOO_FAR_AHEAD', params }] }
  }
  into.unknownValues += Object.keys(item).length - known - ('seq' in item ? 2 : 1)
  // written out: spread together, these objects cost as much as all before
  const reading =
    seq === undefined ? { district, kind, sensor, ts, values } : { district, kind, sensor, ts, seq, values }
  const aheadMs = ts - arrivedAt
  if (aheadMs > maxClockAheadMs) Object.assign(reading, { aheadMs: Math.ceil(aheadMs) })
  // kind and values come from the same row of schemas
  const decoded: DecodedReading = { reading: reading as Reading, arrivedAt }
  if (record.user !== undefined) decoded.user = record.user
  into.readings.push(decoded)
  return undefined
}

/** Nothing decoded yet. */
export function nothingDecoded(): Decoded {
  return { readings: [], refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 }
}

function refuse(record: CheckedRecord, fault: Fault, payload = record.payload, count = 1): Refusal {
  return refusalOf({ ...record, arrivedAt: record.arrivals.likelyArrivalOf(record) }, fault, payload, count)
}

function text(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return messageText(buffer.toString('utf8'))
}

/** Stray NULs between the parts of a message are no more than spaces there; within a number or a name they stay a fault. */
const withoutNuls = (sent: string) => sent.replaceAll('\0', ' ')

function parsedOrNothing(sent: string): unknown {
  try {
    return JSON.parse(sent)
  } catch {
    return undefined
  }
}

/**
 * Decodes and validates one message of the journal: the only place where this is done. Wrong input is a value, not an
 * exception, and so is a fault of the platform's own: what a record holds may never take another's data. What comes of it
 * is added to `into`, which is answered.
 */
export function decode(
  record: JournalRecord,
  topics: TopicCache,
  into = nothingDecoded(),
  arrivals = new ArrivalTimes(),
): Decoded {
  const { length } = into.readings
  const checked = { ...record, arrivals }
  try {
    decodeMessage(checked, topics, into)
  } catch (error) {
    into.readings.length = length
    into.refusals.push(refuse(checked, unforeseen(error)))
  }
  return into
}

function decodeMessage(record: CheckedRecord, topics: TopicCache, into: Decoded): void {
  const of = topics.parse(record.topic)
  if (!of) {
    into.refusals.push(refuse(record, wrongTopic))
    return
  }
  const whole = text(record.payload)
  let sent = whole
  let parsed: unknown
  try {
    parsed = JSON.parse(sent)
  } catch (error) {
    sent = withoutNuls(whole)
    parsed = parsedOrNothing(sent === whole ? '' : sent)
    if (parsed === undefined) {
      into.refusals.push(refuse(record, { code: 'JSON', faults: [jsonFault(error, whole)] }))
      return
    }
  }
  if (Array.isArray(parsed)) {
    decodeBatch(parsed, sent, of, record, into)
    return
  }
  const fault = decodeOne(parsed, of, record, into, new Source(sent))
  if (fault) into.refusals.push(refuse(record, fault))
}

/** A gateway's batch: of what is wrong in it only that is refused, all of it as one. */
function decodeBatch(
  items: readonly unknown[],
  sent: string,
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
): void {
  if (items.length > maxReadingsInMessage) {
    const fault: MessageFault = {
      code: 'TOO_MANY_READINGS',
      params: { readings: items.length, most: maxReadingsInMessage },
    }
    into.refusals.push(refuse(record, { code: 'SHAPE', faults: [fault] }, record.payload, items.length))
    return
  }
  const source = new Source(sent)
  const wrong: { at: number; fault: Fault }[] = []
  for (const [at, item] of items.entries()) {
    const { length } = into.readings
    try {
      const fault = decodeOne(item, of, record, into, source, at)
      if (fault) wrong.push({ at, fault })
    } catch (error) {
      into.readings.length = length
      wrong.push({ at, fault: unforeseen(error) })
    }
  }
  const [first, ...others] = wrong
  if (!first) return
  const fault = oneFault([first.fault, ...others.map((each) => each.fault)])
  into.refusals.push(refuse(record, fault, payloadOf(wrong, source), wrong.length))
}

function payloadOf(wrong: readonly { at: number }[], source: Source): Uint8Array {
  const sources = wrong.map(({ at }) => source.of(at))
  return Buffer.from(sources.length === 1 ? (sources[0] ?? '') : `[${sources.join(',')}]`)
}
