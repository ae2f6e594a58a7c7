import { z } from 'zod'
import type { JournalRecord } from '#journal/journal.ts'
import type { ValueStates } from '#telemetry/device-state.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { itemSources, memberSource } from '#telemetry/json-source.ts'
import { maxClockAheadMs, type Reading } from '#telemetry/reading.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { ArrivalTimes } from '../clock/arrival-times.ts'
import { decodeStates } from './decode-states.ts'
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
  const { state } = item as { state?: unknown } // the schemas saw an object
  const names = Object.keys(parsed.data)
  if (state === undefined || state === 'measuring')
    return addReading(
      item as object,
      { seq: head.data.seq, values: parsed.data, known: names.length },
      of,
      record,
      into,
    )
  const { states, faults, dropped, nulls } = decodeStates(state, names)
  if (faults.length > 0) return decodeFaultyReading(item, [], of, record, into, texts, at)
  countStates(into, dropped, nulls)
  const good = { seq: head.data.seq, values: parsed.data, known: names.length, states }
  return addReading(item as object, good, of, record, into)
}

function countStates(into: Decoded, dropped: number, nulls: number): void {
  into.nullValues += nulls
  if (dropped > 0) into.droppedStates = (into.droppedStates ?? 0) + dropped
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
  const sent = item as { seq?: unknown; state?: unknown }
  const seq = issues.length > 0 ? undefined : (sent.seq as number | undefined)
  const headFaults: MessageFault[] = []
  if (issues.length > 0 && sent.seq === null) into.nullValues += 1
  else headFaults.push(...issues.map((issue) => memberFault(issue, sourceOf)))
  const { values: valid, known, nulls, faults } = validateValues(of.kind, sent, sourceOf)
  const said = decodeStates(sent.state, Object.keys(valid ?? {}), sourceOf)
  into.nullValues += nulls
  const values = valid && withoutValues(valid, said.refused)
  const [first, ...others] = [...headFaults, ...faults, ...said.faults]
  if (!values) return first && { code: 'VALUE', faults: [first, ...others] }
  countStates(into, said.dropped, said.nulls)
  const ahead = addReading(sent, { seq, values, known, states: said.states }, of, record, into)
  if (ahead) return ahead
  if (!first) return undefined
  into.droppedValues += headFaults.length + faults.length + said.refused.length
  return { code: 'VALUE', faults: [first, ...others], partial: true }
}

/** Values without some of them; undefined when none is left. */
function withoutValues(values: Reading['values'], refused: readonly string[]): Reading['values'] | undefined {
  if (refused.length === 0) return values
  const left = Object.entries(values).filter(([name]) => !refused.includes(name))
  return left.length === 0 ? undefined : (Object.fromEntries(left) as Reading['values']) // of the same kind, fewer of them
}

/** What is good of a message. */
interface GoodParts {
  seq: number | undefined
  values: Reading['values']
  /** known names in the message */
  known: number
  states?: ValueStates | undefined
}

/** Adds a reading of what is good of a message, unless it is measured too far ahead. */
function addReading(
  item: object,
  { seq, values, known, states }: GoodParts,
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
  into.unknownValues += Object.keys(item).length - known - ('seq' in item ? 2 : 1) - ('state' in item ? 1 : 0)
  // written out: spread together, these objects cost as much as all before
  const reading =
    seq === undefined ? { district, kind, sensor, ts, values } : { district, kind, sensor, ts, seq, values }
  if (states) Object.assign(reading, { states })
  const aheadMs = ts - arrivedAt
  if (aheadMs > maxClockAheadMs) Object.assign(reading, { aheadMs: Math.ceil(aheadMs) })
  // kind and values come from the same row of schemas
  const decoded: DecodedReading = { reading: reading as Reading, arrivedAt }
  if (record.user !== undefined) decoded.user = record.user
  into.readings.push(decoded)
  return undefined
}
