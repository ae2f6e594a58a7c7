import type { DuckDBConnection } from '@duckdb/node-api'
import { hourMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { TelemetryStore } from '../store.ts'
import type { Database } from './database.ts'
import { tableOf } from './schema.ts'
import {
  appendSortedSql,
  deleteUnsortedSql,
  unsortedHoursSql,
  unsortedSensorsSql,
  unsortedTimeSql,
} from './sorting-sql.ts'

/** How much is sorted at once. */
export interface SortingSizes {
  /** readings of one transaction: a whole row group, so that none holds readings that are not sorted as well */
  step: number
  /** readings that are sorted among themselves: the file grows by as many until the next checkpoint, and a question about all sensors of an hour looks at as many */
  span: number
}
const rowGroup = 122_880
const defaultSizes: SortingSizes = { step: rowGroup, span: 16 * rowGroup }

/**
 * How DuckDB's readings are sorted by sensor and time in the background: a span of time of one kind after the other, some sensors
 * of it in each step. What is sorted is a matter of the rows themselves, so a step that was cut off has left nothing.
 */
export function readingSorting(
  database: Database,
  sizes: SortingSizes = defaultSizes,
): Pick<TelemetryStore, 'sortReadings'> {
  /** epoch ms: until when readings of a kind are sorted now */
  const spans = new Map<Kind, number>()
  return {
    async sortReadings(before) {
      // what was begun is finished first
      for (const kind of kinds.toSorted((a, b) => Number(spans.has(b)) - Number(spans.has(a)))) {
        const to = spans.get(kind) ?? (await spanEnd(database, { kind, before, sizes }))
        if (to === undefined) continue
        let readings = 0
        await database.transaction(
          (connection) => sortStep(connection, { kind, to, step: sizes.step }),
          (sorted) => {
            readings = sorted
          },
        )
        if (readings > 0) {
          spans.set(kind, to)
          return { readings, more: true }
        }
        spans.delete(kind)
      }
      return { readings: 0, more: false }
    },
  }
}

/** The end of the next span to sort (epoch ms); undefined while there are too few readings, of which all are looked at just as fast. */
async function spanEnd(
  database: Database,
  { kind, before, sizes }: { kind: Kind; before: number; sizes: SortingSizes },
): Promise<number | undefined> {
  const [table] = await database.rows(`SELECT count(*)::DOUBLE AS readings FROM ${tableOf(kind)}`)
  if (Number(table?.readings) < 2 * sizes.span) return undefined
  let readings = 0
  for (const hour of await database.rows(unsortedHoursSql(kind), { before: BigInt(before) })) {
    readings += Number(hour.readings)
    if (readings >= sizes.span) return Math.min((Number(hour.hour) + 1) * hourMs, before)
  }
  return undefined
}

/** Sorts the next readings of a span, as many as a step has: what is left is fewer, and belongs to the next span. Answers how many. */
async function sortStep(
  connection: DuckDBConnection,
  { kind, to, step }: { kind: Kind; to: number; step: number },
): Promise<number> {
  const span = { to: BigInt(to) }
  const counts = (await connection.runAndReadAll(unsortedSensorsSql(kind), span)).getRows()
  const sensors: string[] = []
  let readings = 0
  for (const [sensor, count] of counts) {
    const offset = step - readings
    if (Number(count) > offset) {
      const part = { ...span, sensor: String(sensor), offset: BigInt(offset) }
      const [[lastTo] = []] = (await connection.runAndReadAll(unsortedTimeSql(kind), part)).getRows()
      const chosen = { ...span, sensors: JSON.stringify(sensors), last: String(sensor), lastTo: BigInt(Number(lastTo)) }
      const { rowsChanged } = await connection.run(appendSortedSql(kind), chosen)
      await connection.run(deleteUnsortedSql(kind), chosen)
      return rowsChanged
    }
    sensors.push(String(sensor))
    readings += Number(count)
  }
  return 0
}
