import type { Kind } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import type { Span } from '../../roll-up/spans.ts'
import { tableOf } from '../schema.ts'
import { sortKeyColumn, sortKeySql } from '../sort-key.ts'
import { hourSql } from './cells-sql.ts'
import { judgedColumns, segmentJoins } from './judged-sql.ts'
import { pieceRollUpsSql } from './piece-sql.ts'
import { hoursOf } from './roll-up-tables.ts'

/**
 * Roll-ups of the hours in the temporary table `spans`, of all values, with these columns. `corrected`: values that people decided about.
 */
export function hourRollUpsSql(
  kind: Kind,
  { from, to }: Span,
  { corrected, columns }: { corrected: ReadonlySet<string>; columns: readonly string[] },
): string {
  const values = numberNames[kind]
  const hour = `r.ts - r.ts % ${hourSql}`
  const isIn = 'r.ts >= spans."from"'
  const rows = `SELECT spans.id, r.sensor, r.ts, holds.hold,
      CASE WHEN ${isIn} THEN ${hour} END AS piece_from, CASE WHEN ${isIn} THEN ${hour} + ${hourSql} END AS piece_to,
      ${values.map((value) => judgedColumns(value, corrected.has(value))).join(', ')}
    FROM ${tableOf(kind)} AS r
    JOIN spans ON r.sensor = spans.sensor AND r.ts >= spans.scan AND r.ts < spans."to"
    JOIN holds ON r.sensor = holds.sensor AND r.ts >= holds."from" AND r.ts < holds."to"
    ${segmentJoins(values.filter((value) => corrected.has(value)))}
    WHERE r.ts >= ${from} AND r.ts < ${to}`
  const keys = ['sensor', 'piece_from AS "start"']
  return `SELECT ${columns.join(', ')}
    FROM (SELECT *, ${sortKeySql} AS ${sortKeyColumn} FROM (${pieceRollUpsSql({ values, rows, partition: 'id' }, keys)}))
    ORDER BY ${rollUpOrder}`
}

/** In which order rows of roll-ups lie side by side: a vector that has none of a sensor is not looked at. */
export const rollUpOrder = `${sortKeyColumn}, sensor, "start"`

/** Rows of hours in a span, as they lie best. */
export function sortedHoursSql(kind: Kind, { from, to }: Span, columns: readonly string[]): string {
  return `SELECT ${columns.join(', ')} FROM ${hoursOf(kind)} WHERE "start" >= ${from} AND "start" < ${to} ORDER BY ${rollUpOrder}`
}
