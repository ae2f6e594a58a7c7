import type { Kind } from '#telemetry/kinds.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import { type ValueInfo, valueInfo, valuesOfKind } from '#telemetry/values.ts'
import { phaseOf } from '../bucket-phase.ts'
import type { ValuesQuery } from '../newest-values.ts'
import type {
  AmountsQuery,
  BucketQuery,
  CountsQuery,
  DocumentCollection,
  EventStream,
  EventsQuery,
  HistoryQuery,
  MeansQuery,
  ReadingsQuery,
  StoredEvent,
} from '../store.ts'
import { eventLocation } from './line-protocol.ts'
import { documentMeasurement, documentTime, eventMeasurement, noSeq } from './schema.ts'

/** A query in InfluxQL and the values bound to its `$` names. */
export interface InfluxQuery {
  text: string
  params?: Readonly<Record<string, string>>
}

/** last ms that InfluxDB's times in ns can surely hold */
const lastMs = 9_000_000_000_000

const aggregate = {
  mean: (field) => `mean(${field})`,
  min: (field) => `min(${field})`,
  max: (field) => `max(${field})`,
  count: (field) => `count(${field})`,
  p50: (field) => `percentile(${field}, 50)`,
  p95: (field) => `percentile(${field}, 95)`,
} as const satisfies Record<Aggregate, (field: string) => string>

/** A time (epoch ms) as InfluxQL reads it. */
function timeText(ts: number): string {
  return new Date(Math.min(Math.max(ts, 0), lastMs)).toISOString()
}

/** Names of fields come from the table of values, never from outside. */
function checkedValue(kind: Kind, value: string): ValueInfo {
  const info = valueInfo(kind, value)
  if (!info) throw new RangeError(`a ${kind} sensor has no value "${value}"`)
  return info
}

/** A number that may stand in a query. 0 may not: `LIMIT 0` is no limit. */
function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is ${value}: it must be a whole number above 0`)
  return value
}

/** Every field of a reading. */
function fieldsOf(kind: Kind): string {
  return ['seq', 'aheadMs', ...valuesOfKind[kind].map(({ name }) => name)].map((name) => `"${name}"`).join(', ')
}

// readings of a clock that was ahead are never the newest
const clockRight = `"seq" >= ${noSeq}`
const clockAhead = `"seq" < ${noSeq}`

const span = '"sensor" = $sensor AND time >= $from AND time < $to'

/**
 * Columns `time` and `value`, the earliest first.
 * @throws RangeError when the kind has no such value
 */
export function historyQuery({ kind, sensor, value, from, to, limit }: HistoryQuery): InfluxQuery {
  const { name } = checkedValue(kind, value)
  return {
    text: `SELECT "${name}" AS "value" FROM "${kind}" WHERE ${span} ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { sensor, from: timeText(from), to: timeText(to) },
  }
}

/** Columns `time` and `sensor`, the earliest first, at most `limit`. */
export function identitiesQuery(kind: Kind, from: number, to: number, limit: number): InfluxQuery {
  return {
    text: `SELECT "seq", "sensor" FROM "${kind}" WHERE time >= $from AND time < $to ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

/**
 * Columns `time` (the bucket's start) and `value`, the earliest first.
 * @throws RangeError when the kind has no such value or it is a word
 */
export function bucketsQuery({
  kind,
  sensor,
  value,
  from,
  to,
  limit,
  window,
  origin = 0,
  fn,
}: BucketQuery): InfluxQuery {
  const { name, type } = checkedValue(kind, value)
  if (type !== 'number') throw new RangeError(`${value} is a word: it has no aggregates`)
  return {
    text: `SELECT ${aggregate[fn](`"${name}"`)} AS "value" FROM "${kind}" WHERE ${span}
      GROUP BY time(${wholeNumber('window', window)}ms, ${phaseOf(origin, window)}ms) fill(none) ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { sensor, from: timeText(from), to: timeText(to) },
  }
}

/** Column `value`: the id of every sensor of a kind. Answered from the index alone. */
export function sensorsQuery(kind: Kind): InfluxQuery {
  return { text: `SHOW TAG VALUES FROM "${kind}" WITH KEY = "sensor"` }
}

/** A series per sensor and district with its newest point, among the points from `from` on. */
export function newestQuery(kind: Kind, sensors: readonly string[], from: number): InfluxQuery {
  const these = sensors.map((_, at) => `"sensor" = $s${at}`).join(' OR ')
  return {
    text: `SELECT ${fieldsOf(kind)} FROM "${kind}" WHERE (${these}) AND time >= $from AND ${clockRight} GROUP BY "sensor", "district" ORDER BY time DESC LIMIT 1`,
    params: { from: timeText(from), ...Object.fromEntries(sensors.map((sensor, at) => [`s${at}`, sensor])) },
  }
}

/**
 * A series per value, sensor and district with the columns `time` and the value's name: the newest of each in a span.
 * @throws RangeError when the kind has no such value
 */
export function newestValuesQuery({ kind, values, from, to }: ValuesQuery): InfluxQuery {
  const statements = values.map((value) => {
    const { name } = checkedValue(kind, value)
    return `SELECT last("${name}") AS "${name}" FROM "${kind}" WHERE time >= $from AND time < $to AND ${clockRight} GROUP BY "sensor", "district"`
  })
  return { text: statements.join('; '), params: { from: timeText(from), to: timeText(to) } }
}

/** A series per sensor and district with its newest point in a span, of clocks that were right, or of those that were ahead. */
export function newestInSpanQuery(
  { kind, from, to }: { kind: Kind; from: number; to: number },
  clocks: 'right' | 'ahead' = 'right',
): InfluxQuery {
  const wanted = clocks === 'right' ? clockRight : clockAhead
  return {
    text: `SELECT ${fieldsOf(kind)} FROM "${kind}" WHERE time >= $from AND time < $to AND ${wanted} GROUP BY "sensor", "district" ORDER BY time DESC LIMIT 1`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

/** Columns `time`, `sensor`, `district`, `seq` and the kind's values, the earliest first. */
export function readingsQuery({ kind, sensor, from, to, limit }: Omit<ReadingsQuery, 'step'>): InfluxQuery {
  const these = sensor === undefined ? 'time >= $from AND time < $to' : span
  return {
    text: `SELECT ${fieldsOf(kind)}, "sensor", "district" FROM "${kind}" WHERE ${these} ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { from: timeText(from), to: timeText(to), ...(sensor === undefined ? {} : { sensor }) },
  }
}

/** Columns `time` (the bucket's start) and `count`, the earliest first. */
export function countsQuery({ kind, from, to, window }: CountsQuery): InfluxQuery {
  return {
    text: `SELECT count("seq") FROM "${kind}" WHERE time >= $from AND time < $to GROUP BY time(${wholeNumber('window', window)}ms) fill(none) ORDER BY time ASC`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

/**
 * A series per sensor with the columns `time` (the bucket's start), and `mean_…` and `count_…` of each value.
 * @throws RangeError when the kind has no such value or it is a word
 */
export function meansQuery({ kind, values, from, to, window }: MeansQuery): InfluxQuery {
  const columns = values.map((value) => {
    const { name, type } = checkedValue(kind, value)
    if (type !== 'number') throw new RangeError(`${value} is a word: it has no mean`)
    return `mean("${name}") AS "mean_${name}", count("${name}") AS "count_${name}"`
  })
  return {
    text: `SELECT ${columns.join(', ')} FROM "${kind}" WHERE time >= $from AND time < $to
      GROUP BY time(${wholeNumber('window', window)}ms), "sensor" fill(none)`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

/** A series per kind with the column `count`. */
export function countQuery(kinds: readonly Kind[]): InfluxQuery {
  return { text: `SELECT count("seq") FROM ${kinds.map((kind) => `"${kind}"`).join(', ')}` }
}

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

/** A series per document, with the columns `time` and `body`. */
export function documentsQuery(collection: DocumentCollection): InfluxQuery {
  return {
    text: `SELECT "body" FROM "${documentMeasurement(collection)}" WHERE time = $time GROUP BY "id"`,
    params: { time: new Date(documentTime).toISOString() },
  }
}

/** For InfluxDB 1.x only: 2.x deletes through an endpoint of its own. */
export function deleteQuery(measurement: string, before: number): InfluxQuery {
  return { text: `DELETE FROM "${measurement}" WHERE time < $before`, params: { before: timeText(before) } }
}

/** For InfluxDB 1.x only: one series with the columns `duration` and `default`, for the database asked. */
export const policiesQuery: InfluxQuery = { text: 'SHOW RETENTION POLICIES' }
