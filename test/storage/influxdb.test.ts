import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type InfluxdbStoreOptions, openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { eventLine } from '#storage/influxdb/line-protocol.ts'
import { measurements } from '#storage/influxdb/schema.ts'
import { openStore } from '#storage/open-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { ConfigError, StoreRejectedError, StoreUnavailableError, UnreachableError } from '#telemetry/errors.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import {
  type Answer,
  type AnsweringServer,
  startAnsweringServer,
  wellBucket,
  wellInflux,
} from '../support/answering-server.ts'
import { air, alert, counter, lamp, pm25Of, start } from './store-samples.ts'

const log = pino({ level: 'silent' })
const json = { 'content-type': 'application/json' }

/** The InfluxQL of a request to `/query`; empty for other requests. */
const queryIn = ({ body }: { body: string }) => new URLSearchParams(body).get('q') ?? ''

/** Answers as an InfluxDB that is well and has points of every measurement, however old. */
function influxWithOldPoints(): AnsweringServer['answer'] {
  const well = wellInflux()
  const body = '{"results":[{"series":[{"columns":["time","seq"],"values":[[0,1]]}],"statement_id":0}]}'
  return (request) =>
    /^SELECT .* WHERE time < \$before LIMIT 1$/.test(queryIn(request))
      ? { status: 200, headers: json, body }
      : well(request)
}

/** The error that a promise rejects with. */
async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing went wrong',
    (error) => error,
  )
}

describe.skipIf(!influxdInstalled() && !process.env.CI)('the InfluxDB store on a real influxd', () => {
  let influxd: Influxd
  let databases = 0
  const opened: TelemetryStore[] = []
  const open = async (bucket = `test-${++databases}`, options: Partial<InfluxdbStoreOptions> = {}) => {
    const store = await openInfluxdbStore({ url: influxd.url, bucket, log, ...options })
    opened.push(store)
    return store
  }
  /** Runs InfluxQL or writes lines beside the store. */
  const post = async (path: string, body: string | URLSearchParams) =>
    (await fetch(influxd.url + path, { method: 'POST', body })).text()

  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  afterAll(async () => {
    await influxd.close()
  })

  it('learns while it runs that its database keeps readings for longer, or for ever', async () => {
    const store = await open('kept', { keptAgainMs: 1 })
    const keptFor = async (duration: string) => {
      const q = `ALTER RETENTION POLICY "autogen" ON "kept" DURATION ${duration} SHARD DURATION 1h`
      await post('/query', new URLSearchParams({ q }))
      return async () => {
        await store.write([air('aq-1', Date.now(), 1)])
        return store.keptMs()
      }
    }
    await expect.poll(await keptFor('24h')).toBe(86_400_000)
    await expect.poll(await keptFor('720h')).toBe(30 * 86_400_000)
    await expect.poll(await keptFor('INF')).toBe(Number.POSITIVE_INFINITY)
  })

  it('makes its database when it is missing, at the opening and whenever it is dropped', async () => {
    const store = await open('made')
    const databases = () => post('/query', new URLSearchParams({ q: 'SHOW DATABASES' }))
    const drop = () => post('/query', new URLSearchParams({ q: 'DROP DATABASE "made"' }))
    expect(await databases()).toContain('"made"')
    await drop()
    expect(await store.latest()).toEqual([])
    expect(await databases()).toContain('"made"')
    await drop()
    await store.write([air('aq-1', start, 1)])
    expect(await store.count()).toBe(1)
  })

  it('is unavailable while the server is down, loses nothing to a kill, and works again when it is back', async () => {
    const store = await open()
    await store.write([air('aq-1', start, 1)])
    await store.appendEvents([alert('a-1', start)])
    const { port, dir } = influxd
    await influxd.stop('SIGKILL')
    for (const fault of [
      await faultOf(store.write([air('aq-1', start + 1, 2)])),
      await faultOf(store.latest()),
      await faultOf(store.ping()),
    ]) {
      expect(fault).toBeInstanceOf(StoreUnavailableError)
      expect(fault).toMatchObject({ message: expect.stringContaining(influxd.url) })
    }
    influxd = await startInfluxd({ port, dir })
    await store.ping()
    await store.write([air('aq-1', start + 1, 2)])
    expect((await store.history(pm25Of('aq-1'))).map(({ value }) => value)).toEqual([1, 2])
    expect(await store.countEvents('alert')).toBe(1)
  })

  it('finds alerts whose steps were written by a release that kept no facts of them, beside newer ones', async () => {
    const bucket = 'without-facts'
    const store = await open(bucket)
    const step = (id: string, revision: number) =>
      alert(`${id}-${revision}`, start + revision, {
        ...{ type: 'raised', at: start + revision, by: `person-${revision}` },
        alert: {
          ...{ id, revision, rule: 'pm25-high', name: { vi: 'Bụi', en: 'Dust' }, cause: 'threshold', priority: 2 },
          ...{ kind: 'air-quality', sensors: ['aq-1'], district: 'tay-ninh', group: 'x', unit: '' },
          ...{ raisedAt: start, occurrences: 1 },
        },
      })
    const old = [step('a', 1), step('b', 1), step('b', 2), alert('checkpoint-1', start, { type: 'checkpoint' })]
    const lines = old.map((event) => eventLine(event).replace(/,facts="(?:[^"\\]|\\.)*"/, ''))
    expect(lines.join()).not.toContain('facts')
    await post(`/write?db=${bucket}`, lines.join('\n'))
    // what a newer release found cannot be given, so it is not counted either
    const newer = eventLine(step('c', 1)).replaceAll('threshold', 'flood')
    expect(newer).toContain('facts')
    await post(`/write?db=${bucket}`, newer)
    await store.appendEvents([step('a', 2), alert('checkpoint-2', start + 3, { type: 'checkpoint' })])
    const search = { from: 0, to: start + 9, now: start + 9, open: [], limit: 10, offset: 0 }
    const found = await store.searchAlerts(search)
    expect(found.alerts.map(({ id, revision }) => `${id}-${revision}`)).toEqual(['a-2', 'b-2'])
    expect(found).toMatchObject({ total: 2, handlers: ['person-1', 'person-2'], complete: true })
    expect(await store.searchAlerts({ ...search, sensor: ['aq-2'] })).toMatchObject({ total: 0 })
  })

  it('rejects a reading whose value has another type in the database, in InfluxDB’s words', async () => {
    const store = await open('conflict')
    await post('/write?db=conflict&precision=ms', `air-quality,sensor=y pm25="a word" ${start}`)
    const fault = await faultOf(store.write([air('aq-1', start, 1), counter('tr-1', start, 1)]))
    expect(fault).toBeInstanceOf(StoreRejectedError)
    expect(fault).toMatchObject({ message: expect.stringMatching(/field type conflict.*"pm25"/) })
    // what the writer does next: it splits the batch until the bad reading is alone
    await store.write([counter('tr-1', start, 1)])
    expect(await store.count('traffic')).toBe(1)
  })

  it('leaves points of others out of the newest readings', async () => {
    const store = await open('foreign')
    await store.write([air('aq-1', start, 1)])
    await post(
      '/write?db=foreign',
      'air-quality,sensor=aq-2 pm25=4\nair-quality,district=tay-ninh,sensor=AQ\\ 3 pm25=4',
    )
    const readings: unknown[] = []
    for await (const page of store.readings({ kind: 'air-quality', from: 0, to: Date.now() + 1e9, limit: 9 }))
      readings.push(...page)
    expect([await store.latest(), readings]).toEqual([[air('aq-1', start, 1)], [air('aq-1', start, 1)]])
  })

  it('finds the newest of more sensors than one query asks for', async () => {
    const store = await open()
    await store.write(Array.from({ length: 450 }, (_, i) => lamp(`lamp-${i}`, i % 3 ? start : Date.now(), 'on')))
    const newest = await store.latest()
    expect(new Set(newest.map(({ sensor }) => sensor)).size).toBe(450)
  })

  it('takes nothing and answers nothing once it is closed', async () => {
    const store = await open()
    const writing = store.write([air('aq-1', start, 1)])
    await store.close()
    await writing
    expect(await faultOf(store.write([air('aq-1', start, 1)]))).toBeInstanceOf(StoreUnavailableError)
    expect(await faultOf(store.ping())).toBeInstanceOf(StoreUnavailableError)
  })
})

describe('the InfluxDB store', () => {
  let server: AnsweringServer
  const opened: TelemetryStore[] = []
  const well = wellInflux()
  const open = async (options: Partial<InfluxdbStoreOptions> = {}) => {
    const store = await openInfluxdbStore({ url: server.url, bucket: 'nhip', log, ...options })
    opened.push(store)
    return store
  }
  /** What a write comes to that is answered so. */
  const writeAnswered = async (answer: Answer, options: Partial<InfluxdbStoreOptions> = {}) => {
    const store = await open(options)
    server.answer = (request) => (request.path === '/query' ? well(request) : answer)
    return faultOf(store.write([air('aq-1', start, 1)]))
  }

  beforeEach(async () => {
    server = await startAnsweringServer(well)
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    await server.close()
  })

  describe('when it opens', () => {
    it('names INFLUX_URL and what it found in one line when nobody answers', async () => {
      await server.close()
      const fault = await faultOf(open())
      expect(fault).toBeInstanceOf(UnreachableError)
      expect(fault).toMatchObject({ message: expect.stringMatching(/^INFLUX_URL is "http:\/\/127.*ECONNREFUSED.*$/) })
      server = await startAnsweringServer(well)
    })

    it('names INFLUX_URL when something else answers', async () => {
      server.answer = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>\n\nhello</html>' })
      expect(await faultOf(open())).toBeInstanceOf(UnreachableError)
      server.answer = () => ({ status: 502, body: 'Bad\nGateway' })
      const fault = await faultOf(open())
      expect(fault).toBeInstanceOf(UnreachableError)
      expect(fault).toMatchObject({ message: expect.stringMatching(/^INFLUX_URL .*502 Bad Gateway$/) })
    })

    it('names the setting that is missing or cannot be, and asks nobody', async () => {
      const config = { STORE: 'influxdb', INFLUX_BUCKET: 'nhip', DATA_DIR: 'unused' } as const
      const withoutOrg = { ...config, INFLUX_URL: server.url, INFLUX_TOKEN: 'secret' }
      const faults = [await faultOf(openStore(config, log)), await faultOf(openStore(withoutOrg, log))]
      expect(faults).toMatchObject([
        { code: 'CONFIG', message: expect.stringMatching(/^INFLUX_URL is missing.*http/) },
        { code: 'CONFIG', message: expect.stringMatching(/^INFLUX_ORG is missing/) },
      ])
      expect(server.requests).toEqual([])
      const fault = await faultOf(open({ bucket: 'x"; DROP DATABASE "y' }))
      expect(fault).toMatchObject({ code: 'CONFIG', message: expect.stringMatching(/^INFLUX_BUCKET is /) })
      expect(server.requests.map(({ path }) => path)).toEqual(['/ping'])
    })

    it('names INFLUX_TOKEN when the token is refused', async () => {
      server.answer = (request) =>
        request.path === '/ping'
          ? { status: 204 }
          : { status: 401, headers: json, body: '{"code":"unauthorized","message":"unauthorized access"}' }
      for (const options of [{}, { token: 'wrong' }]) {
        const fault = await faultOf(open(options))
        expect(fault).toBeInstanceOf(ConfigError)
        expect(fault).toMatchObject({ message: expect.stringMatching(/^INFLUX_TOKEN .*unauthorized access/) })
        expect(fault).toMatchObject({ message: expect.not.stringContaining('wrong"') })
      }
    })
  })

  describe('when a write fails', () => {
    it('passes on how long a busy server asks to wait, in seconds or as a date', async () => {
      for (const status of [429, 503]) {
        const fault = await writeAnswered({ status, headers: { 'retry-after': '7' } })
        expect(fault).toBeInstanceOf(StoreUnavailableError)
        expect(fault).toMatchObject({ retryAfterMs: 7_000 })
        server.answer = well
      }
      const date = new Date(Date.now() + 45_000).toUTCString()
      const fault = await writeAnswered({ status: 503, headers: { 'retry-after': date } })
      if (!(fault instanceof StoreUnavailableError)) throw fault
      expect(fault.retryAfterMs).toBeGreaterThan(0)
      expect(fault.retryAfterMs).toBeLessThanOrEqual(45_000)
    })

    it('waits a minute at the most, whatever the server asks', async () => {
      for (const asked of ['3600', '99999999999999999999', new Date(Date.now() + 3_600_000).toUTCString()]) {
        const fault = await writeAnswered({ status: 429, headers: { 'retry-after': asked } })
        expect(fault).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfterMs: 60_000 })
        server.answer = well
      }
    })

    it('says nothing of waiting when the server does not', async () => {
      const faults = [
        await writeAnswered({
          status: 500,
          headers: json,
          body: '{"error":"engine: cache maximum memory size exceeded"}',
        }),
      ]
      server.answer = well
      faults.push(await writeAnswered({ status: 503, headers: { 'retry-after': 'soon' } }))
      for (const fault of faults) {
        expect(fault).toBeInstanceOf(StoreUnavailableError)
        expect(fault).toMatchObject({ retryAfterMs: undefined })
      }
      expect(faults[0]).toMatchObject({ message: expect.stringContaining('cache maximum memory size exceeded') })
    })

    it('takes nothing for written that is not answered as InfluxDB answers a write', async () => {
      const fault = await writeAnswered({ status: 200, headers: json, body: '{}' })
      expect(fault).toBeInstanceOf(StoreUnavailableError)
      expect(fault).toMatchObject({ message: expect.stringContaining('HTTP 200 where InfluxDB answers 204') })
    })

    it('keeps a token that was withdrawn, or a bucket that is gone, for another try', async () => {
      const options = { token: 'secret', org: 'city' }
      const token = await writeAnswered({ status: 403, headers: json, body: '{"message":"forbidden"}' }, options)
      expect(token).toBeInstanceOf(StoreUnavailableError)
      expect(token).toMatchObject({ message: expect.stringContaining('INFLUX_TOKEN') })
      server.answer = well
      const bucket = await writeAnswered(
        { status: 404, headers: json, body: '{"message":"bucket not found"}' },
        options,
      )
      expect(bucket).toBeInstanceOf(StoreUnavailableError)
      expect(bucket).toMatchObject({ message: expect.stringContaining('INFLUX_BUCKET') })
    })

    it('waits for a server that hangs only so long, and goes on when it answers again', async () => {
      const store = await open({ timeoutMs: 250 })
      server.answer = () => undefined
      // more at once than there are connections: those that hang must not keep theirs
      const tries = Array.from({ length: 20 }, (_, i) => faultOf(store.write([air('aq-1', start + i, 1)])))
      const faults = await Promise.all([...tries, faultOf(store.latest())])
      for (const fault of faults) {
        expect(fault).toBeInstanceOf(StoreUnavailableError)
        expect(fault).toMatchObject({ message: expect.stringContaining('timed out') })
      }
      server.answer = well
      await expect.poll(() => store.ping().then(() => 'well', String)).toBe('well')
    })

    it('sends a batch larger than one request may be in several', async () => {
      const store = await open()
      const body = 'x'.repeat(1_500_000)
      await store.appendEvents([1, 2, 3, 4].map((i) => alert(`a-${i}`, start + i, body)))
      const writes = server.requests.filter(({ path, body }) => path === '/write' && body.startsWith('event'))
      expect(writes.map((write) => write.body.split('\n').length)).toEqual([2, 2])
    })
  })

  describe('talks to 1.x', () => {
    it('by database, without a token', async () => {
      server.answer = influxWithOldPoints()
      const store = await open()
      await store.write([counter('tr-1', start, 12)])
      await store.trim(start)
      const [ping, create] = server.requests
      const write = server.requests.find(({ path, body }) => path === '/write' && body.startsWith('traffic'))
      const deletions = server.requests.filter((request) => queryIn(request).startsWith('DELETE'))
      expect(ping).toMatchObject({ method: 'GET', path: '/ping' })
      expect(new URLSearchParams(create?.body).get('q')).toBe('CREATE DATABASE "nhip"')
      expect(write).toMatchObject({ method: 'POST', path: '/write', query: { db: 'nhip', precision: 'ms' } })
      expect(write?.body).toBe(`traffic,district=tay-ninh,sensor=tr-1 seq=7i,intensity=12 ${start}`)
      expect(deletions).toHaveLength(measurements.length)
      expect(deletions.map(queryIn)).toContain('DELETE FROM "traffic" WHERE time < $before')
      for (const { headers } of server.requests) expect(headers.authorization).toBeUndefined()
    })
  })

  // no engine of 2.x is packaged for Debian: its documented requests are what can be held to
  describe('talks to 2.x', () => {
    const options = { token: 'secret', org: 'the city', bucket: 'nhip' }

    it('with the token on every request but never in a query', async () => {
      const store = await open(options)
      await store.write([air('aq-1', start, 1)])
      await store.ping()
      await store.latest()
      await store.trim(start)
      for (const { headers, query, body } of server.requests) {
        expect(headers.authorization).toBe('Token secret')
        expect(JSON.stringify([query, body])).not.toContain('secret')
      }
    })

    it('writes line protocol to /api/v2/write with org, bucket and precision', async () => {
      const store = await open({ ...options, rollUps: { clock: () => start + 86_400_000 } })
      await store.write([air('aq-1', start, 12.5)])
      await store.appendEvents([alert('a-1', start, 'body')])
      const [marks, readings, events] = server.requests.filter(
        ({ path, body }) => path === '/api/v2/write' && !body.startsWith('nhip_probe'),
      )
      const place = { org: 'the city', bucket: wellBucket }
      // what is late is marked before it is written
      expect(marks?.body).toMatch(
        new RegExp(`^dirty_hours_air-quality,sensor=aq-1 marked=\\d{16}i,cleared=0i ${start}$`),
      )
      expect(readings).toMatchObject({ method: 'POST', query: { ...place, precision: 'ms' } })
      expect(readings?.body).toBe(`air-quality,district=tay-ninh,sensor=aq-1 seq=-1i,pm25=12.5 ${start}`)
      expect(events).toMatchObject({ method: 'POST', query: { ...place, precision: 'ns' } })
      expect(events?.body).toMatch(/^event_alert,slot=[0-9a-f]{2} id="a-1",.*body="\\"body\\"" \d{19}$/)
    })

    it('asks /query with the database and policy that lead to the bucket, and values bound as parameters', async () => {
      const store = await open(options)
      const sensor = "aq-1' OR 1=1"
      await store.buckets({ ...pm25Of(sensor), from: start, to: start + 1, window: 60_000, fn: 'p95' })
      const asked = server.requests.at(-1)
      expect(asked).toMatchObject({
        method: 'POST',
        path: '/query',
        query: { db: 'nhip', rp: 'autogen', org: 'the city' },
      })
      expect(asked?.headers['content-type']).toBe('application/x-www-form-urlencoded')
      const form = new URLSearchParams(asked?.body)
      expect(form.get('epoch')).toBe('ms')
      expect(form.get('q')).not.toContain('aq-1')
      expect(JSON.parse(form.get('params') ?? '')).toEqual({
        sensor,
        from: '2026-11-20T00:00:00.000Z',
        to: '2026-11-20T00:00:00.001Z',
      })
    })

    it('deletes through /api/v2/delete, up to the last nanosecond before, in its own measurements only', async () => {
      server.answer = influxWithOldPoints()
      const store = await open(options)
      await store.trim(start)
      const deletions = server.requests.filter(({ path }) => path === '/api/v2/delete')
      expect(measurements).toEqual(expect.arrayContaining(['traffic', 'lighting', 'air-quality', 'event_alert']))
      expect(measurements).not.toContain('event_audit')
      expect(measurements).not.toContain('event_alert-rule')
      expect(deletions[0]).toMatchObject({ method: 'POST', query: { org: 'the city', bucket: wellBucket } })
      expect(deletions.map(({ body }) => JSON.parse(body))).toEqual(
        measurements.map((measurement) => ({
          start: '1970-01-01T00:00:00.000Z',
          stop: '2026-11-19T23:59:59.999999999Z',
          predicate: `_measurement="${measurement}"`,
        })),
      )
    })

    it('asks for no deletion where nothing is old enough', async () => {
      const store = await open(options)
      await store.trim(start)
      expect(server.requests.filter(({ path }) => path === '/api/v2/delete')).toEqual([])
    })

    it('makes no database', async () => {
      await open(options)
      expect(server.requests.map(({ body }) => body).join()).not.toContain('CREATE')
    })
  })
})
