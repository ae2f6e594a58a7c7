import { exclusions, stepsPerUnit } from '../../roll-ups.ts'
import { partOf } from './roll-up-tables.ts'

/**
 * SQL that adds up judged readings piece by piece, as `roll-up-readings.ts` does in JavaScript. `rows` is SQL of readings: `ts`, `hold` (ms), `piece_from` and
 * `piece_to` (null where the reading only comes before a piece), the columns that `judgedColumns` gives of each value, and
 * `partition`: rows of one follow one another.
 */
export interface PieceSql {
  values: readonly string[]
  rows: string
  partition: string
}

type Name = (part: string) => string

/** What of the readings before and behind it a reading's roll-up needs. */
function neighbours(of: Name): string[] {
  const [steps, ts, until] = [of('steps'), of('ts'), of('until')]
  const counted = [of('counted'), of('counted_ts')]
  return [
    `lead(${ts} IGNORE NULLS) OVER o AS ${of('next_ts')}`,
    `lag(${ts} IGNORE NULLS) OVER o AS ${of('before_ts')}`,
    `lag(${steps} IGNORE NULLS) OVER o AS ${of('before')}`,
    `lag(${until} IGNORE NULLS) OVER o AS ${of('before_until')}`,
    `lag(${counted[0]} IGNORE NULLS) OVER o AS ${of('grown_from')}`,
    `lag(${counted[1]} IGNORE NULLS) OVER o AS ${of('grown_since')}`,
  ]
}

/** When the value was measured, up to when it holds at most, and both of those that count. */
function times(of: Name): string[] {
  const [steps, excluded] = [of('steps'), of('x')]
  return [
    `CASE WHEN ${steps} IS NOT NULL THEN ts END AS ${of('ts')}`,
    `CASE WHEN ${steps} IS NOT NULL THEN CASE WHEN ${excluded} IS NULL THEN ts + hold ELSE ts END END AS ${of('until')}`,
    `CASE WHEN ${excluded} IS NULL THEN ${steps} END AS ${of('counted')}`,
    `CASE WHEN ${excluded} IS NULL AND ${steps} IS NOT NULL THEN ts END AS ${of('counted_ts')}`,
  ]
}

/** What a counter grew by from one reading, or row, to the next, all in steps: a smaller one began anew at 0. */
export function increaseSql(before: string, after: string): string {
  return `CASE WHEN ${after} < ${before} THEN ${after} ELSE ${after} - ${before} END`
}

/** SQL of for how many ms a reading holds within its piece, null where it does not count, and of when and for how long the one before it holds into the piece. */
function holds(of: Name) {
  return {
    heldMs: `CASE WHEN ${of('counted')} IS NOT NULL THEN least(${of('next_ts')}, ts + hold, piece_to) - ts END`,
    carries: `(${of('ts')} IS NOT NULL AND ${of('before_ts')} < piece_from AND ${of('before_until')} > piece_from)`,
    carriedMs: `(least(${of('before_until')}, ${of('ts')}) - piece_from)`,
  }
}

function sums(of: Name): [part: string, sql: string][] {
  const [counted, ts] = [of('counted'), of('counted_ts')]
  const { heldMs, carries, carriedMs } = holds(of)
  return [
    ['count', `nullif(count(${counted}), 0)::INTEGER`],
    ['sum', `sum(${counted})`],
    ['min', `min(${counted})`],
    ['max', `max(${counted})`],
    ['squares', `sum(${counted}::HUGEINT * ${counted})`],
    [
      'weighted',
      `sum(coalesce(${counted}::HUGEINT * (${heldMs}), 0)
        + CASE WHEN ${carries} THEN ${of('before')}::HUGEINT * ${carriedMs} ELSE 0 END)`,
    ],
    ['covered', `nullif(sum(coalesce(${heldMs}, 0) + CASE WHEN ${carries} THEN ${carriedMs} ELSE 0 END), 0)::INTEGER`],
    ['carried', `max(CASE WHEN ${carries} THEN ${of('before')} END)`],
    ['first_ts', `min(${ts})`],
    ['first', `arg_min(${counted}, ${ts})`],
    ['last_ts', `max(${ts})`],
    ['last', `arg_max(${counted}, ${ts})`],
    [
      'increase',
      `sum(CASE WHEN ${of('grown_since')} >= piece_from THEN ${increaseSql(of('grown_from'), counted)} END)`,
    ],
    ['corrected', `nullif(count(*) FILTER (${of('corrected')}), 0)::INTEGER`],
    ...exclusions.map((why): [string, string] => [why, `nullif(count(*) FILTER (${of('x')} = '${why}'), 0)::INTEGER`]),
  ]
}

/** The rows with what of those before and behind them their roll-up needs: the common table `following`. */
function followingSql({ values, rows, partition }: PieceSql): string {
  const names = values.map(
    (value): Name =>
      (part) =>
        partOf(value, part),
  )
  return `WITH timed AS (SELECT *, ${names.flatMap(times).join(', ')} FROM (${rows})),
    following AS (SELECT *, ${names.flatMap(neighbours).join(', ')}
      FROM timed WINDOW o AS (PARTITION BY ${partition} ORDER BY ts))`
}

/** A row a piece that has readings: columns `keys`, then `readings`, then all parts of each value. */
export function pieceRollUpsSql(source: PieceSql, keys: readonly string[]): string {
  const names = source.values.map(
    (value): Name =>
      (part) =>
        partOf(value, part),
  )
  const parts = names.flatMap((of) => sums(of).map(([part, sql]) => `${sql} AS ${of(part)}`))
  return `${followingSql(source)}
    SELECT ${keys.join(', ')}, count(*)::INTEGER AS readings, ${parts.join(', ')}
    FROM following WHERE piece_from IS NOT NULL GROUP BY ALL`
}

/** Readings in pieces, with `held` and `carried`: for how many ms they, and those before, hold; `is_above` and `was_above`: whether these are more than parameter `limit`. Of one value. */
export function holdsSql(source: PieceSql & { value: string }, keys: readonly string[]): string {
  const of: Name = (part) => partOf(source.value, part)
  const { heldMs, carries, carriedMs } = holds(of)
  return `${followingSql(source)}
    SELECT ${keys.join(', ')}, coalesce(${heldMs}, 0) AS held, CASE WHEN ${carries} THEN ${carriedMs} ELSE 0 END AS carried,
      ${isAboveSql(of('steps'))} AS is_above, ${isAboveSql(of('before'))} AS was_above
    FROM following WHERE piece_from IS NOT NULL`
}

/** Whether steps are more than parameter `limit`, in the value's unit. */
export function isAboveSql(steps: string): string {
  return `(${steps}::DOUBLE / ${stepsPerUnit}::DOUBLE > $limit::DOUBLE)`
}
