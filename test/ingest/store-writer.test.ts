import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeBlock } from '#ingest/decode/decode-block.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { ingestMetrics } from '#ingest/metrics.ts'
import { quarantineLimits } from '#ingest/quarantine/quarantine-limits.ts'
import { StoreWriter } from '#ingest/store-writer/store-writer.ts'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import type { Reading } from '#telemetry/reading.ts'
import { pm25Of, start } from '../storage/store-samples.ts'
import { forUnreadable } from './ingest-parts.ts'

const log = pino({ level: 'silent' })

/** A write that waits until it is told to go on, or to fail. */
interface Held {
  readings: readonly Reading[]
  goOn(): void
  fail(error: Error): void
}

describe('the store writer', () => {
  let folder: string
  let journal: Journal
  let store: TelemetryStore
  let held: Held[]
  /** what entries of the quarantine wait for before they are kept, all but the first */
  let untilKept: Promise<void>
  let keepAll: () => void
  let writer: StoreWriter
  let metrics: ReturnType<typeof ingestMetrics>
  const topics = new TopicCache()

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-writer-'))
    journal = await openLocalJournal({ path: join(folder, 'journal'), consumers: ['store'], maxBytes: 1e9, log })
    store = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log })
    held = []
    untilKept = Promise.resolve()
    keepAll = () => {}
    let appends = 0
    metrics = ingestMetrics(new Registry())
    // a real store whose writes are let through one by one
    const gated = new Proxy(store, {
      get(target, name) {
        if (name === 'write')
          return async (readings: readonly Reading[]) => {
            await new Promise<void>((goOn, fail) => held.push({ readings, goOn, fail }))
            return target.write(readings)
          }
        if (name === 'appendEvents')
          return async (events: readonly StoredEvent[]) => {
            if (appends++ > 0) await untilKept
            return target.appendEvents(events)
          }
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    const signal = new AbortController().signal
    const parts = { journal, topics, store: gated, metrics, log, signal, ...forUnreadable(metrics) }
    writer = new StoreWriter({ ...parts, offset: 0, keptMs: 1e15 })
  })
  afterEach(async () => {
    keepAll()
    const closing = writer.close()
    const letThrough = setInterval(() => {
      for (const { goOn } of held.splice(0)) goOn()
    }, 5)
    await closing
    clearInterval(letThrough)
    await store.close()
    await journal.close()
    await rm(folder, { recursive: true })
  })

  const append = async (sensor: string, pm25: number, ts = start) => {
    const topic = `city/v1/tay-ninh/air-quality/${sensor}/reading`
    const record = { topic, payload: Buffer.from(JSON.stringify({ ts, pm25 })), arrivedAt: start + 1_000 }
    await journal.append([record])
    return record
  }
  const offer = async (sensor: string, pm25: number, ts = start) => {
    const record = await append(sensor, pm25, ts)
    writer.offer(decodeBlock({ offset: await journal.end(), records: [record] }, topics), 1)
  }
  const under = (count: number) => expect.poll(() => held.length, { timeout: 10_000 }).toBe(count)
  const corrections = async () => (await metrics.corrected.get()).values[0]?.value

  it('lets go of refused messages too when they are too many, or too large, and stores all that is in between', async () => {
    await offer('aq-1', 1)
    await under(1)
    const refused = Buffer.alloc(200_000, 'x')
    for (let n = 0; n < 300 && !writer.isBehind; n++) {
      const topic = 'city/v1/tay-ninh/air-quality/aq-2/reading'
      const records = [{ topic, payload: refused, arrivedAt: start + n }]
      await journal.append(records)
      writer.offer(decodeBlock({ offset: await journal.end(), records }, topics), 1)
    }
    expect(writer.isBehind).toBe(true)
    await append('aq-3', 3)
    writer.skip(await journal.end(), 1)
    held[0]?.goOn()
    await under(2)
    held[1]?.goOn()
    await expect.poll(async () => journal.committed('store')).toBe(await journal.end())
    expect(await store.history(pm25Of('aq-3'))).toEqual([{ ts: start, value: 3 }])
  })

  it('commits nothing of which it is not told yet what the quarantine had no room for', async () => {
    const kinds = async () => (await store.readEvents({ stream: 'quarantine', limit: 1_000 })).map(({ body }) => body)
    const told = async () => {
      const entries = (await kinds()).map((body) => quarantinedSchema.parse(body))
      return entries.filter(({ code }) => code === 'NOT_KEPT').reduce((sum, { count }) => sum + count, 0)
    }
    const topic = 'city/v1/tay-ninh/air-quality/aq-1/reading'
    const refuse = async (count: number) => {
      const records = Array.from({ length: count }, (_, n) => ({
        ...{ topic, arrivedAt: start },
        payload: Buffer.from(`{"ts":${start + sent + n},"pm25":-1}`),
      }))
      sent += count
      await journal.append(records)
      writer.offer(decodeBlock({ offset: await journal.end(), records }, topics), 1)
    }
    let sent = 0
    const limit = quarantineLimits.maxTopicPerMinute
    await refuse(limit + 1)
    await expect.poll(() => journal.committed('store')).toBe(1)
    expect(await told()).toBe(1)
    for (let n = 0; n < 3; n++) await refuse(1)
    await expect.poll(() => journal.committed('store'), { timeout: 20_000 }).toBe(await journal.end())
    expect(await told()).toBe(4)
    // at the end at once
    await refuse(1)
    await writer.close()
    expect(await journal.committed('store')).toBe(await journal.end())
    expect(await told()).toBe(5)
  }, 30_000)

  it('commits what is told while what was refused later is not: with a sensor gone mad too it goes on', async () => {
    untilKept = new Promise((resolve) => {
      keepAll = resolve
    })
    const wrong = Array.from({ length: quarantineLimits.maxTopicPerMinute + 5 }, (_, n) => ({
      ...{ topic: 'city/v1/tay-ninh/air-quality/mad/reading', arrivedAt: start },
      payload: Buffer.from(`{"ts":${start + n},"pm25":-1}`),
    }))
    for (const [at, sensor] of ['aq-1', 'aq-2'].entries()) {
      const topic = `city/v1/tay-ninh/air-quality/${sensor}/reading`
      const good = { topic, payload: Buffer.from(`{"ts":${start},"pm25":1}`), arrivedAt: start }
      const records = [good, ...wrong]
      await journal.append(records)
      writer.offer(decodeBlock({ offset: await journal.end(), records }, topics), records.length)
      await under(at + 1)
    }
    for (const { goOn } of held) goOn()
    await expect.poll(() => journal.committed('store'), { timeout: 20_000 }).toBe(1)
    keepAll()
    await expect.poll(() => journal.committed('store'), { timeout: 20_000 }).toBe(2)
  }, 60_000)

  it('reads a block again that was not handed on, and commits nothing beyond it before', async () => {
    await offer('aq-1', 1)
    await under(1)
    await append('aq-2', 2)
    writer.reread(await journal.end(), 1)
    expect(writer.isBehind).toBe(true)
    await append('aq-3', 3)
    writer.skip(await journal.end(), 1)
    held[0]?.goOn()
    await expect.poll(() => journal.committed('store')).toBe(1)
    // what comes next is the block that was not handed on, with the one behind it
    await under(2)
    expect(await journal.committed('store')).toBe(1)
    expect(held[1]?.readings.map(({ sensor }) => sensor)).toEqual(['aq-2', 'aq-3'])
    held[1]?.goOn()
    await expect.poll(() => journal.committed('store')).toBe(3)
    for (const [sensor, value] of [
      ['aq-1', 1],
      ['aq-2', 2],
      ['aq-3', 3],
    ] as const)
      expect(await store.history(pm25Of(sensor))).toEqual([{ ts: start, value }])
    await expect.poll(() => writer.isBehind).toBe(false)
  })

  it('lets no correction be overtaken by what it corrects, another try of that included; others go on', async () => {
    await offer('aq-1', 1)
    await under(1)
    // a batch of another sensor does not wait for it
    await offer('aq-2', 7)
    await under(2)
    held[1]?.goOn()
    await expect.poll(async () => (await store.history(pm25Of('aq-2'))).length).toBe(1)
    await offer('aq-1', 2)
    held[0]?.fail(new StoreUnavailableError('away'))
    await under(3)
    expect(held[2]?.readings).toMatchObject([{ sensor: 'aq-1', values: { pm25: 1 } }])
    held[2]?.goOn()
    await under(4)
    expect(await store.history(pm25Of('aq-1'))).toEqual([{ ts: start, value: 1 }])
    held[3]?.goOn()
    await expect.poll(() => store.history(pm25Of('aq-1'))).toEqual([{ ts: start, value: 2 }])
    await expect.poll(corrections).toBe(1)
  })
})
