import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { airOf, counter, day, minute } from './store-samples.ts'

const log = pino({ level: 'silent' })

describe('the newest of all sensors of a DuckDB file', () => {
  let folder: string
  let path: string
  let now: number
  const opened: TelemetryStore[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-newest-'))
    path = join(folder, 'nhip.duckdb')
    now = Date.now()
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    await rm(folder, { recursive: true })
  })
  const open = async (file = path, snapshotEveryMs = 0) => {
    const store = await openDuckdbStore({ path: file, log, snapshotEveryMs })
    opened.push(store)
    return store
  }
  const sql = async (text: string) => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    const rows = (await connection.runAndReadAll(text)).getRowObjectsJS()
    connection.closeSync()
    instance.closeSync()
    return rows
  }
  const inOrder = <Item extends { sensor: string }>(items: readonly Item[]) =>
    items.toSorted((a, b) => (a.sensor < b.sensor ? -1 : 1))

  it('is the same after the process was killed, whatever was written since the snapshot', async () => {
    const store = await open()
    await store.write([counter('tr-1', now, 1), counter('tr-2', now, 1)])
    await store.write([counter('tr-1', now - minute, 2)])
    await store.close()
    const again = await open(path, day)
    await again.write([
      counter('tr-2', now - minute, 3),
      { ...counter('tr-2', now, 4), aheadMs: 400_000 },
      counter('tr-3', now - 3 * day, 5),
      counter('tr-4', now + minute, 6),
    ])
    // what a killed process leaves: the file and what was written to it since
    const left = join(folder, 'left.duckdb')
    await copyFile(path, left)
    await copyFile(`${path}.wal`, `${left}.wal`)
    const killed = await open(left)
    const expected = [
      counter('tr-1', now, 1),
      counter('tr-2', now - minute, 3),
      counter('tr-3', now - 3 * day, 5),
      counter('tr-4', now + minute, 6),
    ]
    expect(inOrder(await killed.latest())).toEqual(expected)
    expect(inOrder(await again.latest())).toEqual(expected)
  })

  it('holds what another release or a tool wrote to the closed file', async () => {
    await (await open()).close()
    const store = await open()
    await store.write([counter('tr-1', now, 1)])
    await store.close()
    expect(await sql('SELECT kind, row_count::INTEGER AS rows FROM newest_snapshots')).toEqual([
      { kind: 'traffic', rows: 1 },
    ])
    await sql(
      `INSERT INTO traffic (district, sensor, ts, intensity, "sortKey") VALUES ('tay-ninh', 'tr-2', ${now - day}, 2, NULL)`,
    )
    const other = { ...counter('tr-2', now - day, 2), seq: undefined }
    const after = await open()
    expect(inOrder(await after.latest())).toEqual([counter('tr-1', now, 1), other])
    const ofIt = { kind: 'traffic', sensor: 'tr-2', value: 'intensity', from: 0, to: now, limit: 9 } as const
    expect(await after.history(ofIt)).toEqual([{ ts: now - day, value: 2 }])
    await after.write([counter('tr-1', now + 1, 3)])
    expect(inOrder(await after.latest())).toEqual([counter('tr-1', now + 1, 3), other])
  })

  it('is found for a sensor all of whose readings were deleted, and which sends older ones then', async () => {
    const store = await open()
    await store.write([counter('tr-1', now, 1), airOf('aq-1', now, { pm25: 1 })])
    await store.trim(now + 1)
    expect(await store.latest()).toEqual([])
    await store.write([counter('tr-1', now - 2 * day, 2)])
    expect(await store.latest()).toEqual([counter('tr-1', now - 2 * day, 2)])
  })
})
