import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DirtyHours } from '#storage/duckdb/roll-up/dirty-hours.ts'
import { planPieces, withoutDirty } from '#storage/duckdb/roll-up/plan-pieces.ts'
import { writeProgress } from '#storage/duckdb/roll-up/progress.ts'
import { makeRollUpTables } from '#storage/duckdb/roll-up/roll-up-tables.ts'
import { createStatements } from '#storage/duckdb/schema.ts'
import { LocalDays } from '#storage/roll-up/local-days.ts'
import { air, day, minute, start } from './store-samples.ts'

const hour = 60 * minute
const kind = 'air-quality'
const zone = 'Asia/Ho_Chi_Minh'

describe('dirty hours', () => {
  let instance: DuckDBInstance
  let connection: DuckDBConnection
  beforeEach(async () => {
    instance = await DuckDBInstance.create(':memory:')
    connection = await instance.connect()
    for (const statement of createStatements) await connection.run(statement)
    await makeRollUpTables(connection)
    const progress = { rolledTo: start + 10 * day, frozenTo: start, daysTo: undefined, zone }
    await writeProgress(connection, kind, progress)
  })
  afterEach(() => {
    connection.closeSync()
    instance.closeSync()
  })
  const marks = async () => {
    const rows = (await connection.runAndReadAll('SELECT sensor, "from", "to" FROM dirty_hours ORDER BY id')).getRows()
    return rows.map(([sensor, from, to]) => [sensor, (Number(from) - start) / hour, (Number(to) - start) / hour])
  }

  it('are marked once, until they are being recomputed: neither open ones nor frozen ones', async () => {
    const dirty = new DirtyHours()
    const late = [air('aq-1', start + hour, 1), air('aq-1', start + hour + minute, 1), air('aq-2', start - hour, 1)]
    await dirty.markReadings(connection, kind, [...late, air('aq-1', start + 10 * day, 1)])
    await dirty.markReadings(connection, kind, late)
    expect(await marks()).toEqual([['aq-1', 1, 2]])
    await dirty.beginUpkeep(connection, kind, { from: start, to: start + 11 * day })
    await dirty.markReadings(connection, kind, [...late, air('aq-1', start + 10 * day, 1)])
    expect(await marks()).toEqual([
      ['aq-1', 1, 2],
      ['aq-1', 1, 2],
      ['aq-1', 240, 241],
    ])
  })

  it('are whole days of all sensors when they are too many', async () => {
    const dirty = new DirtyHours({ maxMarks: 2 })
    const late = Array.from({ length: 100 }, (_, n) => air(`aq-${n}`, start + 30 * hour, 1))
    await dirty.markReadings(connection, kind, late)
    await dirty.markReadings(connection, kind, late)
    expect(await marks()).toEqual([
      ['aq-0', 30, 31],
      ['aq-1', 30, 31],
      ['', 24, 48],
    ])
  })
})

describe('pieces of a question', () => {
  const days = new LocalDays(zone)
  const midnight = start - 7 * hour
  const kept = { rolledTo: midnight + 3 * day + 5 * hour, daysTo: midnight + 3 * day, days }

  it('are days, then hours, then readings, the coarser where it is whole and rolled up', () => {
    const edges = [midnight - 90 * minute, midnight + 4 * day]
    expect(planPieces(edges, { from: midnight - 90 * minute, to: midnight + 4 * day }, kept)).toEqual([
      { level: 'readings', from: midnight - 90 * minute, to: midnight - hour },
      { level: 'hours', from: midnight - hour, to: midnight },
      { level: 'days', from: midnight, to: midnight + 3 * day },
      { level: 'hours', from: midnight + 3 * day, to: kept.rolledTo },
      { level: 'readings', from: kept.rolledTo, to: midnight + 4 * day },
    ])
  })

  it('of a dirty hour are readings, of the rest of its day hours', () => {
    const clean = [{ level: 'days', from: midnight, to: midnight + 2 * day } as const]
    expect(withoutDirty(clean, [{ from: midnight + 5 * hour, to: midnight + 6 * hour }], kept)).toEqual([
      { level: 'hours', from: midnight, to: midnight + 5 * hour },
      { level: 'readings', from: midnight + 5 * hour, to: midnight + 6 * hour },
      { level: 'hours', from: midnight + 6 * hour, to: midnight + day },
      { level: 'days', from: midnight + day, to: midnight + 2 * day },
    ])
  })
})
