import type { Span } from '../../roll-up/spans.ts'
import { exclusions, type RollUpQuery } from '../../roll-ups.ts'
import { sortKeyColumn } from '../sort-key.ts'
import type { BucketsSql } from './buckets-sql.ts'
import { judgedColumns, segmentJoins } from './judged-sql.ts'
import { increaseSql, pieceRollUpsSql } from './piece-sql.ts'
import type { Level } from './plan-pieces.ts'
import { partOf } from './roll-up-tables.ts'

/** ms of an hour, in SQL */
export const hourSql = '3600000::BIGINT'

/** What SQL is about: one value of a kind, in the tables of it. */
export interface ValueSql {
  value: string
  /** tables of the kind */
  tables: Readonly<Record<Level, string>>
  buckets: BucketsSql
  /** whether people decided about this value of some sensors */
  isCorrected: boolean
  /** that of the sensor, where all that is asked for is of one: parameter `sensor`; `tables.readings` are its readings */
  sortKey: number | undefined
}

/** Readings of the temporary table `spans`, judged, with the pieces of {@link pieceRollUpsSql}. */
export function spannedReadingsSql(of: ValueSql, scanned: Span): string {
  const { value, tables, buckets, isCorrected } = of
  const corrected = isCorrected ? [value] : []
  const isIn = 'r.ts >= spans."from"'
  const hour = `r.ts - r.ts % ${hourSql}`
  const bucket = `CASE WHEN spans.grp IS NOT NULL THEN ${buckets.start('r.ts')} END`
  const end = `CASE WHEN spans.grp IS NOT NULL THEN ${buckets.end('r.ts')} END`
  return `SELECT spans.id, spans.member, spans.grp, ${bucket} AS bucket, r.ts, holds.hold,
      CASE WHEN ${isIn} THEN greatest(${hour}, ${bucket}, spans."from") END AS piece_from,
      CASE WHEN ${isIn} THEN least(${hour} + ${hourSql}, ${end}, spans."to") END AS piece_to,
      ${judgedColumns(value, isCorrected)}
    FROM ${tables.readings} AS r
    JOIN spans ON r.sensor = spans.sensor AND r.ts >= spans.scan AND r.ts < spans."to"
    JOIN holds ON r.sensor = holds.sensor AND r.ts >= holds."from" AND r.ts < holds."to"
    ${segmentJoins(corrected)} ${buckets.join('r.ts')}
    WHERE r.ts >= ${scanned.from} AND r.ts < ${scanned.to} AND r."${value}" IS NOT NULL`
}

const amounts = ['count', 'sum', 'covered', 'corrected', ...exclusions]
const weights = ['squares', 'weighted']
const ends = ['first_ts', 'first', 'last_ts', 'last', 'increase']

/** What of a roll-up a question needs beside the rest. */
export type AskedParts = Required<Pick<RollUpQuery, 'ends' | 'weights'>>

function fromReadings(of: ValueSql, scanned: Span, parts: readonly string[]): string {
  const { value } = of
  const source = { values: [value], rows: spannedReadingsSql(of, scanned), partition: 'id' }
  const columns = parts.map((part) => `${partOf(value, part)} AS ${part}`)
  return `SELECT member, grp, bucket, begins, ${columns.join(', ')}
    FROM (${pieceRollUpsSql(source, ['member', 'grp', 'bucket', 'piece_from AS begins'])})`
}

/** Rows of roll-ups that are asked for: `member`, `grp`, `bucket`, `begins` and these parts. */
export function rollUpRowsSql(of: ValueSql, level: 'days' | 'hours', scanned: Span, parts: readonly string[]): string {
  const { value, tables, buckets, sortKey } = of
  const ofOne = sortKey === undefined ? '' : `AND r.${sortKeyColumn} = ${sortKey} AND r.sensor = $sensor`
  const columns = parts.map((part) => `r.${partOf(value, part)} AS ${part}`)
  return `SELECT p.member, p.grp, ${buckets.start('r."start"')} AS bucket, r."start" AS begins, ${columns.join(', ')}
    FROM ${tables[level]} AS r JOIN ${level}_asked AS p
      ON r.sensor = p.sensor AND r."start" >= p."from" AND r."start" < p."to"
    ${buckets.join('r."start"')} WHERE r."start" >= ${scanned.from} AND r."start" < ${scanned.to} ${ofOne}`
}

/** Which rows of each level are looked at; absent: none. */
export type Scanned = Partial<Record<Level, Span>>

/** Rows of all levels, each a part of what a bucket of a member adds up to. */
function rowsSql(of: ValueSql, scanned: Scanned, parts: readonly string[]): string {
  const { days, hours, readings } = scanned
  return [
    ...(days ? [rollUpRowsSql(of, 'days', days, parts)] : []),
    ...(hours ? [rollUpRowsSql(of, 'hours', hours, parts)] : []),
    ...(readings ? [fromReadings(of, readings, parts)] : []),
  ].join(' UNION ALL ')
}

/** Columns `grp`, `bucket`, and the parts of a roll-up. Parameter `sensor` where all that is looked at is of one. */
export function cellsSql(of: ValueSql, scanned: Scanned, asked: AskedParts): string {
  const added = [...amounts, ...(asked.weights ? weights : [])]
  const rows = rowsSql(of, scanned, [...added, 'min', 'max', ...(asked.ends ? ends : [])])
  const between = `lag("last" IGNORE NULLS) OVER (PARTITION BY member ORDER BY begins)`
  const source = asked.ends ? `(SELECT *, ${between} AS before FROM (${rows}))` : `(${rows})`
  const sums = added.map((part) => `coalesce(sum(${part}), 0) AS ${part}`)
  const grown = `coalesce(sum(coalesce(increase, 0) + coalesce(${increaseSql('before', '"first"')}, 0)), 0) AS increase`
  // of several of one time the first is the smallest, the last the largest
  const first = `min({'ts': first_ts, 'steps': "first"}) FILTER (first_ts IS NOT NULL)`
  const last = `max({'ts': last_ts, 'steps': "last"}) FILTER (last_ts IS NOT NULL)`
  const points = [first, last].flatMap((point, index) => {
    const name = index === 0 ? 'first' : 'last'
    return [`(${point}).ts AS ${name}_ts`, `(${point}).steps AS "${name}"`]
  })
  const found = ['count', ...exclusions].join(' + ')
  return `SELECT * FROM (
      SELECT grp, bucket, min(min) AS min, max(max) AS max, ${[...sums, ...(asked.ends ? [grown, ...points] : [])].join(', ')}
      FROM ${source} WHERE grp IS NOT NULL GROUP BY grp, bucket)
    WHERE ${found} > 0 ORDER BY grp, bucket`
}
