import { parseStates } from '#telemetry/device-state.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import { valueInfo, valuesOfKind } from '#telemetry/values.ts'
import type { ReadingsQuery } from '../store.ts'
import { column, tableOf } from './schema.ts'
import { sortKeyColumn } from './sort-key.ts'
import { isMeasuredSql, stateSql, statesSql } from './states-sql.ts'

const aggregate = {
  mean: (of) => `avg(${of})`,
  min: (of) => `min(${of})`,
  max: (of) => `max(${of})`,
  count: (of) => `count(${of})::DOUBLE`,
  p50: (of) => `quantile_disc(${of}, 0.5)`,
  p95: (of) => `quantile_disc(${of}, 0.95)`,
} as const satisfies Record<Aggregate, (of: string) => string>

const span = 'ts >= $from AND ts < $to'
// a bound bigint is a HUGEINT: dividing by it in 128 bits took 20 times as long, hence `::BIGINT` below

/** @throws RangeError when the kind has no such value: names of columns are never taken from outside */
function checkedColumn(kind: Kind, value: string): string {
  const info = valueInfo(kind, value)
  if (!info) throw new RangeError(`a ${kind} sensor has no value "${value}"`)
  return column(info.name)
}

/**
 * The readings of a sensor as a table: of those that are sorted only the parts with its key are looked at. Parameters `sensor`, and
 * `sortKey` (`sortKeyOf`) where that is not given as text.
 */
export function rowsOfSensorSql(kind: Kind, sortKey = '$sortKey'): string {
  const rows = `SELECT * FROM ${tableOf(kind)} WHERE sensor = $sensor AND ${sortKeyColumn} =`
  return `(${rows} ${sortKey}::UINTEGER UNION ALL ${rows} 0)`
}

/** Columns `ts`, `value` and `state`. Parameters `sensor`, `sortKey`, `from`, `to`, `limit`. */
export function historySql(kind: Kind, value: string): string {
  const name = checkedColumn(kind, value)
  return `SELECT ts, ${name} AS value, ${stateSql(value, 'states')} AS state FROM ${rowsOfSensorSql(kind)} WHERE ${span} AND ${name} IS NOT NULL ORDER BY ts LIMIT $limit`
}

/** Parameters `sensor`, `sortKey`, `from`, `to`, `window` (ms), `phase` (ms from the epoch to a bucket's start, below `window`), `limit`. Percentiles are those of the nearest rank. Of values that were being measured. */
export function bucketsSql(kind: Kind, value: string, fn: Aggregate): string {
  const name = checkedColumn(kind, value)
  return `SELECT ts - (ts - $phase::BIGINT) % $window::BIGINT AS bucket, ${aggregate[fn](name)} AS value FROM ${rowsOfSensorSql(kind)}
    WHERE ${span} AND ${name} IS NOT NULL AND ${isMeasuredSql(value)} GROUP BY bucket ORDER BY bucket LIMIT $limit`
}

/** Column `ts`, the first of all kinds. Parameters `from`, `to`. Sorted and cut, parts of a table that begin later are not even read. */
export const firstReadingSql = `SELECT min(ts) AS ts FROM (${kinds
  .map((kind) => `(SELECT ts FROM ${tableOf(kind)} WHERE ts >= $from AND ts < $to ORDER BY ts LIMIT 1)`)
  .join(' UNION ALL ')})`

// readings of a clock that was ahead are never the newest
const clockRight = '"aheadMs" IS NULL'
const clockAhead = '"aheadMs" IS NOT NULL'

/** The newest row of every sensor: first its time from few columns only, then the rows of those times. */
export function latestSql(kind: Kind): string {
  return `WITH newest AS (SELECT sensor, max(ts) AS ts FROM ${tableOf(kind)} WHERE ${clockRight} GROUP BY sensor)
    SELECT row.* FROM ${tableOf(kind)} AS row JOIN newest USING (sensor, ts)`
}

/** Parameters `from`, `to`. The newest row of every sensor in a span, of clocks that were right, or of those that were ahead. */
export function newestSql(kind: Kind, clocks: 'right' | 'ahead' = 'right'): string {
  const these = 'ts >= $from AND ts < $to'
  const wanted = clocks === 'right' ? clockRight : clockAhead
  return `WITH newest AS (SELECT sensor, max(ts) AS ts FROM ${tableOf(kind)} WHERE ${these} AND ${wanted} GROUP BY sensor)
    SELECT row.* FROM ${tableOf(kind)} AS row JOIN newest USING (sensor, ts) WHERE ${these}`
}

/** Parameters `from`, `to`. The same in one pass that keeps the whole span in memory: for minutes, not for days. */
export function newestInMinutesSql(kind: Kind): string {
  return `SELECT * FROM ${tableOf(kind)} WHERE ts >= $from AND ts < $to AND ${clockRight}
    QUALIFY row_number() OVER (PARTITION BY sensor ORDER BY ts DESC) = 1`
}

/** The states at the time of the newest of a value. */
const statesOfNewest = (name: string) => `arg_max_null(states, ts) FILTER (${name} IS NOT NULL)`

/** Column `sensor`, and of each value its newest, `ts_…`, the time of that, and `states_…`, the states at that time; none of a value that a sensor did not send in the span. Parameters `from`, `to`. */
export function newestValuesSql(kind: Kind, values: readonly string[]): string {
  const columns = values.map((value) => {
    const name = checkedColumn(kind, value)
    return `arg_max(${name}, ts) AS ${name}, max(ts) FILTER (${name} IS NOT NULL) AS ${column(`ts_${value}`)},
      ${statesOfNewest(name)} AS ${column(`states_${value}`)}`
  })
  return `SELECT sensor, ${columns.join(', ')} FROM ${tableOf(kind)}
    WHERE ts >= $from AND ts < $to AND ${clockRight} GROUP BY sensor`
}

/**
 * Parameters `from`, `to`, `limit`, `sensor` and `sortKey` when it is of one, `step` when it is thinned: then a row holds the newest of each
 * value of its step. `hasStates`: whether there are any in the span ({@link anyStatesSql}); to find those of each value costs as much as the rest.
 */
export function readingsSql(
  { kind, sensor, step }: Pick<ReadingsQuery, 'kind' | 'sensor' | 'step'>,
  hasStates: boolean,
): string {
  const table = sensor === undefined ? tableOf(kind) : rowsOfSensorSql(kind)
  const ordered = 'ORDER BY ts LIMIT $limit'
  if (step === undefined) return `SELECT * FROM ${table} WHERE ${span} ${ordered}`
  const newest = valuesOfKind[kind].map(({ name }) => `arg_max(${column(name)}, ts) AS ${column(name)}`)
  const states = hasStates ? statesSql(kind, (name) => statesOfNewest(column(name))) : 'NULL'
  return `SELECT arg_max(district, ts) AS district, sensor, max(ts) AS ts, arg_max_null(seq, ts) AS seq,
      NULL AS "aheadMs", ${states} AS states, ${newest.join(', ')}
    FROM (SELECT *, ts // $step::BIGINT AS step FROM ${table} WHERE ${span} AND ${clockRight})
    GROUP BY sensor, step ${ordered}`
}

/** A row where any value of a kind was not being measured. Parameters `from`, `to`. */
export function anyStatesSql(kind: Kind): string {
  return `SELECT 1 AS found FROM ${tableOf(kind)} WHERE ts >= $from AND ts < $to AND states IS NOT NULL LIMIT 1`
}

/** Parameters `from`, `to`, `window` (ms). */
export function countsSql(kind: Kind): string {
  return `SELECT ts - ts % $window::BIGINT AS bucket, count(*) AS n FROM ${tableOf(kind)}
    WHERE ts >= $from AND ts < $to GROUP BY bucket ORDER BY bucket`
}

/**
 * Columns `sensor`, `bucket`, and `mean_…` and `count_…` of each value, as far as it was being measured. Parameters `from`, `to`, `window` (ms).
 * @throws RangeError when the kind has no such value or it is a word
 */
export function meansSql(kind: Kind, values: readonly string[]): string {
  const columns = values.map((value) => {
    const name = checkedColumn(kind, value)
    if (valueInfo(kind, value)?.type !== 'number') throw new RangeError(`${value} is a word: it has no mean`)
    const these = `FILTER (${isMeasuredSql(value)})`
    return `avg(${name}) ${these} AS ${column(`mean_${value}`)}, (count(${name}) ${these})::DOUBLE AS ${column(`count_${value}`)}`
  })
  return `SELECT sensor, ts - ts % $window::BIGINT AS bucket, ${columns.join(', ')} FROM ${tableOf(kind)}
    WHERE ts >= $from AND ts < $to GROUP BY sensor, bucket`
}

/** A row of {@link latestSql}, {@link newestSql} or {@link readingsSql} in the shape of a reading. */
export function unpackedRow(kind: Kind, row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { district, sensor, ts, seq, aheadMs, states, sortKey: _, ...values } = row
  const parsed = parseStates(states)
  const held = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  return {
    kind,
    district,
    sensor,
    ts: Number(ts),
    ...(seq === null ? {} : { seq: Number(seq) }),
    ...(aheadMs === null ? {} : { aheadMs: Number(aheadMs) }),
    ...(parsed && { states: parsed }),
    values: held,
  }
}
