import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Refusal } from '#ingest/decode/refusal.ts'
import { LiveFaults } from '#ingest/live/live-faults.ts'
import { ingestMetrics } from '#ingest/metrics.ts'
import { Quarantine } from '#ingest/quarantine/quarantine.ts'
import { quarantineLimits } from '#ingest/quarantine/quarantine-limits.ts'
import { QuarantineSize } from '#ingest/quarantine/quarantine-size.ts'
import { RefusalWriter } from '#ingest/quarantine/refusal-writer.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { notKeptCode, quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { silent as log } from '../journal/journal-parts.ts'

const arrivedAt = Date.UTC(2026, 10, 20)

describe('refusals', () => {
  let folder: string
  let real: TelemetryStore
  let store: TelemetryStore
  /** what comes before the next entries are appended, one by one; then nothing */
  let before: (() => Promise<void>)[]
  let appends: number
  const metrics = () => ingestMetrics(new Registry())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-writer-'))
    real = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log })
    before = []
    appends = 0
    store = new Proxy(real, {
      get(target, name) {
        if (name === 'appendEvents')
          return async (events: readonly StoredEvent[]) => {
            appends += 1
            await before.shift()?.()
            return target.appendEvents(events)
          }
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  })
  afterEach(async () => {
    await real.close()
    await rm(folder, { recursive: true })
  })

  const open = (maxTopicPerMinute = 1) => {
    const parts = { store, metrics: metrics() }
    const quarantine = new Quarantine({ ...parts, limits: { ...quarantineLimits, maxTopicPerMinute } })
    return new RefusalWriter(quarantine, { ...parts, log, signal: new AbortController().signal })
  }
  let sent = 0
  const some = (count: number): Refusal[] =>
    Array.from({ length: count }, () => ({
      faults: [{ path: 'pm25', code: 'INVALID', params: { said: 'too big' } }],
      ...{ code: 'VALUE', topic: 'city/v1/tay-ninh/air-quality/a/reading', arrivedAt },
      ...{ payload: Buffer.from(`{"ts":${arrivedAt + sent++},"pm25":99999}`), count: 1 },
    }))
  const counts = async () => {
    const events = await real.readEvents({ stream: 'quarantine', limit: 10_000 })
    const entries = events.map(({ body }) => quarantinedSchema.parse(body))
    const sum = (isNotKept: boolean) =>
      entries.filter(({ code }) => (code === notKeptCode) === isNotKept).reduce((all, { count }) => all + count, 0)
    return { kept: sum(false), told: sum(true) }
  }

  it('are told up to a selection, whatever was refused after it and is not told yet', async () => {
    const writer = open()
    let goOn = () => {}
    before = [() => new Promise((resolve) => (goOn = resolve))]
    const first = writer.write(some(3))
    await expect.poll(() => appends).toBe(1)
    const second = await writer.write(some(2))
    expect(writer.isOverflowReported(second)).toBe(false)
    goOn()
    expect(writer.isOverflowReported(await first)).toBe(true)
    expect([writer.isOverflowReported(second), writer.isOverflowReported()]).toEqual([false, false])
    await writer.reportOverflow({ isEnd: true })
    expect([writer.isOverflowReported(second), writer.isOverflowReported()]).toEqual([true, true])
    expect(await counts()).toEqual({ kept: 1, told: 4 })
  })

  it('that could not be kept are kept before any others, and only then told', async () => {
    const writer = open()
    before = [() => Promise.reject(new ConfigError('no more')), () => Promise.reject(new ConfigError('no more'))]
    await expect(writer.write(some(3))).rejects.toThrow('no more')
    expect(writer.isOverflowReported()).toBe(false)
    await expect(writer.reportOverflow()).rejects.toThrow('no more')
    expect(writer.isOverflowReported()).toBe(false)
    await writer.reportOverflow()
    expect(writer.isOverflowReported()).toBe(true)
    expect(await counts()).toEqual({ kept: 1, told: 2 })
  })

  it('of the live feed are told when nothing more is refused, and at the end', async () => {
    const parts = { store, metrics: metrics() }
    const quarantineSize = new QuarantineSize({ ...parts, log, bounds: quarantineLimits })
    const faults = new LiveFaults({ ...parts, log, quarantineSize, signal: new AbortController().signal })
    const refuse = (count: number) => {
      for (const refusal of some(count)) faults.reportRefusal(refusal)
    }
    refuse(61)
    await expect.poll(counts).toEqual({ kept: 60, told: 1 })
    refuse(10)
    await expect.poll(counts, { timeout: 30_000 }).toEqual({ kept: 60, told: 11 })
    refuse(5)
    await faults.close()
    expect(await counts()).toEqual({ kept: 60, told: 16 })
    await quarantineSize.close()
  }, 60_000)
})
