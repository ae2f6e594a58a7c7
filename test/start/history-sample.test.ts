import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { placeSensors } from '#simulators/placement.ts'
import { sampleCommand } from '#start/history-sample.ts'
import { storageConfig } from '#storage/config.ts'
import { openStore } from '#storage/open-store.ts'
import { reportingPeriods } from '#storage/reporting-periods.ts'
import { dayMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'

describe('a sample of history', () => {
  let folder: string
  const before = process.env.DATA_DIR
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-sample-'))
    process.env.DATA_DIR = folder
  })
  afterEach(async () => {
    if (before === undefined) delete process.env.DATA_DIR
    else process.env.DATA_DIR = before
    await rm(folder, { recursive: true })
  })
  const run = (...args: string[]) => sampleCommand.run(args, new AbortController().signal)
  const open = () => openStore({ ...storageConfig.parse({}), DATA_DIR: folder }, pino({ level: 'silent' }))

  it('is of every kind and of so many days, each reading valid and there once, with meters that never fall', async () => {
    expect(await run('--sensors', '30', '--days', '3', '--step', '600')).toBe(0)
    const store = await open()
    try {
      expect(await store.count()).toBe(30 * 3 * 144)
      const sensors = placeSensors(await loadCity(), 30, 1)
      const now = Date.now()
      for (const kind of kinds) {
        const ids = sensors.filter((sensor) => sensor.kind === kind).map(({ id }) => id)
        const seen = new Map<string, number>()
        const span = { kind, from: now - 4 * dayMs, to: now, limit: 1e6 }
        for await (const page of store.readings(span))
          for (const { sensor } of page) seen.set(sensor, (seen.get(sensor) ?? 0) + 1)
        expect([...seen.keys()].toSorted()).toEqual(ids.toSorted())
        expect(new Set(seen.values())).toEqual(new Set(ids.length > 0 ? [3 * 144] : []))
      }
      const [lamp] = sensors.filter(({ kind }) => kind === 'lighting')
      const energy = await store.history({
        ...{ kind: 'lighting', sensor: lamp?.id ?? '', value: 'energy', from: 0, to: now, limit: 1e6 },
      })
      expect(energy.every(({ value }, n) => n === 0 || value >= (energy[n - 1]?.value ?? 0))).toBe(true)
      expect(energy.at(-1)?.value).toBeGreaterThan(Number(energy[0]?.value))
      expect(
        await reportingPeriods(store, { sensor: lamp?.id ?? '', from: now - dayMs, to: now, now: undefined }),
      ).toMatchObject([{ seconds: 600 }])
    } finally {
      await store.close()
    }
  }, 60_000)

  it('is refused where there are readings already, and with flags that mean nothing', async () => {
    await run('--sensors', '3', '--days', '1', '--step', '3600')
    await expect(run()).rejects.toThrow(/holds 24 |holds 48 |holds 72 /)
    await expect(run('--days', '0')).rejects.toThrow(/days/)
    await expect(run('--size', '3')).rejects.toThrow(/size/)
  }, 60_000)
})
