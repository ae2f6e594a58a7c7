import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RebuildOptions, type RebuildProgress, rebuildRollUps } from '#history/rebuild.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { airReading, openTestStore, type TestStore } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { expectRollUpsRight, randomNumbers, randomReadings } from '../storage/roll-up-check.ts'
import { startService } from '../support/platform-process.ts'

const hour = 3_600_000
const now = Math.floor(Date.now() / hour) * hour
const span = { from: now - 80 * hour, hours: 70 }
const never = new AbortController().signal
let test: TestStore
beforeEach(async () => {
  test = await openTestStore()
})
afterEach(() => test.close())
const rebuild = (options: Partial<RebuildOptions> = {}, store: TelemetryStore = test.store) =>
  rebuildRollUps({ store, now, until: now, signal: never, ...options })
/** More readings than the first step of a rebuild takes. */
const fill = async (store: TelemetryStore) => {
  const minutes = Array.from({ length: 70 * 60 }, (_, minute) => minute)
  for (const sensor of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    await store.write(
      minutes.map((minute) => airReading(`station-${sensor}`, span.from + minute * 60_000, minute % 50)),
    )
  await store.write(randomReadings(randomNumbers(1), span, 2_000))
}

describe('a rebuild of roll-ups', () => {
  it('has nothing to do in an empty store', async () => {
    expect(await rebuild()).toMatchObject({ outcome: 'empty', hours: 0, resumedFrom: undefined })
  })

  it('makes them anew and says how far it is', async () => {
    await fill(test.store)
    const told: RebuildProgress[] = []
    const result = await rebuild({ onProgress: (progress) => told.push(progress) })
    expect(result).toMatchObject({ outcome: 'done', resumedFrom: undefined, frozenTo: 0 })
    expect(result.readings).toBeGreaterThanOrEqual(42_000)
    expect(result.hours).toBeGreaterThanOrEqual(10 * 70)
    expect(told.length).toBeGreaterThan(1)
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b))
    const all = await test.store.count()
    expect(told.at(-1)).toMatchObject({ total: all, done: all, isElsewhere: false })
    await expectRollUpsRight(test.store, span)
    // once more is once more
    expect(await rebuild()).toMatchObject({ outcome: 'done', resumedFrom: undefined, readings: result.readings })
  })

  it('ends after a step when it is asked to, and goes on from there', async () => {
    await fill(test.store)
    const stopping = new AbortController()
    const first = await rebuild({ signal: stopping.signal, onProgress: () => stopping.abort() })
    expect(first).toMatchObject({ outcome: 'interrupted', resumedFrom: undefined })
    const rest = await rebuild({ now: now + hour, until: now + hour })
    expect(rest).toMatchObject({ outcome: 'done', resumedFrom: now })
    expect(rest.hours).toBeGreaterThan(0)
    expect(rest.hours).toBeLessThan(14 * 70)
    expect(await test.store.readDocuments('roll-up-rebuild')).toEqual([])
    await expectRollUpsRight(test.store, span)
  })

  it('begins anew where the upkeep has done the rest of one that was interrupted', async () => {
    await fill(test.store)
    const stopping = new AbortController()
    await rebuild({ signal: stopping.signal, onProgress: () => stopping.abort() })
    while ((await test.store.upkeep({ until: now, maxReadings: 100_000 })).more);
    expect(await rebuild()).toMatchObject({ outcome: 'done', resumedFrom: undefined })
  })

  it('looks on while another process does the upkeep', async () => {
    await fill(test.store)
    let asked = 0
    const lease = { acquire: async () => ++asked > 2, release: async () => {} }
    const told: boolean[] = []
    await rebuild({ lease, onProgress: ({ isElsewhere }) => told.push(isElsewhere) })
    expect(told.slice(0, 3)).toEqual([true, true, false])
  })
})

describe('npm run history -- rebuild', () => {
  const run = (env: Record<string, string> = {}) => startService('history rebuild', { DATA_DIR: test.folder, ...env })

  it('says that the platform must be stopped which has the file for itself', async () => {
    const command = run()
    expect(await command.exited).toBe(1)
    expect(command.output()).toMatch(
      /^nhip: DATA_DIR: another process uses the store .* A running platform has the file for itself: stop it first$/m,
    )
  })

  it('says that there is no store, and what commands there are', async () => {
    const astray = run({ DATA_DIR: join(test.folder, 'nowhere') })
    expect(await astray.exited).toBe(1)
    expect(astray.output()).toMatch(/^nhip: DATA_DIR is ".*nowhere": there is no store in it$/m)
    const unknown = startService('history rebiuld', {})
    expect(await unknown.exited).toBe(1)
    expect(unknown.output()).toMatch(/^nhip: no command "rebiuld"; there are rebuild/m)
    const help = startService('history help', {})
    expect(await help.exited).toBe(0)
    expect(help.output()).toMatch(/^ {2}rebuild {3}makes all roll-ups anew/m)
  })

  it('goes on after Ctrl-C and kill -9, and says what it did and how fast', async () => {
    await fill(test.store)
    await test.store.close()
    const interrupted = run()
    await interrupted.says(/^rolled up [\d,]+ of [\d,]+ readings/m)
    const code = await interrupted.stop('SIGINT')
    expect([0, 130]).toContain(code)
    if (code === 130) expect(interrupted.output()).toMatch(/interrupted: .* the same command goes on/)
    const killed = run()
    await killed.says(/^rolled up [\d,]+ of [\d,]+ readings/m)
    await killed.stop('SIGKILL')
    const store = await openDuckdbStore({ path: join(test.folder, 'nhip.duckdb'), log: silent })
    const isUnfinished = (await store.readDocuments('roll-up-rebuild')).length > 0
    await store.close()
    const last = run()
    expect(await last.exited).toBe(0)
    if (isUnfinished) expect(last.output()).toMatch(/^went on with the rebuild that was begun at \d{4}-/m)
    expect(last.output()).toMatch(/^[\d,]+ readings into [\d,]+ sensor-hours in [\d.]+ s \([\d,]+ readings\/s\)$/m)
    const again = await openDuckdbStore({ path: join(test.folder, 'nhip.duckdb'), log: silent })
    await expectRollUpsRight(again, span).finally(() => again.close())
  })
})

describe.skipIf(!influxdInstalled() && !process.env.CI)('npm run history -- rebuild with InfluxDB', () => {
  it('goes on after kill -9', async () => {
    const influxd = await startInfluxd()
    const rollUps = { settleMs: 0 }
    const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent, rollUps })
    try {
      await store.write(randomReadings(randomNumbers(2), span, 3_000))
      const env = { DATA_DIR: test.folder, STORE: 'influxdb', INFLUX_URL: influxd.url }
      const killed = startService('history rebuild', env)
      await killed.says(/^rolled up [\d,]+ of [\d,]+ readings/m)
      await killed.stop('SIGKILL')
      // nobody else would wait for what the killed process holds
      for (const { id } of await store.readDocuments('upkeep-lease')) await store.removeDocument('upkeep-lease', id)
      const isUnfinished = (await store.readDocuments('roll-up-rebuild')).length > 0
      const last = startService('history rebuild', env)
      expect(await last.exited).toBe(0)
      if (isUnfinished) expect(last.output()).toMatch(/^went on with the rebuild/m)
      expect(await store.readDocuments('roll-up-rebuild')).toEqual([])
      await expectRollUpsRight(store, span)
    } finally {
      await store.close()
      await influxd.close()
    }
  })
})
