import type { Kind } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import type { Span } from '../../roll-up/spans.ts'
import { exclusions } from '../../roll-ups.ts'
import { sortKeyColumn } from '../sort-key.ts'
import { rollUpOrder } from './hours-sql.ts'
import { increaseSql } from './piece-sql.ts'
import { daysOf, hoursOf, partOf } from './roll-up-tables.ts'

function sums(value: string): string[] {
  const of = (part: string) => partOf(value, part)
  const add = (part: string, type = 'HUGEINT') => `nullif(sum(${of(part)}), 0)::${type} AS ${of(part)}`
  const grown = increaseSql(of('before'), of('first'))
  return [
    add('count', 'INTEGER'),
    ...['sum', 'squares', 'weighted'].map((part) => `sum(${of(part)})::HUGEINT AS ${of(part)}`),
    add('covered', 'INTEGER'),
    `min(${of('min')}) AS ${of('min')}`,
    `max(${of('max')}) AS ${of('max')}`,
    // an hour's is of the reading before it: only that of the first hour lies outside of the day
    `arg_min(${of('carried')}, "start") AS ${of('carried')}`,
    `min(${of('first_ts')}) AS ${of('first_ts')}`,
    `arg_min(${of('first')}, ${of('first_ts')}) AS ${of('first')}`,
    `max(${of('last_ts')}) AS ${of('last_ts')}`,
    `arg_max(${of('last')}, ${of('last_ts')}) AS ${of('last')}`,
    `sum(coalesce(${of('increase')}, 0) + coalesce(${grown}, 0))::HUGEINT AS ${of('increase')}`,
    ...['corrected', ...exclusions].map((part) => add(part, 'INTEGER')),
  ]
}

/** Roll-ups of the days that begin in this span, of the temporary table `day_spans`; those of the sensors in the temporary table `recomputed` only, if they are. */
export function dayRollUpsSql(kind: Kind, { from, to }: Span, ofRecomputed: boolean): string {
  const values = numberNames[kind]
  const before = values.map(
    (value) => `lag(${partOf(value, 'last')} IGNORE NULLS) OVER o AS ${partOf(value, 'before')}`,
  )
  const rows = `SELECT hour.*, day_spans."start" AS day FROM ${hoursOf(kind)} AS hour
      ASOF JOIN day_spans ON hour."start" >= day_spans."start"
    WHERE hour."start" < day_spans."end" AND hour."start" >= ${from} AND hour."start" < ${to} ${ofRecomputed ? recomputed : ''}`
  return `WITH following AS (SELECT *, ${before.join(', ')} FROM (${rows}) WINDOW o AS (PARTITION BY sensor, day ORDER BY "start"))
    SELECT sensor, any_value(${sortKeyColumn}) AS ${sortKeyColumn}, day AS "start", sum(readings)::INTEGER AS readings, ${values.flatMap(sums).join(', ')}
    FROM following GROUP BY sensor, day ORDER BY ${rollUpOrder}`
}

const recomputed = 'AND sensor IN (SELECT sensor FROM recomputed)'

/** Deletes those days of the sensors in the temporary table `recomputed` that begin in this span. */
export function deleteRecomputedDaysSql(kind: Kind, { from, to }: Span): string {
  return `DELETE FROM ${daysOf(kind)} WHERE "start" >= ${from} AND "start" < ${to} ${recomputed}`
}
