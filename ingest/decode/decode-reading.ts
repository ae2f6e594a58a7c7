import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { itemSources, memberSource } from '#telemetry/json-source.ts'
import { maxClockAheadMs, type Reading } from '#telemetry/reading.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { ArrivalTimes } from '../clock/arrival-times.ts'
import type { Decoded, DecodedReading } from './decoded.ts'
import type { Fault } from './refusal.ts'
import { memberFault, validateValues, valuesSchemas } from './validate-values.ts'

/** Readings measured further ahead than this are refused: the sensor's clock is wrong. */
const maxAheadMs = dayMs

/** A record, and what determines when its readings arrived. */
export interface CheckedRecord extends JournalRecord {
  arrivals: ArrivalTimes
}

const headSchema = z.object({ ts: timestampSchema, seq: z.number().int().min(0).optional() })

/** The texts of a message's items, looked for when something is wrong with one of them alone. */
export class MessageTexts {
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

/** Adds the reading that an item of a message is to `into`; returns what is wrong with it. */
export function decodeReading(
  item: unknown,
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
  texts: MessageTexts,
  at?: number,
): Fault | undefined {
  const head = headSchema.safeParse(item)
  if (!head.success) return decodeFaultyReading(item, head.error.issues, of, record, into, texts, at)
  const parsed = valuesSchemas[of.kind].safeParse(item)
  if (!parsed.success) return decodeFaultyReading(item, [], of, record, into, texts, at)
  // the schemas saw an object
  return addReading(item as object, head.data.seq, parsed.data, Object.keys(parsed.data).length, of, record, into)
}

/** As {@link decodeReading}, for an item with a fault: keeps what is good of it. */
function decodeFaultyReading(
  item: unknown,
  issues: readonly z.core.$ZodIssue[],
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
  texts: MessageTexts,
  at?: number,
): Fault | undefined {
  const sourceOf = (member: string) => (member === '' ? texts.of(at) : memberSource(texts.of(at), member))
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
  const ahead = addReading(sent, seq, values, known, of, record, into)
  if (ahead) return ahead
  if (!first) return undefined
  into.droppedValues += others.length + 1
  return { code: 'VALUE', faults: [first, ...others], partial: true }
}

/** Adds a reading of good values, of `known` names in the message, unless it is measured too far ahead. */
function addReading(
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
