import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import { type ValueInfo, valueInfo, valuesOfKind } from '#telemetry/values.ts'
import { phaseOf } from '../bucket-phase.ts'
import type { BucketQuery, CountsQuery, HistoryQuery, MeansQuery, ReadingsQuery } from '../store.ts'
import { type InfluxQuery, timeText, wholeNumber } from './influxql.ts'

const aggregate = {
  mean: (field) => `mean(${field})`,
  min: (field) => `min(${field})`,
  max: (field) => `max(${field})`,
  count: (field) => `count(${field})`,
  p50: (field) => `percentile(${field}, 50)`,
  p95: (field) => `percentile(${field}, 95)`,
} as const satisfies Record<Aggregate, (field: string) => string>

/** Names of fields come from the table of values, never from outside. */
export function checkedValue(kind: Kind, value: string): ValueInfo {
  const info = valueInfo(kind, value)
  if (!info) throw new RangeError(`a ${kind} sensor has no value "${value}"`)
  return info
}

/** Every field of a reading. */
export function fieldsOf(kind: Kind): string {
  return ['seq', 'aheadMs', 'states', ...valuesOfKind[kind].map(({ name }) => name)]
    .map((name) => `"${name}"`)
    .join(', ')
}

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

/** Whether a device said of a value of a point that it was not measuring it: an InfluxQL condition. */
const isUnmeasured = (name: string) => `"states" =~ /(^|,)${name}:/`

/**
 * Columns `time` and `states` of the points at which a value was not being measured, the earliest first.
 * @throws RangeError when the kind has no such value
 */
export function unmeasuredQuery({ kind, sensor, value, from, to, limit }: HistoryQuery): InfluxQuery {
  const { name } = checkedValue(kind, value)
  return {
    text: `SELECT "states" FROM "${kind}" WHERE ${span} AND ${isUnmeasured(name)} ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { sensor, from: timeText(from), to: timeText(to) },
  }
}

/** A series per sensor that has points with states in a span. */
export function sensorsWithStatesQuery(kind: Kind, from: number, to: number): InfluxQuery {
  return {
    text: `SELECT count("states") FROM "${kind}" WHERE time >= $from AND time < $to AND "states" != '' GROUP BY "sensor"`,
    params: { from: timeText(from), to: timeText(to) },
  }
}

/** Columns `time`, `states`, `sensor` and `district` of points that hold states, the earliest first. */
export function statesQuery(kind: Kind, from: number, to: number, limit: number): InfluxQuery {
  return {
    text: `SELECT "states", "sensor", "district" FROM "${kind}" WHERE time >= $from AND time < $to AND "states" != '' ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { from: timeText(from), to: timeText(to) },
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

/** Columns `time`, `sensor`, `district`, `seq` and the kind's values, the earliest first. */
export function readingsQuery({ kind, sensor, from, to, limit }: Omit<ReadingsQuery, 'step'>): InfluxQuery {
  const these = sensor === undefined ? 'time >= $from AND time < $to' : span
  return {
    text: `SELECT ${fieldsOf(kind)}, "sensor", "district" FROM "${kind}" WHERE ${these} ORDER BY time ASC LIMIT ${wholeNumber('limit', limit)}`,
    params: { from: timeText(from), to: timeText(to), ...(sensor === undefined ? {} : { sensor }) },
  }
}

/** A series of each kind with the column `time` of its first reading. */
export function firstReadingQuery({ from, to }: { from: number; to: number }): InfluxQuery {
  return {
    text: `SELECT "seq" FROM ${kinds.map((kind) => `"${kind}"`).join(', ')} WHERE time >= $from AND time < $to ORDER BY time ASC LIMIT 1`,
    params: { from: timeText(from), to: timeText(to) },
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
