import { exclusions } from '../../roll-ups.ts'
import type { BucketsSql } from './buckets-sql.ts'
import { judgedColumns, segmentJoins } from './judged-sql.ts'
import { increaseSql, pieceRollUpsSql } from './piece-sql.ts'
import type { Level, Span } from './plan-pieces.ts'
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
  /** whether all that is asked for is of one sensor: parameter `sensor` */
  isOfOne: boolean
}

/** Between which times rows are looked at, and of which sensor. */
function within(time: string, { from, to }: Span, { isOfOne }: ValueSql): string {
  return `${time} >= ${from} AND ${time} < ${to}${isOfOne ? ' AND r.sensor = $sensor' : ''}`
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
    WHERE ${within('r.ts', scanned, of)} AND r."${value}" IS NOT NULL`
}

/** What can be added up. */
const amounts = ['count', 'sum', 'squares', 'weighted', 'covered', 'corrected', ...exclusions]
const ends = ['first_ts', 'first', 'last_ts', 'last', 'increase']

/** Parts of a roll-up that a question needs. */
function partsOf(hasEnds: boolean): string[] {
  return [...amounts, 'min', 'max', ...(hasEnds ? ends : [])]
}

function fromReadings(of: ValueSql, scanned: Span, parts: readonly string[]): string {
  const { value } = of
  const source = { values: [value], rows: spannedReadingsSql(of, scanned), partition: 'id' }
  const columns = parts.map((part) => `${partOf(value, part)} AS ${part}`)
  return `SELECT member, grp, bucket, begins, ${columns.join(', ')}
    FROM (${pieceRollUpsSql(source, ['member', 'grp', 'bucket', 'piece_from AS begins'])})`
}

/** Rows of roll-ups that are asked for: `member`, `grp`, `bucket`, `begins` and these parts. */
export function rollUpRowsSql(of: ValueSql, level: 'days' | 'hours', scanned: Span, parts: readonly string[]): string {
  const { value, tables, buckets } = of
  const columns = parts.map((part) => `r.${partOf(value, part)} AS ${part}`)
  return `SELECT p.member, p.grp, ${buckets.start('r."start"')} AS bucket, r."start" AS begins, ${columns.join(', ')}
    FROM ${tables[level]} AS r JOIN ${level}_asked AS p
      ON r.sensor = p.sensor AND r."start" >= p."from" AND r."start" < p."to"
    ${buckets.join('r."start"')} WHERE ${within('r."start"', scanned, of)}`
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
export function cellsSql(of: ValueSql, scanned: Scanned, hasEnds: boolean): string {
  const rows = rowsSql(of, scanned, partsOf(hasEnds))
  const between = `lag("last" IGNORE NULLS) OVER (PARTITION BY member ORDER BY begins)`
  const source = hasEnds ? `(SELECT *, ${between} AS before FROM (${rows}))` : `(${rows})`
  // hugeints are slow to read: only what may be large is one
  const sums = amounts.map((part) => `coalesce(sum(${part}), 0) AS ${part}`)
  const grown = `coalesce(sum(coalesce(increase, 0) + coalesce(${increaseSql('before', '"first"')}, 0)), 0) AS increase`
  // of several of one time the first is the smallest, the last the largest
  const first = `min({'ts': first_ts, 'steps': "first"}) FILTER (first_ts IS NOT NULL)`
  const last = `max({'ts': last_ts, 'steps': "last"}) FILTER (last_ts IS NOT NULL)`
  const points = [first, last].flatMap((point, index) => {
    const name = index === 0 ? 'first' : 'last'
    return [`(${point}).ts AS ${name}_ts`, `(${point}).steps AS "${name}"`]
  })
  const found = `sum(coalesce(count, 0)${exclusions.map((why) => ` + coalesce(${why}, 0)`).join('')}) > 0`
  return `SELECT grp, bucket, min(min) AS min, max(max) AS max, ${[...sums, ...(hasEnds ? [grown, ...points] : [])].join(', ')}
    FROM ${source} WHERE grp IS NOT NULL GROUP BY grp, bucket HAVING ${found} ORDER BY grp, bucket`
}
