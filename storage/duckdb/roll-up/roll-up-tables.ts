import type { DuckDBConnection } from '@duckdb/node-api'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { numberNames } from '#telemetry/numbers-of-kind.ts'
import { exclusions } from '../../roll-ups.ts'
import { tableOf } from '../schema.ts'
import { sortKeyColumn } from '../sort-key.ts'

/**
 * What a row of roll-ups holds of each value; all null where the sensor did not measure it. Values are in steps, times in epoch
 * ms. `carried`: the value that held into the row from before. A hugeint takes the worst there is: a value of 10^7 a thousand times a second.
 */
const parts = {
  ...{ count: 'INTEGER', sum: 'HUGEINT', min: 'BIGINT', max: 'BIGINT', squares: 'HUGEINT' },
  ...{ weighted: 'HUGEINT', covered: 'INTEGER', carried: 'BIGINT' },
  ...{ first_ts: 'BIGINT', first: 'BIGINT', last_ts: 'BIGINT', last: 'BIGINT', increase: 'HUGEINT' },
  corrected: 'INTEGER',
  ...Object.fromEntries(exclusions.map((exclusion) => [exclusion, 'INTEGER'])),
}

/** The column of a part of a value's roll-ups, quoted. */
export function partOf(value: string, part: string): string {
  return `"${value}_${part}"`
}

/** Table of a kind's roll-ups per sensor and hour (UTC): `start` is the hour, `readings` how many there are with whatever values. */
export function hoursOf(kind: Kind): string {
  return `hours_${tableOf(kind)}`
}

/** Table of a kind's roll-ups per sensor and local day. */
export function daysOf(kind: Kind): string {
  return `days_${tableOf(kind)}`
}

/** Columns of both tables, with their types, in the order in which rows are made. */
export function rollUpColumns(kind: Kind): [name: string, type: string][] {
  return [
    ['"sensor"', 'VARCHAR'],
    // as that of readings: found faster than a text
    [sortKeyColumn, 'UINTEGER'],
    ['"start"', 'BIGINT'],
    ['"readings"', 'INTEGER'],
    ...numberNames[kind].flatMap((value) =>
      Object.entries(parts).map(([part, type]): [string, string] => [partOf(value, part), type]),
    ),
  ]
}

const further = [
  // marks of sensor-hours that are to be recomputed: `sensor` is empty where it is all; `since` in epoch ms
  'CREATE TABLE IF NOT EXISTS dirty_hours (id BIGINT, kind VARCHAR, sensor VARCHAR, "from" BIGINT, "to" BIGINT, since BIGINT)',
  // how far each kind is rolled up, up to when roll-ups are frozen, and up to when there are days, of which time zone
  `CREATE TABLE IF NOT EXISTS roll_up_progress
    (kind VARCHAR PRIMARY KEY, rolled_to BIGINT, frozen_to BIGINT NOT NULL, days_to BIGINT, zone VARCHAR NOT NULL)`,
]

/** Makes the tables of roll-ups, and the columns of values that the platform learnt since. */
export async function makeRollUpTables(connection: DuckDBConnection): Promise<void> {
  for (const statement of further) await connection.run(statement)
  const sql = 'SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database()'
  const known = new Set((await connection.runAndReadAll(sql)).getRows().map(([table, name]) => `${table}."${name}"`))
  for (const kind of kinds)
    for (const table of [hoursOf(kind), daysOf(kind)]) {
      const columns = rollUpColumns(kind)
      if (!known.has(`${table}."sensor"`)) {
        const definitions = columns.map(([name, type]) => `${name} ${type}`)
        await connection.run(`CREATE TABLE IF NOT EXISTS ${table} (${definitions.join(', ')})`)
        continue
      }
      for (const [name, type] of columns)
        if (!known.has(`${table}.${name}`)) await connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`)
    }
}
