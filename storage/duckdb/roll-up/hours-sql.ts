import type { Kind } from '#telemetry/kinds.ts'
import { tableOf } from '../schema.ts'
import { hourSql } from './cells-sql.ts'
import { judgedColumns, segmentJoins } from './judged-sql.ts'
import { pieceRollUpsSql } from './piece-sql.ts'
import type { Span } from './plan-pieces.ts'
import { numericValues } from './roll-up-tables.ts'

/**
 * Roll-ups of the hours in the temporary table `spans`, of all values, with these columns. `corrected`: values that people decided about.
 */
export function hourRollUpsSql(
  kind: Kind,
  { from, to }: Span,
  { corrected, columns }: { corrected: ReadonlySet<string>; columns: readonly string[] },
): string {
  const values = numericValues[kind]
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
  return `SELECT ${columns.join(', ')} FROM (${pieceRollUpsSql({ values, rows, partition: 'id' }, keys)}) ORDER BY sensor, "start"`
}
