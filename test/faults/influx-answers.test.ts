import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ingestMetrics } from '#ingest/metrics.ts'
import { BlockWriter } from '#ingest/store-writer/block-writer.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Quarantined, quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { airReading } from '../api/api-parts.ts'
import { forUnreadable } from '../ingest/ingest-parts.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { type FaultyInflux, startFaultyInflux } from './faulty-influx.ts'

const log = pino({ level: 'silent' })
const start = Date.UTC(2026, 10, 20)
const html = { 'content-type': 'text/html' }
const json = { 'content-type': 'application/json' }
const noJson = { code: 'NOT_JSON', params: { said: 'no JSON' } } as const
const page = '<html><h1>Bad Request</h1></html>'
const conflict =
  'partial write: field type conflict: input field \\"pm25\\" on measurement \\"air-quality\\" is type float, already exists as type string dropped=1'

/** Whatever is answered to a write: an acknowledged reading ends in the store or in quarantine, once. */
describe.skipIf(!influxdInstalled() && !process.env.CI)('between ingest and a real influxd,', () => {
  let influxd: Influxd
  let influx: FaultyInflux
  let store: TelemetryStore
  let writer: BlockWriter
  let failing: boolean
  let databases = 0
  const aborter = new AbortController()
  beforeAll(async () => {
    influxd = await startInfluxd()
    influx = await startFaultyInflux(influxd.url)
  })
  afterAll(async () => {
    aborter.abort()
    await influx.close()
    await influxd.close()
  })
  beforeEach(async () => {
    influx.fault = { kind: 'none' }
    databases += 1
    store = await openInfluxdbStore({ url: influx.url, bucket: `answers-${databases}`, log })
    failing = false
    const reportWrites = (now: boolean) => {
      failing = now
    }
    const metrics = ingestMetrics(new Registry())
    writer = new BlockWriter({
      ...{ store, metrics, log, reportWrites, ...forUnreadable(metrics) },
      ...{ signal: aborter.signal, keptMs: Number.POSITIVE_INFINITY },
    })
  })
  afterEach(async () => {
    await store.close()
  })

  const write = (count = 20) => {
    const readings = Array.from({ length: count }, (_, i) => ({
      reading: airReading(`aq-${i}`, start + i, i),
      arrivedAt: start + i,
    }))
    return writer.write([{ offset: 1, readings, refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 }])
  }
  const stored = async () => (await store.latest()).map(({ sensor }) => sensor)
  const quarantined = async (): Promise<Quarantined[]> => {
    const events = await store.readEvents({ stream: 'quarantine', limit: 1_000 })
    return events.map(({ body }) => quarantinedSchema.parse(body))
  }
  /** Waits until so many more writes have met the fault. */
  const untilMet = (more: number) => {
    const before = influx.faults
    return expect.poll(() => influx.faults, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + more)
  }

  it.for([
    { what: 'a page with 400', status: 400, headers: html, body: page },
    {
      what: 'a page with 400, compressed',
      status: 400,
      headers: { ...html, 'content-encoding': 'gzip' },
      body: gzipSync(page),
    },
    { what: 'JSON of a proxy with 400', status: 400, headers: json, body: '{"error":"Bad Request"}' },
    { what: 'words of points from no InfluxDB', status: 400, headers: html, body: `<p>${conflict}</p>` },
    {
      what: 'a conflict told of everything, whatever it is',
      status: 422,
      headers: json,
      body: `{"code":"unprocessable entity","message":"${conflict}"}`,
    },
    { what: 'a parse fault told of everything', status: 400, headers: json, body: '{"error":"unable to parse"}' },
    { what: '401', status: 401, headers: json, body: '{"code":"unauthorized","message":"unauthorized access"}' },
    { what: '403', status: 403, headers: html, body: page },
    {
      what: '404 of a bucket',
      status: 404,
      headers: json,
      body: '{"code":"not found","message":"bucket \\"nhip\\" not found"}',
    },
    { what: '405', status: 405, headers: html, body: page },
    { what: '408', status: 408, headers: html, body: '' },
    { what: '411', status: 411, headers: html, body: page },
    { what: '413 of everything', status: 413, headers: html, body: page },
    { what: '415', status: 415, headers: json, body: '{}' },
    {
      what: '422 of something else',
      status: 422,
      headers: json,
      body: '{"code":"unprocessable entity","message":"no"}',
    },
    {
      what: '429',
      status: 429,
      headers: { ...json, 'retry-after': '0' },
      body: '{"code":"too many requests","message":"wait"}',
    },
    { what: 'a redirect', status: 302, headers: { location: '/elsewhere' }, body: '' },
    { what: 'an empty body', status: 400, headers: json, body: '' },
    { what: 'JSON cut short', status: 400, headers: json, body: '{"error":"partial write: field ty' },
    { what: 'well, but not as InfluxDB says it', status: 200, headers: html, body: page },
    { what: '502', status: 502, headers: html, body: page },
    { what: '503', status: 503, headers: html, body: page },
    { what: '504', status: 504, headers: html, body: page },
  ])('$what keeps everything back until it is over, and refuses nothing', async ({ status, headers, body }) => {
    influx.fault = { kind: 'answer', status, headers, body }
    let done = false
    const writing = write().then(() => {
      done = true
    })
    await untilMet(2)
    await expect.poll(() => failing, { timeout: 30_000 }).toBe(true)
    expect(done).toBe(false)
    influx.fault = { kind: 'none' }
    await writing
    expect(await stored()).toHaveLength(20)
    expect(await quarantined()).toEqual([])
    expect(failing).toBe(false)
  })

  it.for([
    { status: 400, body: `{"error":"${conflict}"}`, code: 'STORE' },
    {
      status: 422,
      body: `{"code":"unprocessable entity","message":"failure writing points to database: ${conflict}"}`,
      code: 'STORE',
    },
    {
      status: 500,
      body: `{"code":"internal error","message":"unexpected error writing points to database: ${conflict}"}`,
      code: 'STORE',
    },
    { status: 400, body: '{"error":"partial write: points beyond retention policy dropped=1"}', code: 'PAST' },
    {
      status: 422,
      body: '{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=1"}',
      code: 'PAST',
    },
  ])(
    'a reading that is refused with $status for what it holds goes to quarantine as $code, alone',
    async ({ status, body, code }) => {
      influx.fault = { kind: 'reject', text: 'sensor=aq-7 ', status, headers: json, body }
      await write()
      influx.fault = { kind: 'none' }
      expect(await stored()).toHaveLength(19)
      expect(await quarantined()).toMatchObject([{ code, topic: 'city/v1/tay-ninh/air-quality/aq-7/reading' }])
      // the same alone, without neighbours
      influx.fault = { kind: 'reject', text: 'sensor=aq-0 ', status, headers: json, body }
      await write(1)
      influx.fault = { kind: 'none' }
      expect((await quarantined()).map(({ topic }) => topic).toSorted()).toEqual([
        'city/v1/tay-ninh/air-quality/aq-0/reading',
        'city/v1/tay-ninh/air-quality/aq-7/reading',
      ])
    },
  )

  it('what is too large for somebody in between goes in smaller parts', async () => {
    influx.fault = { kind: 'small', lines: 3 }
    await write()
    expect(influx.faults).toBeGreaterThan(0)
    expect(await stored()).toHaveLength(20)
    expect(await quarantined()).toEqual([])
  })

  it('nothing goes on while the quarantine cannot be written either', async () => {
    const refusals = [
      { code: 'JSON', faults: [noJson], count: 1, topic: 'city/v1/x', payload: Buffer.from('{'), arrivedAt: start },
    ] as const
    let done = false
    influx.fault = { kind: 'reject', text: 'event_quarantine' }
    const writing = writer
      .write([{ offset: 1, readings: [], refusals: [...refusals], unknownValues: 0, nullValues: 0, droppedValues: 0 }])
      .then(() => {
        done = true
      })
    await untilMet(4)
    await expect.poll(() => failing, { timeout: 30_000 }).toBe(true)
    expect(done).toBe(false)
    influx.fault = { kind: 'none' }
    await writing
    expect(await quarantined()).toMatchObject([{ topic: 'city/v1/x' }])
  })

  it('an entry that the store refuses for its payload is kept without it', async () => {
    const refusal = { code: 'JSON', faults: [noJson], count: 1, topic: 'city/v1/x', arrivedAt: start } as const
    influx.fault = { kind: 'reject', text: 'spoilt' }
    const refusals = [
      { ...refusal, payload: Buffer.from('spoilt') },
      { ...refusal, payload: Buffer.from('well'), topic: 'city/v1/y' },
    ]
    await writer.write([{ offset: 1, readings: [], refusals, unknownValues: 0, nullValues: 0, droppedValues: 0 }])
    const found = (await quarantined()).map(({ topic, payload, payloadBytes }) => ({ topic, payload, payloadBytes }))
    expect(found).toHaveLength(2)
    expect(found).toEqual(
      expect.arrayContaining([
        { topic: 'city/v1/x', payload: '', payloadBytes: 6 },
        { topic: 'city/v1/y', payload: 'well', payloadBytes: 4 },
      ]),
    )
  })
})
