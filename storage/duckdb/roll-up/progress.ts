import type { DuckDBConnection } from '@duckdb/node-api'
import { byKind, type Kind } from '#telemetry/kinds.ts'

/** How far the roll-ups of a kind are, epoch ms. */
export interface Progress {
  /** all hours before are rolled up but those that are dirty; undefined: none yet */
  rolledTo: number | undefined
  /** those before stay as they are */
  frozenTo: number
  /** all days that end no later are made of these hours; undefined: none yet */
  daysTo: number | undefined
  /** the time zone of the days */
  zone: string
}

/** How far each kind is. Days of another zone than this count for nothing. */
export async function readProgress(connection: DuckDBConnection, zone: string): Promise<Record<Kind, Progress>> {
  const sql = 'SELECT kind, rolled_to, frozen_to, days_to, zone FROM roll_up_progress'
  const rows = (await connection.runAndReadAll(sql)).getRows()
  return byKind((kind) => {
    const [, rolledTo, frozenTo, daysTo, ofZone] = rows.find((row) => row[0] === kind) ?? []
    return {
      rolledTo: timeOf(rolledTo),
      frozenTo: timeOf(frozenTo) ?? 0,
      daysTo: ofZone === zone ? timeOf(daysTo) : undefined,
      zone: ofZone === undefined ? zone : String(ofZone),
    }
  })
}

const timeOf = (found: unknown) => (found === null || found === undefined ? undefined : Number(found))
const cellOf = (ts: number | undefined) => (ts === undefined ? null : BigInt(ts))

/** To be called within a transaction. */
export async function writeProgress(connection: DuckDBConnection, kind: Kind, progress: Progress): Promise<void> {
  const { rolledTo, frozenTo, daysTo, zone } = progress
  const sql = 'INSERT OR REPLACE INTO roll_up_progress VALUES ($kind, $rolledTo, $frozenTo, $daysTo, $zone)'
  await connection.run(sql, {
    ...{ kind, zone, rolledTo: cellOf(rolledTo), frozenTo: BigInt(frozenTo), daysTo: cellOf(daysTo) },
  })
}
