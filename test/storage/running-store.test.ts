import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { PartFailedError, PartRejectedError, RunningStore } from '#storage/running-store.ts'
import { type RunningStoreMetrics, runningStoreMetrics } from '#storage/running-store-metrics.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { RetryFault } from '#telemetry/retry/retry.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { air, start } from './store-samples.ts'

const log = pino({ level: 'silent' })
const backoff = { firstMs: 1, longestMs: 20 }
const readings = (count: number) => Array.from({ length: count }, (_, at) => air('aq-1', start + at, at))

/** A store whose writes go to another function first. */
function withWrite(store: TelemetryStore, write: TelemetryStore['write']): TelemetryStore {
  return new Proxy(store, {
    get: (of, name) => (name === 'write' ? write : Reflect.get(of, name, of)?.bind(of)),
  })
}

describe('a running store', () => {
  let folder: string
  let duckdb: TelemetryStore
  let stopping: AbortController
  let faults: RetryFault[]
  let metrics: RunningStoreMetrics
  const running = (store: TelemetryStore, onSuccess = () => {}) =>
    new RunningStore({
      ...{ store, backoff, signal: stopping.signal, metrics, onSuccess },
      onFault: (fault) => faults.push(fault),
    })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-running-store-'))
    duckdb = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log })
    stopping = new AbortController()
    faults = []
    metrics = runningStoreMetrics(new Registry(), 'ingest')
  })
  afterEach(async () => {
    stopping.abort()
    await duckdb.close()
    await rm(folder, { recursive: true })
  })

  it('writes a batch in smaller parts after each failure, until all is stored', async () => {
    const sizes: number[] = []
    const slow = async (part: readonly Reading[]) => {
      sizes.push(part.length)
      if (part.length > 1_500) throw new StoreUnavailableError('too slow', { tooLarge: part.length > 3_000 })
      return duckdb.write(part)
    }
    let successes = 0
    await running(withWrite(duckdb, slow), () => successes++).write(readings(6_000))
    expect(await duckdb.count()).toBe(6_000)
    expect(sizes.slice(0, 4)).toEqual([6_000, 5_000, 2_500, 1_250])
    expect(faults.length).toBeGreaterThanOrEqual(3)
    expect(successes).toBeGreaterThanOrEqual(4)
  })

  it('tells of each part as soon as it is stored, also of those before it is stopped', async () => {
    const lengths: number[] = []
    const limited = async (part: readonly Reading[]) => {
      if (part.length > 2_000) throw new StoreUnavailableError('too slow')
      if (lengths.length === 2) {
        stopping.abort()
        throw new StoreUnavailableError('away')
      }
      return duckdb.write(part)
    }
    const writing = running(withWrite(duckdb, limited)).write(readings(8_000), ({ length }) => lengths.push(length))
    await expect(writing).rejects.toThrow('away')
    expect(lengths).toHaveLength(2)
    expect(await duckdb.count()).toBe((lengths[0] ?? 0) + (lengths[1] ?? 0))
  })

  it('tells which part of a batch is rejected, or fails: what is before it is stored', async () => {
    for (const error of [new StoreRejectedError('no', undefined, { past: true }), new TypeError('too deep')]) {
      let writes = 0
      const picky = async (part: readonly Reading[]) => {
        if (writes++ === 0) throw new StoreUnavailableError('not yet')
        if (part.some(({ ts }) => ts === start + 7_000)) throw error
        return duckdb.write(part)
      }
      const store = running(withWrite(duckdb, picky))
      const fault = await store.write(readings(10_000)).catch((reason: unknown) => reason)
      if (error instanceof StoreRejectedError) expect(fault).toMatchObject({ past: true, message: 'no' })
      else expect(fault).toMatchObject({ cause: error })
      if (!(fault instanceof PartRejectedError || fault instanceof PartFailedError)) throw fault
      expect(fault.part).toEqual({ from: 5_000, to: 10_000, corrected: 0 })
      expect(await duckdb.count()).toBe(5_000)
    }
  })

  it('counts the tries that are followed by another, and how many calls wait for one', async () => {
    const shown = async (of: { get(): Promise<{ values: { value: number }[] }> }) => (await of.get()).values[0]?.value
    let waiting: Promise<number | undefined> | undefined
    let tries = 0
    await running(duckdb).retry(async () => {
      tries += 1
      if (tries === 3) waiting = shown(metrics.waiting)
      if (tries < 3) throw new StoreUnavailableError('away')
    })
    expect(await waiting).toBe(1)
    expect(await shown(metrics.waiting)).toBe(0)
    expect(await shown(metrics.retries)).toBe(2)
  })

  it('tries nothing again that never passes, and nothing at all once it is stopped', async () => {
    const never = running(duckdb).retry(() => Promise.reject(new StoreUnavailableError('large', { tooLarge: true })))
    await expect(never).rejects.toThrow('large')
    stopping.abort()
    const late = running(duckdb).retry(() => Promise.reject(new StoreUnavailableError('away')))
    await expect(late).rejects.toThrow('away')
    expect(faults).toEqual([])
  })
})

describe.skipIf(!influxdInstalled() && !process.env.CI)('a running store over a real influxd', () => {
  it('waits while the server is away, and has everything once it is back', async () => {
    let influxd = await startInfluxd()
    const stopping = new AbortController()
    const metrics = runningStoreMetrics(new Registry(), 'ingest')
    try {
      const influx = await openInfluxdbStore({ url: influxd.url, bucket: 'running', log })
      let failed = () => {}
      const untilFault = new Promise<void>((resolve) => {
        failed = resolve
      })
      const store = new RunningStore({ store: influx, backoff, signal: stopping.signal, metrics, onFault: failed })
      await store.write(readings(3))
      await influxd.stop()
      const writing = store.write(readings(10))
      const appending = store.appendEvents([{ stream: 'alert', id: 'a', ts: start, body: { alert: { id: 'a' } } }])
      const counting = store.count()
      await untilFault
      influxd = await startInfluxd({ port: influxd.port, dir: influxd.dir })
      await Promise.all([writing, appending, counting])
      expect(await store.count()).toBe(10)
      expect(await store.countEvents('alert')).toBe(1)
      await store.close()
    } finally {
      stopping.abort()
      await influxd.close()
    }
  })
})
