import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ingestMetrics } from '#ingest/metrics.ts'
import { BlockWriter } from '#ingest/store-writer/block-writer.ts'
import { type InfluxdbStoreOptions, openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { forUnreadable } from '../ingest/ingest-parts.ts'
import { type Influx2Front, startInflux2Front } from '../real/influx2-front.ts'
import { influxdInstalled } from '../real/influxd.ts'
import { air, alert, counter, pm25Of, start } from './store-samples.ts'

const log = pino({ level: 'silent' })
const day = 86_400_000
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing went wrong',
    (error) => error,
  )

describe.skipIf(!influxdInstalled() && !process.env.CI)('the InfluxDB store on 2.x', () => {
  let front: Influx2Front
  const opened: TelemetryStore[] = []
  const open = async (options: Partial<InfluxdbStoreOptions> = {}) => {
    const { url, org, token } = front
    const store = await openInfluxdbStore({ url, org, token, bucket: 'nhip', log, ...options })
    opened.push(store)
    return store
  }
  /** A token for these buckets alone. */
  const tokenFor = (...buckets: string[]) => {
    const token = `only-${front.tokens.size}`
    front.tokens.set(token, { active: true, buckets })
    return token
  }
  const refused = (options: Partial<InfluxdbStoreOptions>) => faultOf(open(options))

  beforeAll(async () => {
    front = await startInflux2Front()
  })
  beforeEach(() => {
    front.buckets = []
    front.mappings = []
    front.conflictStatus = 422
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  afterAll(async () => {
    await front.close()
  })

  /** What is written is found again. */
  const expectWorks = async (store: TelemetryStore) => {
    await store.write([air('aq-1', start, 12.5), counter('tr-1', start, 3)])
    await store.appendEvents([alert('a-1', start)])
    expect(await store.latest()).toHaveLength(2)
    expect(await store.history(pm25Of('aq-1'))).toEqual([{ ts: start, value: 12.5 }])
    expect(await store.countEvents('alert')).toBe(1)
    await store.trim(start + 1)
    expect(await store.latest()).toEqual([])
  }

  it.for(['nhip', 'city/autogen', 'city/one/two', 'Thành phố Tây Ninh / số liệu', '城市 データ', 'a"b\'c\\d%&?#+'])(
    'makes and uses the bucket %s',
    async (bucket) => {
      await expectWorks(await open({ bucket }))
      expect(front.buckets.map(({ name }) => name)).toEqual([bucket])
      // and finds it again
      await expectWorks(await open({ bucket }))
      expect(front.buckets).toHaveLength(1)
    },
  )

  it('finds bucket and organisation by their ids too', async () => {
    const { id, orgID } = await front.makeBucket('a name')
    await expectWorks(await open({ bucket: id, org: orgID }))
    expect(front.buckets).toHaveLength(1)
  })

  it('takes the bucket of that name where another one has a mapping of that name', async () => {
    const [own, other] = [await front.makeBucket('nhip'), await front.makeBucket('old/autogen')]
    front.map('nhip', 'autogen', other)
    const store = await open()
    await expectWorks(store)
    // the mapping that leads elsewhere is left as it was; one of our own was made
    expect(front.mappings).toMatchObject([
      { database: 'nhip', bucketID: other.id },
      { database: `nhip-${own.id}`, bucketID: own.id },
    ])
    // a token that cannot see the other bucket is told nothing of that mapping, and finds the same
    await expectWorks(await open({ token: tokenFor(own.id) }))
    expect(front.mappings).toHaveLength(2)
  })

  it('uses a mapping that an upgrade made', async () => {
    const bucket = await front.makeBucket('city/autogen')
    front.map('city', 'autogen', bucket)
    await expectWorks(await open({ bucket: 'city/autogen' }))
    expect(front.mappings).toHaveLength(1)
  })

  it('works with a token for that bucket alone', async () => {
    const { id } = await front.makeBucket('nhip')
    await expectWorks(await open({ token: tokenFor(id) }))
  })

  it('names INFLUX_BUCKET when there is none and the token may not make it', async () => {
    const other = await front.makeBucket('other')
    expect(await refused({ token: tokenFor(other.id) })).toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/^INFLUX_BUCKET is "nhip": .* has no such bucket that INFLUX_TOKEN may read/),
    })
  })

  it('names INFLUX_ORG when there is no such organisation', async () => {
    for (const org of ['nowhere', '0123456789abcdef'])
      expect(await refused({ org })).toMatchObject({
        code: 'CONFIG',
        message: expect.stringMatching(new RegExp(`^INFLUX_ORG is "${org}": .* has no such organisation`)),
      })
  })

  it('names INFLUX_TOKEN when it is unknown or inactive', async () => {
    front.tokens.set('inactive', { active: false, buckets: 'all' })
    for (const token of ['unknown', 'inactive'])
      expect(await refused({ token })).toMatchObject({
        code: 'CONFIG',
        message: expect.stringMatching(/^INFLUX_TOKEN .*unauthorized access/),
      })
  })

  it('is not well while its token is inactive, and well again when it is active', async () => {
    const { id } = await front.makeBucket('nhip')
    const token = tokenFor(id)
    const store = await open({ token })
    await store.ping()
    const held = front.tokens.get(token)
    if (!held) throw new Error('no such token')
    held.active = false
    for (const asked of [store.ping(), store.write([air('aq-1', start, 1)]), store.latest()])
      expect(await faultOf(asked)).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('INFLUX_TOKEN'),
      })
    held.active = true
    await store.ping()
  })

  it('is not well while its bucket is gone, and makes no other by itself', async () => {
    const store = await open()
    front.buckets = []
    for (const asked of [store.ping(), store.write([air('aq-1', start, 1)]), store.latest()])
      expect(await faultOf(asked)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(front.buckets).toEqual([])
  })

  it('knows how long the bucket keeps readings', async () => {
    await front.makeBucket('short', 86_400)
    expect((await open({ bucket: 'short' })).keptMs()).toBe(day)
    expect((await open({ bucket: 'long' })).keptMs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('learns while it runs that the bucket keeps readings for longer, or for ever', async () => {
    const bucket = await front.makeBucket('short', 86_400)
    const store = await open({ bucket: 'short', keptAgainMs: 1 })
    const kept = async () => {
      await store.write([air('aq-1', Date.now(), 1)])
      return store.keptMs()
    }
    bucket.retentionRules = [{ type: 'expire', everySeconds: 30 * 86_400 }]
    await expect.poll(kept).toBe(30 * day)
    bucket.retentionRules = []
    await expect.poll(kept).toBe(Number.POSITIVE_INFINITY)
  })

  describe('brings what is in a block to where it belongs:', () => {
    const write = async (
      store: TelemetryStore,
      readings: ReturnType<typeof air>[],
      keptMs = Number.POSITIVE_INFINITY,
    ) => {
      const metrics = ingestMetrics(new Registry())
      const writer = new BlockWriter({
        ...{ store, metrics, log, keptMs, ...forUnreadable(metrics) },
        signal: new AbortController().signal,
      })
      const items = readings.map((reading) => ({ reading, arrivedAt: Date.now() }))
      await writer.write([
        { offset: 1, readings: items, refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 },
      ])
    }
    const quarantined = async (store: TelemetryStore) =>
      (await store.readEvents({ stream: 'quarantine', limit: 100 })).map(({ body }) => quarantinedSchema.parse(body))

    it('a reading older than the bucket keeps is PAST, the others are stored', async () => {
      await front.makeBucket('short', 86_400)
      const store = await open({ bucket: 'short' })
      const now = Date.now()
      await write(store, [air('aq-1', now, 1), air('aq-2', now - 2 * day, 2), air('aq-3', now - 1, 3)])
      expect((await store.latest()).map(({ sensor }) => sensor).toSorted()).toEqual(['aq-1', 'aq-3'])
      expect(await quarantined(store)).toMatchObject([
        {
          code: 'PAST',
          topic: 'city/v1/tay-ninh/air-quality/aq-2/reading',
          reason: expect.stringContaining('longer ago'),
        },
      ])
    })

    it.for([422, 500] as const)('a field type conflict told with %i is a rejection of that reading', async (status) => {
      front.conflictStatus = status
      const bucket = await front.makeBucket('nhip')
      const store = await open()
      const place = new URLSearchParams({ org: front.org, bucket: bucket.id, precision: 'ms' })
      const headers = { authorization: `Token ${front.token}` }
      const body = `air-quality,sensor=y pm25="a word" ${start}`
      await fetch(`${front.url}/api/v2/write?${place}`, { method: 'POST', headers, body })
      await write(store, [air('aq-1', start, 1), counter('tr-1', start, 2), counter('tr-2', start, 2)])
      expect((await store.latest()).map(({ sensor }) => sensor).toSorted()).toEqual(['tr-1', 'tr-2'])
      expect(await quarantined(store)).toMatchObject([
        { code: 'STORE', topic: 'city/v1/tay-ninh/air-quality/aq-1/reading' },
      ])
    })
  })
})
