import type { DuckDBConnection } from '@duckdb/node-api'
import type { Span } from '../../roll-up/spans.ts'
import { type PercentilesQuery, stepsPerUnit } from '../../roll-ups.ts'
import { spannedReadingsSql, type ValueSql } from './cells-sql.ts'
import { type DaysOfStore, makeQuestion, planQuestion } from './question.ts'
import { partOf } from './roll-up-tables.ts'

/** Name of the parameter of a share, and of its column. */
const shareName = (index: number) => `share${index}`

/** As `percentileOf` says: between the closest ranks, in the same order of operations. */
function percentile(index: number): string {
  const rank = `($${shareName(index)}::DOUBLE * (len(steps) - 1))`
  const at = (rounded: string) => `steps[${rounded}(${rank})::BIGINT + 1]`
  return `((${at('floor')} + (${at('ceil')} - ${at('floor')}) * (${rank} - floor(${rank})))
    / ${stepsPerUnit}::DOUBLE) AS ${shareName(index)}`
}

/** Columns `grp`, `bucket`, and a percentile a share: {@link shareName}. */
function percentilesSql(of: ValueSql, scanned: Span, shares: number): string {
  const columns = Array.from({ length: shares }, (_, index) => `, ${percentile(index)}`)
  return `SELECT grp, bucket ${columns.join('')} FROM (
      SELECT grp, bucket, list_sort(list(${partOf(of.value, 'steps')})) AS steps
      FROM (${spannedReadingsSql(of, scanned)}) WHERE piece_from IS NOT NULL AND ${partOf(of.value, 'x')} IS NULL
      GROUP BY grp, bucket) ORDER BY grp, bucket`
}

/** Percentiles of readings. To be called within a snapshot. */
export async function readPercentiles(connection: DuckDBConnection, query: PercentilesQuery, days: DaysOfStore) {
  const { shares } = query
  const pieces = await planQuestion(connection, query, days, { coarsest: 'readings' })
  const { sql, scanned, values } = await makeQuestion(connection, query, pieces)
  if (!scanned.readings) return []
  const named = Object.fromEntries(shares.map((share, index) => [shareName(index), share]))
  const text = percentilesSql(sql, scanned.readings, shares.length)
  const rows = (await connection.runAndReadAll(text, { ...values, ...named })).getRowObjects()
  return rows.map((row) => ({
    ...{ group: Number(row.grp), start: Number(row.bucket) },
    values: shares.map((_, index) => Number(row[shareName(index)])),
  }))
}
