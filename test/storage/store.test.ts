import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { RunningStore } from '#storage/running-store.ts'
import { runningStoreMetrics } from '#storage/running-store-metrics.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Influx2Access, influx2OfEnvironment, newBucketName, removeBucket } from '../real/influx2.ts'
import { type Influx2Front, startInflux2Front } from '../real/influx2-front.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { type StoreUnderTest, storeContract } from './store-contract.ts'

const log = pino({ level: 'silent' })

/** Opens a store, and again after each reopening; `end` clears away what it lived in. */
async function under(open: () => Promise<TelemetryStore>, end: () => Promise<void>): Promise<StoreUnderTest> {
  let store = await open()
  return {
    store,
    async reopen() {
      await store.close()
      store = await open()
      return store
    },
    async close() {
      await store.close()
      await end()
    },
  }
}

// snapshots of the newest readings as often as there can be
storeContract('DuckDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-store-'))
  return under(
    () => openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log, snapshotEveryMs: 0 }),
    () => rm(folder, { recursive: true }),
  )
})

// what the wrapper adds has no part in it: a call that fails is not tried again
storeContract('DuckDB behind retries', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-store-'))
  return under(
    async () =>
      new RunningStore({
        store: await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log }),
        backoff: { firstMs: 1, longestMs: 10 },
        signal: AbortSignal.abort(),
        metrics: runningStoreMetrics(new Registry(), 'ingest'),
      }),
    () => rm(folder, { recursive: true }),
  )
})

describe.skipIf(!influxdInstalled() && !process.env.CI)('with a real influxd', () => {
  let influxd: Influxd
  let stores = 0
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(async () => {
    await influxd.close()
  })

  storeContract('InfluxDB', () => {
    stores += 1
    const bucket = `store-${stores}`
    return under(
      // with one writer alone hours need not stay dirty for longer
      () => openInfluxdbStore({ url: influxd.url, bucket, log, rollUps: { settleMs: 0 } }),
      async () => {}, // the database ends with its server
    )
  })
})

/** A bucket of its own for each test, made by the store, deleted afterwards. */
function underInflux2(access: Influx2Access): Promise<StoreUnderTest> {
  const bucket = newBucketName()
  return under(
    () => openInfluxdbStore({ ...access, bucket, log }),
    () => removeBucket(access, bucket),
  )
}

describe.skipIf(!influxdInstalled() && !process.env.CI)('with a real influxd behind the manners of 2.x', () => {
  let front: Influx2Front
  beforeAll(async () => {
    front = await startInflux2Front()
  })
  afterAll(async () => {
    await front.close()
  })
  storeContract('InfluxDB 2.x', () => underInflux2(front))
})

const named = influx2OfEnvironment()
if (named) storeContract(`InfluxDB 2.x of TEST_INFLUX2_URL`, () => underInflux2(named))
