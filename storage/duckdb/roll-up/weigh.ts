import type { DuckDBConnection } from '@duckdb/node-api'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { floorHour } from '../../roll-up/utc-hours.ts'
import type { RollUpQuery } from '../../roll-ups.ts'
import { tableOf } from '../schema.ts'
import type { MemberPiece } from './plan-members.ts'
import { readProgress } from './progress.ts'
import { type DaysOfStore, makeAsked, planQuestion } from './question.ts'
import { hoursOf } from './roll-up-tables.ts'

/** How much of a level there is at the most, were every sensor to have every hour or day. */
function most(pieces: readonly MemberPiece[], level: 'days' | 'hours', length: number): number {
  const ms = pieces.reduce((sum, piece) => (piece.level === level ? sum + piece.to - piece.from : sum), 0)
  return Math.round(ms / length)
}

/**
 * How much a question looks at. How many readings there are of hours that are rolled up is known from these: only others are counted.
 * To be called within a snapshot.
 */
export async function weigh(connection: DuckDBConnection, query: RollUpQuery, days: DaysOfStore) {
  const { kind } = query
  const pieces = await planQuestion(connection, query, days, {})
  const { rolledTo = 0 } = (await readProgress(connection, days.zone))[kind]
  const readings = pieces.filter(({ level }) => level === 'readings')
  const rolled = readings.map(({ from, to, ...rest }) => {
    return { ...rest, from: floorHour(from), to: Math.min(to, rolledTo) }
  })
  const open = readings.map((piece) => ({ ...piece, from: Math.max(piece.from, rolledTo) }))
  const inHours = await countIn(connection, 'hours', rolled, (spans) => {
    return `SELECT sum(readings) FROM ${hoursOf(kind)} AS r JOIN ${spans} AS p
      ON r.sensor = p.sensor AND r."start" >= p."from" AND r."start" < p."to"`
  })
  const inOpen = await countIn(connection, 'readings', open, (spans) => {
    return `SELECT count(*) FROM ${tableOf(kind)} AS r JOIN ${spans} AS p
      ON r.sensor = p.sensor AND r.ts >= p."from" AND r.ts < p."to"`
  })
  return { readings: inHours + inOpen, rollUps: most(pieces, 'hours', hourMs) + most(pieces, 'days', dayMs) }
}

async function countIn(
  connection: DuckDBConnection,
  level: 'hours' | 'readings',
  pieces: readonly MemberPiece[],
  sqlOf: (spans: string) => string,
): Promise<number> {
  const span = await makeAsked(
    connection,
    level,
    pieces.filter(({ from, to }) => from < to),
  )
  if (!span) return 0
  const time = level === 'hours' ? 'r."start"' : 'r.ts'
  const sql = `${sqlOf(`${level}_asked`)} WHERE ${time} >= ${span.from} AND ${time} < ${span.to}`
  const [row] = (await connection.runAndReadAll(sql)).getRows()
  return Number(row?.[0] ?? 0)
}
