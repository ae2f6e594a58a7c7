import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { readReportingSteps } from '../../reporting-steps.ts'
import { quotedColumns } from '../append-columns.ts'
import { readEventsOn } from '../event-sql.ts'
import { tableOf } from '../schema.ts'
import { hourRollUpsSql } from './hours-sql.ts'
import { type DirtySpan, DirtySpans } from './plan-members.ts'
import { makeSegments } from './question.ts'
import { makeSpanTables } from './question-tables.ts'
import { hoursOf } from './roll-up-tables.ts'
import type { Work } from './upkeep-work.ts'

/** Roll-ups of hours, as rows of their table. */
export interface ComputedHours {
  /** what was computed: rows of the table in these spans are replaced */
  spans: readonly DirtySpan[]
  chunks: readonly DuckDBDataChunk[]
  hours: number
  readings: number
}

/** Rolls up the readings of a span as the tables are now. Of dirty hours, those that were marked with an id below `markedBelow`. To be called within a snapshot. */
export async function computeHours(
  connection: DuckDBConnection,
  work: Work,
  markedBelow: number,
): Promise<ComputedHours> {
  const spans = work.of === 'open' ? await openSpans(connection, work) : await dirtySpans(connection, work, markedBelow)
  if (spans.length === 0) return { spans, chunks: [], hours: 0, readings: 0 }
  const sensors = [...new Set(spans.map(({ sensor }) => sensor))]
  const steps = await readReportingSteps({ readEvents: readEventsOn(connection) }, { sensors, to: work.to })
  const scanned = await makeSpanTables(connection, spans, steps)
  const corrected = await makeSegments(connection, work.kind)
  const columns = await quotedColumns(connection, hoursOf(work.kind))
  const result = await connection.run(hourRollUpsSql(work.kind, scanned, { corrected, columns }))
  const chunks = await result.fetchAllChunks()
  const at = columns.indexOf('"readings"')
  let [hours, readings] = [0, 0]
  for (const chunk of chunks) {
    hours += chunk.rowCount
    for (const count of chunk.getColumnValues(at)) readings += Number(count)
  }
  return { spans, chunks, hours, readings }
}

async function openSpans(connection: DuckDBConnection, { kind, from, to }: Work): Promise<DirtySpan[]> {
  return (await sensorsIn(connection, { kind, from, to })).map((sensor) => ({ sensor, from, to }))
}

async function sensorsIn(connection: DuckDBConnection, { kind, from, to }: Pick<Work, 'kind' | 'from' | 'to'>) {
  const sql = `SELECT DISTINCT sensor FROM ${tableOf(kind)} WHERE ts >= ${from} AND ts < ${to}`
  return (await connection.runAndReadAll(sql)).getRows().map(([sensor]) => String(sensor))
}

async function dirtySpans(connection: DuckDBConnection, work: Work, markedBelow: number): Promise<DirtySpan[]> {
  const { kind, from, to } = work
  const sql = `SELECT sensor, greatest("from", ${from}), least("to", ${to}) FROM dirty_hours
    WHERE kind = $kind AND id < ${markedBelow} AND "from" < ${to} AND "to" > ${from}`
  const rows = (await connection.runAndReadAll(sql, { kind })).getRows()
  const marks = rows.map(([sensor, begin, end]) => ({ sensor: String(sensor), from: Number(begin), to: Number(end) }))
  const dirty = new DirtySpans(marks)
  const sensors = new Set(marks.map(({ sensor }) => sensor).filter((sensor) => sensor !== ''))
  if (dirty.of('').length > 0) for (const sensor of await sensorsIn(connection, work)) sensors.add(sensor)
  return [...sensors].flatMap((sensor) => dirty.of(sensor).map((span) => ({ sensor, ...span })))
}
