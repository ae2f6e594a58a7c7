import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { historyResponse } from '#telemetry/history-rest.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import { type Influx2Front, startInflux2Front } from '../real/influx2-front.ts'
import { influxdInstalled } from '../real/influxd.ts'
import { type PlatformProcess, startPlatform, startService } from '../support/platform-process.ts'
import { type FaultyInflux, startFaultyInflux } from './faulty-influx.ts'

const readiness = z.object({ ready: z.boolean(), store: z.string(), faults: z.array(z.string()) })
const soon = { timeout: 30_000 }

describe.skipIf(!influxdInstalled() && !process.env.CI)('the whole platform on InfluxDB 2.x', () => {
  let front: Influx2Front
  let influx: FaultyInflux
  let folder: string
  let platform: PlatformProcess | undefined
  beforeAll(async () => {
    front = await startInflux2Front()
    influx = await startFaultyInflux(front.url)
  })
  afterAll(async () => {
    await influx.close()
    await front.close()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-influx2-'))
    influx.fault = { kind: 'none' }
    front.buckets = []
    front.mappings = []
  })
  afterEach(async () => {
    await platform?.stop('SIGKILL')
    platform = undefined
    await rm(folder, { recursive: true, force: true })
  })

  const env = (more: Record<string, string> = {}) => ({
    ...{ DATA_DIR: join(folder, 'data'), SENSORS: '20', STORE: 'influxdb' },
    ...{ INFLUX_URL: influx.url, INFLUX_TOKEN: `${front.token}\n`, INFLUX_ORG: front.org, ...more },
  })
  const start = async (more: Record<string, string> = {}) => {
    platform = await startPlatform(env(more))
    return platform
  }
  const ready = async () => {
    const answer = await fetch(`${platform?.url}/health/ready`)
    return { status: answer.status, ...readiness.parse(await answer.json()) }
  }
  const get = async (path: string) => {
    const headers = { authorization: `Bearer ${platform?.adminToken}` }
    return (await fetch(`${platform?.url}${path}`, { headers })).json()
  }

  it('shows the history of what was written, where the name of the bucket leads elsewhere', async () => {
    front.map('nhip', 'autogen', await front.makeBucket('old/autogen'))
    await front.makeBucket('nhip')
    await start({ BACKFILL_DAYS: '1' })
    await expect.poll(ready, soon).toMatchObject({ status: 200, ready: true, store: 'up', faults: [] })
    const { features } = sensorsResponse.parse(await get('/api/v1/sensors'))
    const sensor = features.find(({ properties }) => properties.kind === 'air-quality')?.id
    const history = async () =>
      historyResponse.parse(
        await get(
          `/api/v1/sensors/${sensor}/history?value=pm25&from=${new Date(Date.now() - 20 * 3_600_000).toISOString()}`,
        ),
      ).points.length
    await expect.poll(history, soon).toBeGreaterThan(200)
  })

  it('starts with a bucket that keeps a day, says so in a line, and gives it the history that it keeps', async () => {
    await front.makeBucket('nhip', 86_400)
    const started = await start({ BACKFILL_DAYS: '7' })
    expect(started.output()).toMatch(
      /^INFLUX_BUCKET "nhip" keeps 1 day by its own retention, but RETENTION_DAYS is 730 and BACKFILL_DAYS is 7: .*PAST/m,
    )
    await expect.poll(ready, soon).toMatchObject({ status: 200, faults: [] })
  })

  it.for([401, 403, 404, 400])(
    'is not ready while writes are answered with %i, and ready again afterwards',
    async (status) => {
      await start()
      await expect.poll(ready, soon).toMatchObject({ status: 200 })
      influx.fault = { kind: 'answer', status, body: '<h1>no</h1>', headers: { 'content-type': 'text/html' } }
      await expect
        .poll(ready, soon)
        .toMatchObject({ status: 503, ready: false, store: 'down', faults: ['STORE_WRITE'] })
      influx.fault = { kind: 'none' }
      await expect.poll(ready, soon).toMatchObject({ status: 200, store: 'up', faults: [] })
    },
  )

  it('is not ready while its token is inactive, or its bucket is gone', async () => {
    await start()
    await expect.poll(ready, soon).toMatchObject({ status: 200 })
    const token = front.tokens.get(front.token)
    if (!token) throw new Error('no such token')
    token.active = false
    await expect.poll(ready, soon).toMatchObject({ status: 503, store: 'down' })
    token.active = true
    await expect.poll(ready, soon).toMatchObject({ status: 200 })
    front.buckets = []
    await expect.poll(ready, soon).toMatchObject({ status: 503, store: 'down' })
  })

  it.for([
    { more: { INFLUX_ORG: 'nowhere' }, says: /^nhip: INFLUX_ORG is "nowhere": .* no such organisation.*$/m },
    { more: { INFLUX_TOKEN: 'unknown' }, says: /^nhip: INFLUX_TOKEN is missing, wrong.*$/m },
  ])('names the setting that is wrong in one line: $says', async ({ more, says }) => {
    const service = startService(undefined, { ...env(more), HTTP_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0' })
    expect(await service.exited).toBe(1)
    expect(service.output()).toMatch(says)
  })
})
