import type { AmountsQuery, EventStream, EventsQuery, StoredEvent } from '../store.ts'
import { type InfluxQuery, lastMs, timeText, wholeNumber } from './influxql.ts'
import { eventLocation } from './line-protocol.ts'
import { eventMeasurement } from './schema.ts'

/** A regular expression that finds a text whatever its case: each sign but plain letters and digits stands there as its code. */
function findsText(text: string): string {
  // `u` takes a pair of surrogates for one sign; half a pair is none that a subject could hold
  const signs = text.replace(/[^a-z\d]/giu, (sign) => {
    const code = sign.codePointAt(0) ?? 0
    return `\\x{${(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code).toString(16)}}`
  })
  return `/(?i)${signs}/`
}

function eventColumns(
  columns: string,
  { stream, from = 0, to = lastMs, subject, subjectPart, limit }: EventsQuery,
): InfluxQuery {
  const about = [
    ...(subject === undefined ? [] : ['AND "subject" = $subject']),
    ...(subjectPart === undefined ? [] : [`AND "subject" =~ ${findsText(subjectPart)}`]),
  ].join(' ')
  return {
    text: `SELECT ${columns} FROM "${eventMeasurement(stream)}" WHERE time >= $from AND time < $to ${about}
      ORDER BY time DESC LIMIT ${wholeNumber('limit', limit)}`,
    params: { from: timeText(from), to: timeText(to), ...(subject === undefined ? {} : { subject }) },
  }
}

/** Columns `time`, `id` and `body`, the newest first. */
export function eventsQuery(query: EventsQuery): InfluxQuery {
  return eventColumns('"id", "body"', query)
}

/** Columns `time`, `id`, `subject` and `amount`, the newest first. */
export function eventHeadsQuery(query: EventsQuery): InfluxQuery {
  return eventColumns('"id", "subject", "amount"', query)
}

/** Columns `time` (the bucket's start) and `amount`, the earliest first. */
export function amountsQuery({ stream, subject, from, to, window }: AmountsQuery): InfluxQuery {
  return {
    text: `SELECT sum("amount") AS "amount" FROM "${eventMeasurement(stream)}" WHERE time >= $from AND time < $to AND "subject" = $subject
      GROUP BY time(${wholeNumber('window', window)}ms) fill(none) ORDER BY time ASC`,
    params: { from: timeText(from), to: timeText(to), subject },
  }
}

/** Columns `time`, `id` and `facts`, the newest first; an event of an earlier release has no facts. */
export function eventFactsQuery(query: EventsQuery): InfluxQuery {
  return eventColumns('"id", "facts"', query)
}

/** Each of some events by where it lies: a statement per event, with the columns `time`, `id` and `body`. */
export function eventsAtQuery(stream: EventStream, events: readonly Pick<StoredEvent, 'id' | 'ts'>[]): InfluxQuery {
  const statements = events
    .map(eventLocation)
    .map(
      ({ slot, time }) =>
        `SELECT "id", "body" FROM "${eventMeasurement(stream)}" WHERE "slot" = '${slot}' AND time = ${time}`,
    )
  return { text: statements.join('; ') }
}

/** One series with the column `count`. */
export function countEventsQuery(stream: EventStream): InfluxQuery {
  return { text: `SELECT count("id") FROM "${eventMeasurement(stream)}"` }
}
