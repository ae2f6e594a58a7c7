import type { DuckDBConnection } from '@duckdb/node-api'
import type { Span } from '../../roll-up/spans.ts'
import { type AboveQuery, exclusions } from '../../roll-ups.ts'
import { hourSql, rollUpRowsSql, type Scanned, spannedReadingsSql, type ValueSql } from './cells-sql.ts'
import { holdsSql, isAboveSql } from './piece-sql.ts'
import { type DaysOfStore, makeQuestion, planQuestion } from './question.ts'

/** spans of hours on both sides of a limit; where there are more, all is answered from readings */
const maxMixed = 20_000

const parts = ['count', 'min', 'max', 'covered', 'carried', ...exclusions]

// of an hour that nothing counts of, neither side is contradicted
const isOver = `coalesce(${isAboveSql('min')}, true) AND coalesce(${isAboveSql('carried')}, true)`
const isUnder = `NOT coalesce(${isAboveSql('max')}, false) AND NOT coalesce(${isAboveSql('carried')}, false)`

/** Hours that do not lie on one side of parameter `limit`, those that follow one another as one span: `member`, `from`, `to`. */
function mixedHoursSql(of: ValueSql, hours: Span): string {
  const rows = rollUpRowsSql(of, 'hours', hours, parts)
  return `SELECT member, min(begins) AS "from", max(begins) + ${hourSql} AS "to" FROM (
      SELECT member, begins, begins - ${hourSql} * row_number() OVER (PARTITION BY member ORDER BY begins) AS run
      FROM (${rows}) WHERE NOT (${isOver}) AND NOT (${isUnder})) GROUP BY member, run`
}

/** Columns `grp`, `bucket`, `above` and `covered` (ms). Of hours only those that lie on one side of parameter `limit`. */
function aboveSql(of: ValueSql, { hours, readings }: Scanned): string {
  const source = (scanned: Span) => ({
    ...{ values: [of.value], value: of.value, rows: spannedReadingsSql(of, scanned), partition: 'id' },
  })
  const isHeld = `coalesce(count, 0)${exclusions.map((why) => ` + coalesce(${why}, 0)`).join('')} > 0`
  const rows = [
    ...(hours
      ? [
          `SELECT grp, bucket, CASE WHEN ${isOver} THEN coalesce(covered, 0) ELSE 0 END AS above, coalesce(covered, 0) AS covered
          FROM (${rollUpRowsSql(of, 'hours', hours, parts)}) WHERE ${isHeld} AND ((${isOver}) OR (${isUnder}))`,
        ]
      : []),
    ...(readings
      ? [
          `SELECT grp, bucket, CASE WHEN is_above THEN held ELSE 0 END + CASE WHEN was_above THEN carried ELSE 0 END AS above,
            held + carried AS covered FROM (${holdsSql(source(readings), ['grp', 'bucket'])})`,
        ]
      : []),
  ]
  return `SELECT grp, bucket, sum(above) AS above, sum(covered) AS covered FROM (${rows.join(' UNION ALL ')})
    GROUP BY grp, bucket ORDER BY grp, bucket`
}

/** For how long values were above a limit: from hours that lie on one side of it, and from readings of the others. To be called within a snapshot. */
export async function readAbove(connection: DuckDBConnection, query: AboveQuery, days: DaysOfStore) {
  const { limit } = query
  const pieces = await planQuestion(connection, query, days, { coarsest: 'hours' })
  if (pieces.length === 0) return []
  const { sql, scanned, values } = await makeQuestion(connection, query, pieces, async (question) => {
    if (!question.scanned.hours) return []
    const text = mixedHoursSql(question.sql, question.scanned.hours)
    const mixed = (await connection.runAndReadAll(text, { ...question.values, limit })).getRows()
    if (mixed.length > maxMixed) {
      delete question.scanned.hours
      return pieces.filter(({ level }) => level === 'hours')
    }
    return mixed.flatMap(([index, from, to]) => {
      const member = query.members[Number(index)]
      if (!member) return []
      const { sensor, group } = member
      return [{ member: Number(index), sensor, group, level: 'readings' as const, from: Number(from), to: Number(to) }]
    })
  })
  const rows = await connection.runAndReadAll(aboveSql(sql, scanned), { ...values, limit })
  return rows.getRowObjects().map(({ grp, bucket, above, covered }) => ({
    ...{ group: Number(grp), start: Number(bucket), aboveMs: Number(above), coveredMs: Number(covered) },
  }))
}
