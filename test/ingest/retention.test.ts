import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrivalTimes } from '#ingest/clock/arrival-times.ts'
import { decodeBlock } from '#ingest/decode/decode-block.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { ingestMetrics } from '#ingest/metrics.ts'
import { keptMs, Retention, type RetentionOptions } from '#ingest/retention.ts'
import { BlockWriter } from '#ingest/store-writer/block-writer.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { airReading, openTestStore, type TestStore, until } from '../api/api-parts.ts'
import { listeningLog } from '../journal/journal-parts.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { forUnreadable } from './ingest-parts.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 20, 6)
const log = pino({ level: 'silent' })
const ages = [0, 31, 32, 33]

/** A reading of each age in days, and the ages that are left. */
const fill = (store: TelemetryStore) => store.write(ages.map((days) => airReading('aq-1', now - days * day, days)))
const left = async (store: TelemetryStore) => {
  const query = { kind: 'air-quality', sensor: 'aq-1', value: 'pm25', from: 0, to: now + day, limit: 10 } as const
  return (await store.history(query)).map(({ value }) => value).toReversed()
}
/** Waits for all that is to go: a store may remove it piece by piece. */
const untilLeft = (store: TelemetryStore, days: readonly number[]) =>
  expect.poll(() => left(store), { timeout: 20_000 }).toEqual(days)

describe('retention', () => {
  let test: TestStore
  let registry: Registry
  let running: Retention | undefined
  beforeEach(async () => {
    test = await openTestStore()
    registry = new Registry()
  })
  afterEach(async () => {
    running?.close()
    await test.close()
  })
  const start = (store: TelemetryStore, days: number, clock = () => now, given: Partial<RetentionOptions> = {}) => {
    running = new Retention({ store, metrics: ingestMetrics(registry), log, days, clock, everyMs: 20, ...given })
  }
  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value

  it('removes whole days that are older than they are kept, and says from when on all is there', async () => {
    await fill(test.store)
    start(test.store, 31)
    await untilLeft(test.store, [0, 31])
    await until(
      'the metric',
      async () => (await metric('nhip_ingest_kept_from_seconds')) === (now - 31 * day - 6 * 3_600_000) / 1_000,
    )
  })

  it('removes again when a day has passed', async () => {
    await fill(test.store)
    let at = now
    start(test.store, 32, () => at)
    await untilLeft(test.store, [0, 31, 32])
    at += day
    await untilLeft(test.store, [0, 31])
  })

  it('waits when the clock may be years ahead, until that is set right or a reading says that it is not', async () => {
    await fill(test.store)
    const { log: told, lines } = listeningLog()
    let at = now + 3_650 * day
    start(test.store, 31, () => at, { log: told })
    await until('the doubt', () => lines.some((line) => line.includes('3650 days old')))
    at = now
    await untilLeft(test.store, [0, 31])
    expect(lines.filter((line) => line.includes('days old'))).toHaveLength(1)
  })

  it('removes nothing for a clock that may be days ahead until sensors confirm it, however long that takes', async () => {
    await fill(test.store)
    const { log: told, lines } = listeningLog()
    let isConfirmed = false
    start(test.store, 31, () => now + 2 * day, { log: told, isConfirmed: () => isConfirmed })
    await until('the doubt', () => lines.some((line) => line.includes('2 days old')))
    expect(await left(test.store)).toEqual(ages)
    expect(await metric('nhip_ingest_kept_from_seconds')).toBe(0)
    isConfirmed = true
    await untilLeft(test.store, [0])
  })

  it('removes nothing before those who need the readings have done with them', async () => {
    await fill(test.store)
    const asked: number[] = []
    let done = () => {}
    const beforeTrim = (before: number) => {
      asked.push(before)
      return new Promise<void>((resolve) => {
        done = resolve
      })
    }
    start(test.store, 31, () => now, { beforeTrim })
    await until('the question', () => asked.length > 0)
    expect(await left(test.store)).toEqual(ages)
    done()
    await untilLeft(test.store, [0, 31])
    expect(asked).toEqual([Math.floor(now / day) * day - 31 * day])
  })

  it('removes roll-ups once they are older than they are kept, which is longer', async () => {
    await fill(test.store)
    const asked: number[] = []
    const store: TelemetryStore = new Proxy(test.store, {
      get: (target, name: keyof TelemetryStore) =>
        name === 'trimRollUps' ? async (before: number) => void asked.push(before) : target[name],
    })
    start(store, 31, () => now, { rollUpDays: 400 })
    await untilLeft(test.store, [0, 31])
    await until('the roll-ups', () => asked.length > 0)
    expect(asked).toEqual([Math.floor(now / day) * day - 400 * day])
  })

  it('removes nothing while they cannot, and asks again', async () => {
    await fill(test.store)
    let asked = 0
    start(test.store, 31, () => now, {
      beforeTrim: async () => {
        if (++asked < 3) throw new StoreUnavailableError('not yet')
      },
    })
    await untilLeft(test.store, [0, 31])
    expect([asked, await metric('nhip_ingest_trim_faults_total')]).toEqual([3, 2])
  })

  it('tries again when the store is away, and counts it', async () => {
    await fill(test.store)
    test.down = true
    start(test.store, 31)
    await until('a fault', async () => Number(await metric('nhip_ingest_trim_faults_total')) > 0)
    test.down = false
    await untilLeft(test.store, [0, 31])
  })

  it('keeps everything for ever when it is 0 days', async () => {
    await fill(test.store)
    // a removal would begin at once, and fail
    test.down = true
    start(test.store, 0)
    test.down = false
    await test.store.ping()
    expect(await metric('nhip_ingest_trim_faults_total')).toBe(0)
    expect(await left(test.store)).toEqual(ages)
    expect(keptMs(0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('refuses what is too old when it arrives: it goes to quarantine with the reason, the others are stored', async () => {
    const { store } = test
    const metrics = ingestMetrics(registry)
    const options = { store, metrics, log, signal: new AbortController().signal, ...forUnreadable(metrics) }
    const readings = [31, 32].map((days) => ({ reading: airReading('aq-1', now - days * day, days), arrivedAt: now }))
    await new BlockWriter({ ...options, keptMs: keptMs(31) }).write([
      { offset: 1, readings, refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 },
    ])
    expect(await left(store)).toEqual([31])
    const events = await store.readEvents({ stream: 'quarantine', limit: 10 })
    expect(events.map(({ body }) => quarantinedSchema.parse(body))).toMatchObject([
      {
        ...{
          code: 'PAST',
          topic: 'city/v1/tay-ninh/air-quality/aq-1/reading',
          payload: `{"ts":${now - 32 * day},"pm25":32}`,
        },
        reason: expect.stringContaining('RETENTION_DAYS=31'),
      },
    ])
    expect(await registry.metrics()).toContain('nhip_ingest_refused_total{code="PAST"} 1')
  })

  it('asks the store each time how long it keeps readings, which may be changed while it runs', async () => {
    let storeKeptMs = 10 * day
    const store = new Proxy(test.store, {
      get(target, name: keyof TelemetryStore) {
        return name === 'keptMs' ? () => storeKeptMs : target[name].bind(target)
      },
    })
    const metrics = ingestMetrics(registry)
    const options = { store, metrics, log, signal: new AbortController().signal, ...forUnreadable(metrics) }
    const writer = new BlockWriter({ ...options, keptMs: keptMs(60) })
    const write = (days: number) =>
      writer.write([
        {
          ...{ offset: 1, refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 },
          readings: [{ reading: airReading('aq-1', now - days * day, days), arrivedAt: now }],
        },
      ])
    await write(20)
    storeKeptMs = 30 * day
    await write(21)
    await write(40)
    storeKeptMs = Number.POSITIVE_INFINITY
    await write(41)
    await write(70)
    expect(await left(store)).toEqual([21, 41])
    const events = await store.readEvents({ stream: 'quarantine', limit: 10 })
    const reasons = events.map(({ body }) => /\((.*)\)/.exec(quarantinedSchema.parse(body).reason)?.[1])
    expect(reasons.toSorted()).toEqual([
      'RETENTION_DAYS=60',
      'days of the store itself: 10',
      'days of the store itself: 30',
    ])
  })

  describe('where all sensors are late by the same', () => {
    it.each([
      { what: '2 days ahead, of a store that keeps 24 h', aheadMs: 2 * day, days: 1 },
      { what: '40 days ahead, of 31 that are kept', aheadMs: 40 * day, days: 31 },
    ])('refuses nothing as PAST, for it may be our clock that is wrong: $what', async ({ aheadMs, days }) => {
      const { store } = test
      const metrics = ingestMetrics(registry)
      const arrivals = new ArrivalTimes()
      const signal = new AbortController().signal
      const options = { store, metrics, log, signal, arrivals, ...forUnreadable(metrics) }
      const writer = new BlockWriter({ ...options, keptMs: keptMs(days) })
      const topics = new TopicCache()
      const send = async (offset: number, sensor: string, ts: number, arrivedAt: number) => {
        const topic = `city/v1/tay-ninh/air-quality/${sensor}/reading`
        const record = { topic, payload: Buffer.from(JSON.stringify({ ts, pm25: offset })), arrivedAt }
        await writer.write([decodeBlock({ offset, records: [record] }, topics, arrivals)])
      }
      for (const [index, skew] of [0, 40, -3_000, 200].entries())
        await send(index + 1, `aq-${index}`, now + skew, now + aheadMs)
      expect(arrivals.isConfirmed).toBe(false)
      expect(await store.latest()).toHaveLength(4)
      expect(await store.readEvents({ stream: 'quarantine', limit: 10 })).toEqual([])
      // the clock is set right: they are on time, and what is too old is refused
      for (const index of [0, 1, 2, 3]) await send(index + 5, `aq-${index}`, now + 5_000, now + 5_000)
      expect(arrivals.isConfirmed).toBe(true)
      await send(9, 'aq-1', now - (days + 1) * day, now + 5_000)
      expect(await store.readEvents({ stream: 'quarantine', limit: 10 })).toMatchObject([{ body: { code: 'PAST' } }])
    })
  })

  describe.skipIf(!influxdInstalled() && !process.env.CI)('on InfluxDB', () => {
    let influxd: Influxd | undefined
    afterAll(() => influxd?.close())

    it('removes the same', async () => {
      influxd = await startInfluxd()
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'retention', log })
      await fill(store)
      start(store, 31)
      await untilLeft(store, [0, 31])
      await store.close()
    })
  })
})
