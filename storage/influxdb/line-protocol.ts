import { createHash } from 'node:crypto'
import { formatStates } from '#telemetry/device-state.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { stepFactsOf } from '../alert-search.ts'
import { amountOf, subjectOf } from '../event-subjects.ts'
import type { DocumentCollection, StoredDocument, StoredEvent } from '../store.ts'
import { documentMeasurement, documentTime, eventMeasurement, seqField } from './schema.ts'

/** characters in the body of one write; InfluxDB 1.x takes 25 MB, 3 takes 10 MB */
const maxBodyLength = 4_000_000

const special = /[,= \\\n\r]/
/** @throws StoreRejectedError for what a tag cannot hold: line protocol has no escape for a newline, nor for a backslash at the end */
export function tagValue(text: string): string {
  if (!special.test(text)) return text
  if (/[\n\r]|\\$/.test(text)) throw new StoreRejectedError(`${JSON.stringify(text)} cannot be a tag of InfluxDB`)
  return text.replace(/[,= ]/g, '\\$&')
}

/** A string field: newlines stay as they are, quotes and backslashes are escaped. */
export function stringField(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** One reading as a line; its time is in ms. Numbers are floats always, so that 12 and 12.5 are one type. `clearsStates`: the point may hold states that are void now. */
export function readingLine(reading: Reading, clearsStates = false): string {
  const { kind, district, sensor, ts, aheadMs } = reading
  // a reading of this kind holds no values but those of the kind, each a number or a word
  const values = reading.values as Readonly<Record<string, Value | undefined>>
  let fields = `seq=${seqField(reading)}i`
  if (aheadMs !== undefined) fields += `,aheadMs=${aheadMs}i`
  const states = formatStates(reading.states)
  if (states !== undefined || clearsStates) fields += `,states="${states ?? ''}"`
  for (const { name } of valuesOfKind[kind]) {
    const value = values[name]
    if (value !== undefined) fields += `,${name}=${typeof value === 'number' ? value : stringField(value)}`
  }
  return `${kind},district=${tagValue(district)},sensor=${tagValue(sensor)} ${fields} ${ts}`
}

/**
 * One event as a line; its time is in ns. InfluxDB knows a point by its series and time, and a tag per id would be a
 * series per event. So the id chooses one of 256 series and a nanosecond of the event's millisecond: the same event always
 * lands in the same place, and two others of one millisecond meet with a chance of one in 256 million.
 */
export function eventLine(event: StoredEvent): string {
  const { stream, id, body } = event
  const { slot, time } = eventLocation(event)
  // of what is no step they are empty: an event without the field is of an earlier release
  const facts = stream === 'alert' ? (JSON.stringify(stepFactsOf(body)) ?? '') : undefined
  const what = `subject=${stringField(subjectOf(event))},amount=${amountOf(event)}i`
  const searched = facts === undefined ? '' : `,facts=${stringField(facts)}`
  const fields = `id=${stringField(id)},${what}${searched},body=${stringField(JSON.stringify(body))}`
  return `${eventMeasurement(stream)},slot=${slot} ${fields} ${time}`
}

/** Where an event lies: the tag `slot`, two hexadecimal digits, and its time in ns. */
export function eventLocation({ id, ts }: Pick<StoredEvent, 'id' | 'ts'>): { slot: string; time: string } {
  const hash = createHash('sha256').update(id).digest()
  const nanoseconds = String(hash.readUInt32BE(1) % 1_000_000).padStart(6, '0')
  return { slot: hash.toString('hex', 0, 1), time: `${ts}${nanoseconds}` }
}

/** One document as a line; its time is in ms. */
export function documentLine(collection: DocumentCollection, { id, body }: StoredDocument): string {
  return `${documentMeasurement(collection)},id=${tagValue(id)} body=${stringField(JSON.stringify(body))} ${documentTime}`
}

/** lines that are joined at once: the strings they were put together from are freed while they are young */
const linesOfPiece = 100

/** Joins lines to bodies that InfluxDB takes in one write. */
export function* bodiesOf(lines: Iterable<string>): Generator<string> {
  let pieces: string[] = []
  let piece: string[] = []
  let length = 0
  for (const line of lines) {
    if (length > 0 && length + line.length >= maxBodyLength) {
      yield [...pieces, ...piece].join('\n')
      pieces = []
      piece = []
      length = 0
    }
    piece.push(line)
    length += line.length + 1
    if (piece.length === linesOfPiece) {
      pieces.push(piece.join('\n'))
      piece = []
    }
  }
  if (length > 0) yield [...pieces, ...piece].join('\n')
}

/** A reading to be written, and whether its point may hold states that are void now. */
export interface ReadingToWrite {
  reading: Reading
  clearsStates: boolean
}

/** The lines of some readings, each made when it is asked for. */
export function* linesOf(readings: Iterable<ReadingToWrite>): Generator<string> {
  for (const { reading, clearsStates } of readings) yield readingLine(reading, clearsStates)
}
