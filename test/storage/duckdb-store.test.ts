import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertColumns } from '#storage/duckdb/alert-columns.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { Reading } from '#telemetry/reading.ts'
import { mountSmallDisk } from '../real/small-disk.ts'
import { counter, lamp, start } from './store-samples.ts'

describe('a DuckDB file', () => {
  let folder: string
  let path: string
  let store: TelemetryStore | undefined
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-duckdb-'))
    path = join(folder, 'nhip.duckdb')
  })
  afterEach(async () => {
    await store?.close()
    await rm(folder, { recursive: true })
  })
  const open = async (log = pino({ level: 'silent' })) => {
    store = await openDuckdbStore({ path, log })
    return store
  }

  it('whose columns stand in an older order takes and gives readings as any other', async () => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run(
      'CREATE TABLE traffic (trucks DOUBLE, once VARCHAR, sensor VARCHAR NOT NULL, ts BIGINT NOT NULL, seq BIGINT, district VARCHAR NOT NULL)',
    )
    connection.closeSync()
    instance.closeSync()
    const opened = await open()
    const reading = { ...counter('tr-1', start, 8), values: { intensity: 8, averageVehicleSpeed: 31.5, trucks: 1 } }
    await opened.write([reading])
    await opened.write([reading, counter('tr-1', start + 1, 9)])
    expect(await opened.count('traffic')).toBe(2)
    const [{ value } = { value: undefined }] = await opened.history({
      ...{ kind: 'traffic', sensor: 'tr-1', value: 'trucks', from: start, to: start + 9, limit: 9 },
    })
    expect(value).toBe(1)
  })

  it('of an older release learns whose clock was ahead and which values were not being measured, and unites what it holds with what comes', async () => {
    const before = await open()
    await before.write([counter('tr-1', start, 8)])
    await before.close()
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run('ALTER TABLE traffic DROP COLUMN "aheadMs"')
    await connection.run('ALTER TABLE traffic DROP COLUMN states')
    connection.closeSync()
    instance.closeSync()
    const opened = await open()
    const ahead = { ...counter('tr-1', start + 1, 9), aheadMs: 400_000 }
    const more: Reading = {
      ...counter('tr-1', start, 7),
      ...{ states: { occupancy: 'calibrating' }, values: { intensity: 7, occupancy: 0.5 } },
    }
    expect(await opened.write([ahead, more])).toEqual({ corrected: 1 })
    expect(await opened.latest()).toEqual([more])
    expect(await opened.count()).toBe(2)
  })

  it('leaves rows out of every answer that are no readings, and tells so once', async () => {
    await (await open()).close()
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    // too many, of nobody, without a value, and of a word there is none
    await connection.run(`INSERT INTO traffic (district, sensor, ts, intensity) VALUES
      ('tay-ninh', 'tr-2', ${start}, 1e9), ('tay-ninh', '?!', ${start}, 1), ('tay-ninh', 'tr-3', ${start}, NULL)`)
    await connection.run(`INSERT INTO lighting (district, sensor, ts, "powerState", "activePower") VALUES
      ('hoa-thanh', 'lamp-1', ${start}, 'perhaps', NULL), ('hoa-thanh', 'lamp-1', ${start + 1}, NULL, 5)`)
    connection.closeSync()
    instance.closeSync()
    const lines: string[] = []
    const opened = await open(pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }))
    await opened.write([counter('tr-1', start, 8)])
    const span = { kind: 'traffic', from: start, to: start + 9 } as const
    for (const step of [{}, { step: 60_000 }]) {
      const readings: unknown[] = []
      for await (const page of opened.readings({ ...span, ...step, limit: 9 })) readings.push(...page)
      expect(readings).toEqual([counter('tr-1', start, 8)])
    }
    expect(await opened.newest(span)).toEqual([counter('tr-1', start, 8)])
    const dark = {
      district: 'hoa-thanh',
      sensor: 'lamp-1',
      ts: start + 1,
      kind: 'lighting',
      values: { activePower: 5 },
    }
    expect((await opened.latest()).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      dark,
      counter('tr-1', start, 8),
    ])
    expect(lines.filter((line) => line.includes('no reading'))).toHaveLength(1)
  })

  it('on a full disk answers questions, and no ping, for it takes nothing', async ({ skip }) => {
    const disk = await mountSmallDisk(8_000_000)
    if (!disk) return skip()
    const full = await openDuckdbStore({ path: join(disk.path, 'nhip.duckdb'), log: pino({ level: 'silent' }) })
    try {
      await full.write([counter('tr-1', start, 8)])
      await full.ping()
      const filler = join(disk.path, 'filler')
      await writeFile(filler, Buffer.alloc(9_000_000)).catch(() => {})
      // what is left of the last page takes a few yet
      const failing = async () => {
        for (let n = 0; n < 500; n++) await full.ping()
      }
      await expect(failing()).rejects.toBeInstanceOf(StoreUnavailableError)
      expect(await full.latest()).toEqual([counter('tr-1', start, 8)])
      await rm(filler)
      await full.ping()
    } finally {
      await full.close()
      await disk.close()
    }
  })

  it('takes a batch again that it did not take as a whole', async () => {
    const opened = await open()
    const good = counter('tr-1', start, 8)
    const bad = lamp('lamp-1', Number.NaN, 'on')
    await expect(opened.write([good, bad])).rejects.toThrow()
    expect(await opened.count()).toBe(0)
    await opened.write([good])
    expect(await opened.count()).toBe(1)
  })

  it('that was written before events had subjects is asked by subject as any other', async () => {
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    await connection.run(
      'CREATE TABLE events (stream VARCHAR, id VARCHAR, ts BIGINT NOT NULL, body VARCHAR NOT NULL, PRIMARY KEY (stream, id))',
    )
    const bodies = {
      alert: { type: 'raised', alert: { id: 'a' } },
      quarantine: { topic: 'a', count: 3 },
      audit: { who: 'a' },
      presence: { type: 'changes' },
    }
    for (const [stream, body] of Object.entries(bodies))
      await connection.run('INSERT INTO events VALUES ($stream, $id, $ts, $body)', {
        ...{ stream, id: 'old', ts: BigInt(start), body: JSON.stringify(body) },
      })
    connection.closeSync()
    instance.closeSync()
    const opened = await open()
    for (const stream of ['alert', 'quarantine', 'audit'] as const)
      expect(await opened.eventHeads({ stream, subject: 'a', limit: 9 })).toEqual([
        { id: 'old', ts: start, subject: 'a', amount: stream === 'quarantine' ? 3 : 1 },
      ])
    expect(await opened.eventHeads({ stream: 'presence', subject: '', limit: 9 })).toHaveLength(1)
  })

  it('that was written before alerts had columns is searched as any other, what is no step left out', async () => {
    const before = await open()
    const step = (id: string, revision: number, other = {}): StoredEvent => ({
      ...{ stream: 'alert', id: `${id}-${revision}`, ts: start + revision },
      body: {
        ...{ type: 'acknowledged', at: start + revision, by: 'An' },
        alert: {
          ...{ id, revision, rule: 'pm25-high', name: { vi: 'Bụi', en: 'Dust' }, cause: 'threshold', priority: 2 },
          ...{ kind: 'air-quality', sensors: ['aq-1', 'aq-2'], district: 'tay-ninh', group: 'x', unit: '' },
          ...{ raisedAt: start, occurrences: 1, acknowledged: { by: 'Hoa', at: start, comment: '' } },
          ...other,
        },
      },
    })
    // what a newer release found cannot be given, so it is not counted either
    const newer = [{ cause: 'flood' }, { kind: 'tide' }, { priority: 4 }].map((other, i) =>
      step(`newer-${i}`, 1, other),
    )
    const others = [{ type: 'checkpoint', at: start }, 'a word', { alert: { id: 'a', revision: 9 } }]
    await before.appendEvents([
      ...[step('a', 1), step('a', 2), step('b', 1), ...newer],
      ...others.map((body, i): StoredEvent => ({ stream: 'alert', id: `odd-${i}`, ts: start, body })),
    ])
    await before.close()
    const instance = await DuckDBInstance.create(path)
    const connection = await instance.connect()
    for (const [name] of alertColumns) await connection.run(`ALTER TABLE events DROP COLUMN "${name}"`)
    // more than are filled in one transaction
    await connection.run(
      `INSERT INTO events (stream, id, ts, body) SELECT 'alert', 'm' || i, ${start}, replace(body, '"id":"b"', '"id":"b' || i || '"')
       FROM range(25000) many(i), (SELECT body FROM events WHERE id = 'b-1')`,
    )
    connection.closeSync()
    instance.closeSync()
    const opened = await open()
    await opened.appendEvents([step('a', 3)])
    const search = { from: 0, to: start + 9, now: start + 9, open: [], limit: 1, offset: 0 }
    const found = await opened.searchAlerts({ ...search, state: ['acknowledged'], sensor: ['aq-2'], priority: [2] })
    expect(found).toMatchObject({ total: 25_002, handlers: ['An', 'Hoa'] })
    expect(found.alerts[0]).toMatchObject({ id: 'a', revision: 3 })
    expect(await opened.searchAlerts({ ...search, priority: [1] })).toMatchObject({ total: 0 })
  })
})
