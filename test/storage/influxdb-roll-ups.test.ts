import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type InfluxdbStoreOptions, openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { UpkeepProgress } from '#storage/influxdb/roll-up/upkeep-progress.ts'
import { rollUpsOfReadings } from '#storage/roll-up/from-readings.ts'
import type { RollUpQuery } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { air, day, minute, start } from './store-samples.ts'

const log = pino({ level: 'silent' })
const hour = 60 * minute
const settleMs = 15 * minute

/** One sensor each quarter of an hour over two days, and another one. */
const twoDays = Array.from({ length: 192 }, (_, at) => air('aq-1', start + at * 15 * minute, at)).concat(
  Array.from({ length: 20 }, (_, at) => air('aq-2', start + at * hour, at)),
)
const sensors = ['aq-1', 'aq-2']
const query: RollUpQuery = {
  ...{ kind: 'air-quality', value: 'pm25', members: sensors.map((sensor, group) => ({ sensor, group })) },
  edges: [start - 7 * hour, start + 17 * hour, start + 41 * hour, start + 65 * hour],
}

async function rollUpAll(store: TelemetryStore, until: number): Promise<void> {
  while ((await store.upkeep({ until, maxReadings: 100 })).more);
}

describe.skipIf(!influxdInstalled() && !process.env.CI)('roll-ups in InfluxDB', () => {
  let influxd: Influxd
  let databases = 0
  let now = start + 3 * day
  const opened: TelemetryStore[] = []
  const open = async (bucket: string, options: Partial<InfluxdbStoreOptions> = {}) => {
    const rollUps = { clock: () => now, settleMs }
    const store = await openInfluxdbStore({ url: influxd.url, bucket, log, rollUps, ...options })
    opened.push(store)
    return store
  }
  const newBucket = () => `roll-ups-${++databases}`
  /** The answer agrees with a recompute of all readings. */
  const expectRight = async (store: TelemetryStore, asked = query) => {
    const expected = await rollUpsOfReadings(store).rollUps(asked)
    expect(await store.rollUps(asked)).toEqual(expected)
    const sums = { increase: 0n, first: undefined, last: undefined }
    const withoutEnds = await store.rollUps({ ...asked, ends: false })
    expect(withoutEnds.map((cell) => ({ ...cell, ...sums }))).toEqual(expected.map((cell) => ({ ...cell, ...sums })))
  }

  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterEach(async () => {
    now = start + 3 * day
    for (const store of opened.splice(0)) await store.close()
  })
  afterAll(async () => {
    await influxd.close()
  })

  it('answer whole days and hours without a look at readings, and the rest with those alone', async () => {
    const store = await open(newBucket())
    await store.write(twoDays)
    await rollUpAll(store, start + 3 * day)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    expect(await store.upkeepState()).toMatchObject({ rolledTo: start + 3 * day, dirty: 0, dirtySince: undefined })
    expect(await store.weigh(query)).toEqual({ readings: 0, rollUps: expect.any(Number) })
    await expectRight(store)
    const cut = { ...query, edges: [start + 30 * minute, start + 5 * hour] }
    expect((await store.weigh(cut)).readings).toBe(5)
    await expectRight(store, cut)
  })

  it('keep an hour dirty until what several writers have under way is written, however often it is recomputed', async () => {
    const bucket = newBucket()
    const [store, other] = [await open(bucket), await open(bucket)]
    await store.write(twoDays)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    // two processes write into one hour; the one that marked it first is slower than the upkeep
    await Promise.all([
      store.write([air('aq-1', start + minute, 500)]),
      other.write([air('aq-1', start + 2 * minute, 600)]),
    ])
    const marked = now
    await rollUpAll(store, start + 3 * day)
    expect(await store.upkeepState()).toMatchObject({ dirty: 1, dirtySince: marked })
    await expectRight(store)
    await expectRight(other)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    expect(await store.upkeepState()).toMatchObject({ dirty: 0 })
    await expectRight(other)
  })

  it('are right after a kill of the server in the middle of the upkeep, step by step', async () => {
    const bucket = newBucket()
    const store = await open(bucket, { timeoutMs: 2_000 })
    await store.write(twoDays)
    for (let kills = 0; kills < 3; kills++) {
      const upkeep = rollUpAll(store, start + 3 * day).catch((error: unknown) => error)
      const { port, dir } = influxd
      await influxd.stop('SIGKILL')
      await upkeep
      influxd = await startInfluxd({ port, dir })
      now += settleMs
      await store.write([air('aq-1', start + (kills + 1) * 7 * minute, 900 + kills)])
      await expectRight(store)
    }
    await rollUpAll(store, start + 3 * day)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    expect((await store.upkeepState()).dirty).toBe(0)
    await expectRight(store)
  })

  it('stay when their readings are trimmed, and are not recomputed then', async () => {
    const store = await open(newBucket())
    await store.write(twoDays)
    await rollUpAll(store, start + 3 * day)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    const before = await store.rollUps(query)
    await store.trim(start + day)
    expect(await store.rollUps(query)).toEqual(before)
    await store.write([air('aq-1', start + minute, 1)])
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    await store.resetRollUps()
    expect(await store.rollUps(query)).toEqual(before)
    await rollUpAll(store, start + 3 * day)
    expect(await store.rollUps(query)).toEqual(before)
    expect(await store.upkeepState()).toMatchObject({ frozenTo: start + day, dirty: 0 })
  })

  it('of days are those of the zone that is set, another one after a change of it too', async () => {
    const bucket = newBucket()
    const store = await open(bucket)
    await store.write(twoDays)
    await rollUpAll(store, start + 40 * hour)
    await store.close()
    const elsewhere = await open(bucket, { timeZone: 'Europe/Berlin' })
    const edges = [start - hour, start + 23 * hour, start + 47 * hour]
    await expectRight(elsewhere, { ...query, edges })
    await rollUpAll(elsewhere, start + 3 * day)
    await expectRight(elsewhere, { ...query, edges })
    await expectRight(elsewhere)
  })

  it('of many sensors that write late mark the hour of all', async () => {
    const store = await open(newBucket())
    const many = (pm25: number) => Array.from({ length: 250 }, (_, at) => air(`aq-${at}`, start + at, pm25))
    await store.write(many(1))
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    await store.write(many(2))
    expect((await store.upkeepState()).dirty).toBe(1)
    const all = { ...query, members: many(0).map(({ sensor }) => ({ sensor, group: 0 })) }
    await expectRight(store, all)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    expect((await store.upkeepState()).dirty).toBe(0)
    await expectRight(store, all)
    expect((await store.weigh(all)).readings).toBe(0)
  })

  it('of every sensor over many hours are recomputed hour by hour, over several steps', async () => {
    const bucket = newBucket()
    const store = await open(bucket)
    const sensorsOfAll = Array.from({ length: 210 }, (_, at) => `aq-${at}`)
    const outage = Array.from({ length: 6 }, (_, at) => start + at * hour)
    const all = outage.flatMap((at) => sensorsOfAll.map((sensor, index) => air(sensor, at + index, index)))
    await store.write(all)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    await store.write(all.map((reading) => air(reading.sensor, reading.ts + minute, 500)))
    expect((await store.upkeepState()).dirty).toBe(6)
    now += settleMs
    const dirty: number[] = []
    for (let more = true; more; ) {
      const step = await store.upkeep({ until: start + 3 * day, maxReadings: 500 })
      // an hour, and the one before it that may hold into it
      expect(step.readings).toBeLessThanOrEqual(500 + 2 * 420)
      more = step.more
      dirty.push((await store.upkeepState()).dirty)
      await expectRight(store)
    }
    expect(dirty).toEqual(dirty.toSorted((a, b) => b - a))
    expect(dirty.length).toBeGreaterThan(3)
    expect(dirty.at(-1)).toBe(0)
    const asked = { ...query, members: sensorsOfAll.map((sensor) => ({ sensor, group: 0 })) }
    await expectRight(store, asked)
    expect((await store.weigh(asked)).readings).toBe(0)
  })

  it('are made anew after a reset, whatever a step of another process writes that began before it', async () => {
    const bucket = newBucket()
    const [store, other] = [await open(bucket), await open(bucket)]
    await store.write(twoDays)
    now += settleMs
    await rollUpAll(store, start + 3 * day)
    const upkeep = new UpkeepProgress(other)
    const before = await upkeep.read()
    await store.resetRollUps()
    await upkeep.writeRolled(before)
    expect((await store.upkeepState()).rolledTo).toBeUndefined()
    let hours = 0
    for (let more = true; more; ) {
      const step = await store.upkeep({ until: start + 3 * day, maxReadings: 100 })
      hours += step.hours
      more = step.more
    }
    expect(hours).toBeGreaterThanOrEqual(68)
    expect((await other.upkeepState()).rolledTo).toBe(start + 3 * day)
    await expectRight(other)
  })
})
