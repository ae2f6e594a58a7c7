import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ReadingSorting } from '#history/reading-sorting.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { sortKeyOf, sortKeySql } from '#storage/duckdb/sort-key.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { air, airOf, day, everything, minute, pm25Of, start } from './store-samples.ts'

const log = pino({ level: 'silent' })

describe('the background sorting of a DuckDB file', () => {
  let folder: string
  let path: string
  const opened: TelemetryStore[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-sorting-'))
    path = join(folder, 'nhip.duckdb')
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    await rm(folder, { recursive: true })
  })
  const open = async (sorting = { step: 20, span: 50 }, file = path) => {
    const store = await openDuckdbStore({ path: file, log, snapshotEveryMs: 0, sorting })
    opened.push(store)
    return store
  }
  const rows = async (text: string, file = path) => {
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    const found = (await connection.runAndReadAll(text)).getRowObjectsJS()
    connection.closeSync()
    instance.closeSync()
    return found
  }
  const allOf = async (store: TelemetryStore) => {
    const found: Reading[] = []
    for await (const page of store.readings({ kind: 'air-quality', ...everything })) found.push(...page)
    return found.toSorted((a, b) => a.ts - b.ts || (a.sensor < b.sensor ? -1 : 1))
  }
  /** Sorts until nothing is left to do; answers how many readings. */
  const sortAll = async (store: TelemetryStore, before = start + day) => {
    let sorted = 0
    for (;;) {
      const { readings, more } = await store.sortReadings(before)
      sorted += readings
      if (!more) return sorted
    }
  }
  const grid = (sensors: number, minutes: number) =>
    Array.from({ length: minutes }, (_, m) =>
      Array.from({ length: sensors }, (_, s) => air(`aq-${s}`, start + m * minute + s, (m * 7 + s) % 90)),
    ).flat()

  it('changes no answer, leaves the newest day alone, and is done only once', async () => {
    const store = await open()
    const readings = grid(7, 60)
    await store.write(readings)
    await store.write([air('aq-1', start + day, 1)])
    const before = await allOf(store)
    // fewer than a span are left to the next one
    expect(await sortAll(store)).toBe(400)
    expect(await sortAll(store)).toBe(0)
    expect(await allOf(store)).toEqual(before)
    for (const sensor of ['aq-0', 'aq-6']) expect(await store.history(pm25Of(sensor))).toHaveLength(60)
    const hour = { ...pm25Of('aq-3'), window: 60 * minute, fn: 'count' } as const
    expect(await store.buckets(hour)).toEqual([{ ts: start, value: 60 }])
    await store.close()
    const [found] = await rows(`SELECT count(*) FILTER ("sortKey" = 0)::INTEGER AS unsorted,
      count(*) FILTER ("sortKey" <> 0 AND "sortKey" <> ${sortKeySql})::INTEGER AS wrong FROM air_quality`)
    expect(found).toEqual({ unsorted: 21, wrong: 0 })
    // in each span the readings of a sensor stand together
    const runs = await rows(
      `SELECT count(*)::INTEGER AS n FROM (SELECT sensor, lag(sensor) OVER (ORDER BY rowid) AS previous FROM air_quality WHERE "sortKey" <> 0) WHERE sensor IS DISTINCT FROM previous`,
    )
    expect(runs[0]?.n).toBeLessThan(80)
    expect(await rows(`SELECT ${sortKeySql}::INTEGER AS key FROM (SELECT 'aq-3' AS sensor)`)).toEqual([
      { key: sortKeyOf('aq-3') },
    ])
  })

  it('leaves a file alone that is small', async () => {
    const store = await open({ step: 20, span: 400 })
    await store.write(grid(7, 60))
    expect(await sortAll(store)).toBe(0)
  })

  it('lets readings come late, be corrected and be deleted between its steps, and takes those that came late with the next', async () => {
    const late = fc.record({
      sensor: fc.nat({ max: 4 }),
      minute: fc.nat({ max: 29 }),
      values: fc.constantFrom({ pm25: 1 }, { pm25: 2 }, { no2: 3 }),
    })
    const steps = fc.array(
      fc.oneof(fc.array(late, { maxLength: 12 }), fc.constantFrom('sort' as const, 'trim' as const)),
      {
        ...{ minLength: 3, maxLength: 14 },
      },
    )
    let run = 0
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        run += 1
        const files = ['sorted', 'plain'].map((name) => join(folder, `${name}-${run}.duckdb`))
        const [sorted, plain] = [
          await open({ step: 4, span: 10 }, files[0]),
          await open({ step: 4, span: 1e9 }, files[1]),
        ]
        for (const step of [grid(5, 30), ...steps, 'sort']) {
          if (step === 'sort') await sorted.sortReadings(start + day)
          for (const store of [sorted, plain]) {
            if (step === 'trim') await store.trim(start + 5 * minute)
            else if (typeof step !== 'string')
              await store.write(
                step.map((each) =>
                  'ts' in each ? each : airOf(`aq-${each.sensor}`, start + each.minute * minute, each.values),
                ),
              )
          }
        }
        await sortAll(sorted)
        expect(await allOf(sorted)).toEqual(await allOf(plain))
        expect(await sorted.latest()).toEqual(expect.arrayContaining(await plain.latest()))
        for (const store of opened.splice(0)) await store.close()
      }),
      { numRuns: 3 },
    )
  })

  it('goes on by itself until nothing is left to do, and is counted', async () => {
    const store = await open()
    await store.write(grid(7, 60))
    const registry = new Registry()
    const sorting = new ReadingSorting({ store, registry, log, firstMs: 0, clock: () => start + 3 * day })
    await expect
      .poll(
        async () => (await registry.getSingleMetric('nhip_history_sorting_readings_total')?.get())?.values[0]?.value,
        {
          timeout: 20_000,
        },
      )
      .toBe(400)
    await sorting.close()
    expect(await store.count()).toBe(420)
  })

  it('holds every reading once whenever the process is killed', async () => {
    const store = await open()
    await store.write(grid(7, 60))
    const before = await allOf(store)
    for (let step = 0; step < 4; step += 1) {
      await store.sortReadings(start + day)
      // what a killed process leaves: the file and what was written to it since
      const left = join(folder, `left-${step}.duckdb`)
      await copyFile(path, left)
      await copyFile(`${path}.wal`, `${left}.wal`)
      const killed = await open(undefined, left)
      expect(await allOf(killed)).toEqual(before)
      expect(await sortAll(killed)).toBeGreaterThan(420 - (step + 1) * 20 - 50)
      expect(await allOf(killed)).toEqual(before)
    }
  })
})
