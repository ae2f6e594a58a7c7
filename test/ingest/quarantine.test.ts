import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Refusal } from '#ingest/decode/refusal.ts'
import { type IngestMetrics, ingestMetrics } from '#ingest/metrics.ts'
import { Quarantine } from '#ingest/quarantine/quarantine.ts'
import { type QuarantineLimits, quarantineLimits } from '#ingest/quarantine/quarantine-limits.ts'
import { QuarantineSize } from '#ingest/quarantine/quarantine-size.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { measuredTimes } from '#telemetry/measured-times.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { timesByTopic } from '#telemetry/times-by-topic.ts'

const now = Date.UTC(2026, 10, 20)
const day = 86_400_000

const tooBig: MessageFault = { path: 'pm25', code: 'INVALID', params: { said: 'too big' } }

describe('the quarantine', () => {
  let folder: string
  let store: TelemetryStore
  let registry: Registry
  let metrics: IngestMetrics
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-quarantine-'))
    registry = new Registry()
    metrics = ingestMetrics(registry)
    store = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log: pino({ level: 'silent' }) })
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  const open = (limits: Partial<QuarantineLimits> = {}) => {
    return new Quarantine({ store, metrics, limits: { ...quarantineLimits, ...limits } })
  }
  const refusal = (number: number, sensor = 'a', arrivedAt = now + number): Refusal => ({
    ...{ code: 'VALUE', faults: [tooBig], topic: `city/v1/tay-ninh/air-quality/${sensor}/reading`, arrivedAt },
    payload: Buffer.from(`{"ts":${number},"pm25":99999}`),
    count: 1,
  })
  const keep = (quarantine: Quarantine, refusals: readonly Refusal[], at = now) =>
    quarantine.append(quarantine.select(refusals, at), at)
  const kept = async () => {
    const events = await store.readEvents({ stream: 'quarantine', limit: 10_000 })
    return events.map(({ body }) => quarantinedSchema.parse(body))
  }
  const bytes = async () => (await registry.getSingleMetric('nhip_ingest_quarantine_bytes')?.get())?.values[0]?.value
  const notKept = async () =>
    (await registry.getSingleMetric('nhip_ingest_quarantine_not_kept_total')?.get())?.values[0]?.value

  it('keeps topic, payload, reason, time and count', async () => {
    await keep(open(), [refusal(1)])
    expect(await kept()).toEqual([
      {
        ...{ ts: now + 1, topic: 'city/v1/tay-ninh/air-quality/a/reading', code: 'VALUE', reason: 'pm25: too big' },
        ...{ payload: '{"ts":1,"pm25":99999}', payloadBytes: 21, count: 1, faults: [tooBig] },
      },
    ])
  })

  it('keeps what else is wrong with a message, and whether its other values are stored', async () => {
    const more = ['cars: is -3, must be at least 0']
    const other: MessageFault = { path: 'cars', code: 'TOO_SMALL', params: { found: '-3', least: 0 } }
    await keep(open(), [{ ...refusal(1), faults: [tooBig, other], partial: true }])
    expect(await kept()).toMatchObject([{ reason: 'pm25: too big', more, partial: true, faults: [tooBig, other] }])
  })

  it('keeps the same refusal once', async () => {
    const quarantine = open()
    await keep(quarantine, [refusal(1)])
    await keep(quarantine, [refusal(1)])
    expect(await kept()).toHaveLength(1)
  })

  it('keeps the first bytes of a long payload and says how long it was', async () => {
    await keep(open({ maxPayloadBytes: 4 }), [refusal(1)])
    expect(await kept()).toMatchObject([{ payload: '{"ts', payloadBytes: 21 }])
  })

  it('gives a sensor its share, tells what of it was not kept, and leaves room for others', async () => {
    const many = Array.from({ length: 100 }, (_, number) => refusal(number))
    await keep(open({ maxTopicPerMinute: 10 }), [...many, refusal(0, 'b')])
    const entries = await kept()
    expect(entries).toHaveLength(12)
    expect(entries.find(({ code }) => code === 'NOT_KEPT')).toMatchObject({ topic: many[0]?.topic, count: 90 })
    expect(entries.some(({ topic }) => topic.includes('/b/'))).toBe(true)
    expect(await notKept()).toBe(90)
  })

  it('keeps so many a minute of arrival and counts the others: what waited for hours has as much room as what came now', async () => {
    const quarantine = open({ maxPerMinute: 5 })
    const sensors = (minute: number) =>
      Array.from({ length: 8 }, (_, i) => refusal(minute, `s-${i}`, now + minute * 60_000))
    await keep(quarantine, sensors(1))
    const whole = async () => (await kept()).filter(({ code }) => code === 'VALUE')
    expect(await whole()).toHaveLength(5)
    expect(await notKept()).toBe(3)
    await keep(quarantine, sensors(2))
    expect(await whole()).toHaveLength(10)
    await keep(
      quarantine,
      [3, 4, 5, 6, 7, 8].flatMap((minute) => sensors(minute)),
    )
    expect(await whole()).toHaveLength(40)
    await keep(quarantine, sensors(7))
    expect(await whole()).toHaveLength(40)
  })

  it('is bounded in number and age: the oldest go', async () => {
    const old = [refusal(1, 'old', now - 31 * day)]
    await store.appendEvents(
      old.map(({ arrivedAt, topic }) => ({ stream: 'quarantine', id: 'old', ts: arrivedAt, body: { topic } })),
    )
    await keep(open({ maxEntries: 20 }), [refusal(1)])
    await expect.poll(async () => (await kept()).length).toBe(1)
    const many = Array.from({ length: 50 }, (_, number) => refusal(number, `s-${number}`))
    await keep(open({ maxEntries: 20 }), many)
    await expect.poll(async () => (await kept()).length).toBe(20)
    expect((await kept())[0]?.ts).toBe(now + 49)
  })

  it('keeps what an honest sensor sends beside one that sends 1,000 wrong readings at once', async () => {
    const noisy = Array.from({ length: 1_000 }, (_, number) => refusal(number, 'noisy'))
    const quarantine = open()
    await keep(quarantine, noisy)
    await keep(quarantine, [refusal(1, 'honest'), refusal(2, 'honest')])
    const entries = await kept()
    expect(entries.filter(({ topic }) => topic.includes('/honest/'))).toHaveLength(2)
    const ofNoisy = entries.filter(({ topic }) => topic.includes('/noisy/'))
    expect(ofNoisy.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
  })

  it('gives a credential that speaks for many sensors its share, however many ids it uses, and leaves room for others', async () => {
    const quarantine = open()
    const of = (user: string, sensors: number) =>
      Array.from({ length: sensors }, (_, n) => ({ ...refusal(n, `${user}-${n}`), user }))
    await keep(quarantine, of('mad', 1_000))
    await keep(quarantine, [...of('simulators', 3), ...Array.from({ length: 400 }, (_, n) => refusal(n, `own-${n}`))])
    const entries = (await kept()).filter(({ code }) => code === 'VALUE')
    const count = (name: string) => entries.filter(({ topic }) => topic.includes(`/${name}-`)).length
    expect([count('mad'), count('simulators'), count('own')]).toEqual([quarantineLimits.maxUserPerMinute, 3, 400])
  })

  it('gives it a share of the bytes too', async () => {
    const quarantine = open({ maxUserBytesPerMinute: 1_000, cutPayloadBytes: 10 })
    const long = (n: number, user?: string) => ({
      ...{ ...refusal(n, `s-${n}`), payload: Buffer.alloc(300, 'x') },
      ...(user && { user }),
    })
    await keep(quarantine, [1, 2, 3, 4, 5].map((n) => long(n, 'mad')).concat(long(6)))
    expect((await kept()).map(({ payload }) => payload.length)).toEqual([300, 10, 10, 300, 300, 300])
  })

  it('tells of what it does not keep the times of all readings, of each sensor, in few entries', async () => {
    const quarantine = open({ maxTopicPerMinute: 1, maxTopicsReported: 2 })
    const told = new Map<string, number[]>()
    const look = async () => {
      told.clear()
      for (const { code, payload } of await kept())
        if (code === 'NOT_KEPT')
          for (const [topic, times] of timesByTopic(payload)) told.set(topic, [...(told.get(topic) ?? []), ...times])
    }
    const at = (n: number, sensor: string): Refusal => ({
      ...refusal(n, sensor),
      payload: Buffer.from(`[{"ts":${now + n},"pm25":NaN},{"ts":${now + n + 1},"pm25":1}]`),
    })
    for (let n = 0; n < 8; n += 2) {
      // at once, then not with each write
      expect(quarantine.isOverflowReported).toBe(n < 6)
      await keep(
        quarantine,
        ['a', 'b', 'c'].map((sensor) => at(n, sensor)),
      )
    }
    await look()
    expect([...told.values()].flat()).toHaveLength(6)
    await quarantine.append(quarantine.drainOverflow(), now)
    expect(quarantine.isOverflowReported).toBe(true)
    await look()
    const topics = ['a', 'b', 'c'].map((sensor) => refusal(0, sensor).topic)
    for (const topic of topics) expect(told.get(topic)?.toSorted()).toEqual([2, 3, 4, 5, 6, 7].map((n) => now + n))
    for (let n = 8; n < 500; n += 2) await keep(quarantine, [at(n, 'a')])
    await quarantine.append(quarantine.drainOverflow(), now)
    await look()
    expect(told.get(topics[0] ?? '')).toHaveLength(498)
    const entries = (await kept()).filter(({ code }) => code === 'NOT_KEPT')
    expect(entries.length).toBeLessThan(10)
  })

  it('tells the times of what it cuts off', async () => {
    const items = Array.from({ length: 100 }, (_, n) => `{"ts":${now + n},"pm25":99999}`)
    const payload = Buffer.from(`[${items.join(',')}]`)
    const first = { ...refusal(0), payload: Buffer.alloc(2_000, 'x') }
    await keep(open({ maxTopicBytesPerMinute: 1_000, cutPayloadBytes: 100 }), [
      first,
      { ...refusal(1), payload, count: 100 },
    ])
    const entries = await kept()
    // the first of a minute is kept whole, however long it is
    expect(entries.find(({ payloadBytes }) => payloadBytes === 2_000)?.payload).toHaveLength(2_000)
    const cut = entries.find(({ code, payloadBytes }) => code === 'VALUE' && payloadBytes === payload.byteLength)
    const whole = measuredTimes(cut?.payload ?? '')
    const told = [...timesByTopic(entries.find(({ code }) => code === 'NOT_KEPT')?.payload ?? '').values()].flat()
    expect([...whole, ...told]).toEqual(items.map((_, n) => now + n))
    expect(await notKept()).toBe(told.length)
  })

  it('says how many bytes it holds, whoever puts entries there', async () => {
    const size = new QuarantineSize({ store, metrics, bounds: quarantineLimits })
    const both = [new Quarantine({ store, metrics, size }), new Quarantine({ store, metrics, size })]
    for (const [n, quarantine] of both.entries()) {
      await keep(quarantine, [{ ...refusal(n), payload: Buffer.from('đ'.repeat(50)) }])
      await expect.poll(bytes).toBe(100 * (n + 1))
    }
  })

  it('keeps 300 readings and a stray NUL whole, so that they can be given again', async () => {
    const items = Array.from({ length: 300 }, (_, i) => `{"ts":${now + i},"pm25":12}`)
    const payload = Buffer.from(`[${items.join(',')}\0]`)
    await keep(open(), [{ ...refusal(1), payload }])
    const [entry] = await kept()
    expect(Buffer.from(entry?.payload ?? '')).toEqual(payload)
    expect(entry?.payloadBytes).toBe(payload.byteLength)
  })

  it('is bounded in bytes: the oldest go', async () => {
    const quarantine = open({ maxBytes: 1_000 })
    const long = (n: number) => ({ ...refusal(n, `s-${n}`), payload: Buffer.alloc(300, 'x') })
    for (let n = 0; n < 8; n++) {
      await keep(quarantine, [long(n)])
      // removal goes on behind who adds
      await expect.poll(async () => (await kept()).length * 300).toBeLessThanOrEqual(1_000)
    }
    expect((await kept()).map(({ ts }) => ts)).toEqual([now + 7, now + 6, now + 5])
  })

  it('keeps entries while the store can remove none, and removes the oldest once it can', async () => {
    let fails = true
    let tries = 0
    const broken = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (name === 'trimEvents' || name === 'countEvents')
          return (...given: unknown[]) => {
            if (!fails) return Reflect.apply(Object(member), target, given)
            tries += 1
            return Promise.reject(new StoreUnavailableError('removes nothing now'))
          }
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    const bounds = { ...quarantineLimits, maxBytes: 1_000 }
    const log = pino({ level: 'silent' })
    const size = new QuarantineSize({ store: broken, metrics, bounds, log, againMs: 5 })
    const quarantine = new Quarantine({ store: broken, metrics, size })
    const long = (n: number) => ({ ...refusal(n, `s-${n}`), payload: Buffer.alloc(300, 'x') })
    for (let n = 0; n < 8; n++) await keep(quarantine, [long(n)])
    await expect.poll(() => tries).toBeGreaterThan(2)
    expect(await kept()).toHaveLength(8)
    fails = false
    await expect.poll(bytes).toBe(900)
    expect((await kept()).map(({ ts }) => ts)).toEqual([now + 7, now + 6, now + 5])
    await size.close()
  })
})
