import { BIGINT, type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api'
import { valueInfo } from '#telemetry/values.ts'
import { readReportingSteps } from '../../reporting-steps.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import { Buckets } from '../../roll-up/pieces.ts'
import { boundsOf, type Span } from '../../roll-up/spans.ts'
import type { RollUpQuery } from '../../roll-ups.ts'
import { appendColumns } from '../append-columns.ts'
import { readEventsOn } from '../event-sql.ts'
import { rowsOfSensorSql } from '../reading-sql.ts'
import { tableOf } from '../schema.ts'
import { sortKeyOf } from '../sort-key.ts'
import { makeBuckets } from './buckets-sql.ts'
import type { Scanned, ValueSql } from './cells-sql.ts'
import { fillSegmentsSql, segmentsTable } from './judged-sql.ts'
import { DirtySpans, type MemberPiece, planMembers } from './plan-members.ts'
import type { Level, RollUpsKept } from './plan-pieces.ts'
import { readProgress } from './progress.ts'
import { makeSpanTables } from './question-tables.ts'
import { daysOf, hoursOf } from './roll-up-tables.ts'

/** @throws RangeError when the kind has no such value, it is a word, or the edges are no buckets */
export function checkQuestion({ kind, value, edges }: RollUpQuery): void {
  const info = valueInfo(kind, value)
  if (!info) throw new RangeError(`a ${kind} sensor has no value "${value}"`)
  if (info.type !== 'number') throw new RangeError(`${value} is a word: it has no roll-ups`)
  new Buckets(edges)
}

/** The local days that the store has roll-ups of. */
export interface DaysOfStore {
  zone: string
  days: LocalDays
}

/** Which pieces of a question are answered from where, as the tables are now. `coarsest`: what roll-ups may be used. */
export async function planQuestion(
  connection: DuckDBConnection,
  query: RollUpQuery,
  { zone, days }: DaysOfStore,
  { hasIncrease = false, coarsest = 'days' }: { hasIncrease?: boolean; coarsest?: Level },
): Promise<MemberPiece[]> {
  const { rolledTo = -Infinity, daysTo = -Infinity } = (await readProgress(connection, zone))[query.kind]
  const kept: RollUpsKept = {
    rolledTo: coarsest === 'readings' ? -Infinity : rolledTo,
    daysTo: coarsest === 'days' ? daysTo : -Infinity,
    days,
  }
  const dirty = coarsest === 'readings' ? [] : await readDirty(connection, query)
  return planMembers({ ...query, hasIncrease }, kept, new DirtySpans(dirty))
}

async function readDirty(connection: DuckDBConnection, { kind }: RollUpQuery) {
  const sql = 'SELECT sensor, "from", "to" FROM dirty_hours WHERE kind = $kind'
  const rows = (await connection.runAndReadAll(sql, { kind })).getRows()
  return rows.map(([sensor, from, to]) => ({ sensor: String(sensor), from: Number(from), to: Number(to) }))
}

/** A question that is laid out in temporary tables: what its SQL is made from. */
export interface Question {
  sql: ValueSql
  scanned: Scanned
  /** parameters of the SQL */
  values: { sensor?: string }
}

/**
 * Makes the temporary tables of a question. `further`: what of the hours that are asked for is to be answered from readings all the
 * same. To be called within a snapshot.
 */
export async function makeQuestion(
  connection: DuckDBConnection,
  { kind, value, edges }: RollUpQuery,
  pieces: readonly MemberPiece[],
  further: (question: Question) => Promise<readonly MemberPiece[]> = async () => [],
): Promise<Question> {
  const scanned: Scanned = {}
  for (const level of ['days', 'hours'] as const) {
    const asked = await makeAsked(connection, level, at(level, pieces))
    if (asked) scanned[level] = asked
  }
  const [one] = pieces
  const isOfOne = pieces.every(({ sensor }) => sensor === one?.sensor)
  const sortKey = one && isOfOne ? sortKeyOf(one.sensor) : undefined
  const readingsSql = sortKey === undefined ? tableOf(kind) : rowsOfSensorSql(kind, String(sortKey))
  const tables = { days: daysOf(kind), hours: hoursOf(kind), readings: readingsSql }
  const buckets = await makeBuckets(connection, edges)
  const sql: ValueSql = { value, tables, isCorrected: false, sortKey, buckets }
  const question: Question = { sql, scanned, values: one && isOfOne ? { sensor: one.sensor } : {} }
  const readings = [...at('readings', pieces), ...(scanned.hours ? await further(question) : [])]
  if (readings.length === 0) return question
  const sensors = [...new Set(readings.map(({ sensor }) => sensor))]
  const steps = await readReportingSteps(
    { readEvents: readEventsOn(connection) },
    { sensors, to: boundsOf(readings).to },
  )
  scanned.readings = await makeSpanTables(connection, readings, steps)
  sql.isCorrected = (await makeSegments(connection, kind)).has(value)
  return question
}

const at = (level: Level, pieces: readonly MemberPiece[]) => pieces.filter((piece) => piece.level === level)

/** Makes the temporary table of what people decided about sensors of a kind; answers about which values. */
export async function makeSegments(connection: DuckDBConnection, kind: RollUpQuery['kind']): Promise<Set<string>> {
  await connection.run(`CREATE TEMP TABLE ${segmentsTable}`)
  await connection.run(fillSegmentsSql, { kind })
  const values = (await connection.runAndReadAll('SELECT DISTINCT value FROM segments')).getRows()
  return new Set(values.map(([value]) => String(value)))
}

/** Makes the temporary table `days_asked`, `hours_asked` or `readings_asked`; answers the span from the first to the last. */
export async function makeAsked(
  connection: DuckDBConnection,
  level: Level,
  pieces: readonly MemberPiece[],
): Promise<Span | undefined> {
  if (pieces.length === 0) return undefined
  await connection.run(
    `CREATE TEMP TABLE ${level}_asked (member INTEGER, grp INTEGER, sensor VARCHAR, "from" BIGINT, "to" BIGINT)`,
  )
  const sensors = pieces.map(({ sensor }) => sensor)
  await appendColumns(
    connection,
    `${level}_asked`,
    [INTEGER, INTEGER, VARCHAR, BIGINT, BIGINT],
    [
      ...[pieces.map(({ member }) => member), pieces.map(({ group }) => group ?? null), sensors],
      ...[pieces.map(({ from }) => BigInt(from)), pieces.map(({ to }) => BigInt(to))],
    ],
  )
  return boundsOf(pieces)
}
