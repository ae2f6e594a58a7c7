import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { alertsResponse } from '#telemetry/alert-rest.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import { freePort } from '../real/free-port.ts'
import { type Influxd, startInfluxd } from '../real/influxd.ts'
import { type NatsServer, startNatsServer } from '../real/nats-server.ts'
import { openMachineClock } from '../support/machine-clock.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'
import { type Burst, expectNothingLost, startBurst } from './burst.ts'

const log = pino({ level: 'silent' })
const hour = 3_600_000
const day = 24 * hour
const quiet = ['quiet-1', 'quiet-2', 'quiet-3']
const soon = { timeout: 30_000, interval: 200 }

/** What people see of a running platform. */
function viewOf(at: () => { url: string; adminToken: string }) {
  const get = async (path: string) => {
    const { url, adminToken } = at()
    return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } })
  }
  const read = async <T>(path: string, schema: z.ZodType<T>) => schema.parse(await (await get(path)).json())
  return {
    sensors: async () => (await read('/api/v1/sensors', sensorsResponse)).features.map(({ properties }) => properties),
    quarantine: async () => (await read('/api/v1/quarantine', quarantineResponse)).entries,
    alerts: async () => (await read('/api/v1/alerts', alertsResponse)).alerts,
    metric: async (name: string) => {
      const line = (await (await get('/metrics')).text()).split('\n').find((text) => text.startsWith(`${name} `))
      return Number(line?.slice(name.length) ?? Number.NaN)
    },
  }
}

/** Every honest sensor is fresh by its right time and its clock is right; nothing was refused. */
async function expectRightView(view: ReturnType<typeof viewOf>) {
  await expect
    .poll(async () => {
      const honest = (await view.sensors()).filter(({ id }) => id.startsWith('burst-'))
      const late = honest.filter(({ arrivedAt = 0 }) => Math.abs(Date.now() - arrivedAt) > 60_000)
      const wrong = honest.filter(({ clock }) => clock !== undefined)
      const old = honest.filter(({ reading }) => Math.abs(Date.now() - (reading?.ts ?? 0)) > 60_000)
      return { sensors: honest.length, late: late.length, wrong: wrong.length, old: old.length }
    }, soon)
    .toEqual({ sensors: 5, late: 0, wrong: 0, old: 0 })
  expect(await view.quarantine()).toEqual([])
  const blamed = async () => {
    const open = (await view.alerts()).filter(({ clearedAt }) => clearedAt === undefined)
    return open.flatMap(({ cause, sensors }) =>
      sensors.filter((id) => id.startsWith('burst-')).map((id) => `${cause} ${id}`),
    )
  }
  await expect.poll(blamed, soon).toEqual([])
}

/** These, which have said nothing since the start, have a reading and no wrong clock. */
async function expectUnblamed(view: ReturnType<typeof viewOf>, ids: readonly string[]) {
  await expect
    .poll(async () => {
      const sensors = (await view.sensors()).filter(({ id }) => ids.includes(id))
      return sensors.map(({ reading, clock }) => reading !== undefined && clock === undefined)
    }, soon)
    .toEqual(ids.map(() => true))
}

/** A sensor that takes local time for UTC is found, whatever our own clock says. */
async function expectFound(view: ReturnType<typeof viewOf>, client: MqttClient) {
  const payload = JSON.stringify({ ts: Date.now() + 7 * hour, powerState: 'on' })
  await client.publishAsync('city/v1/tay-ninh/lighting/local-time/reading', payload, { qos: 1 })
  await expect
    .poll(async () => {
      const sensor = (await view.sensors()).find(({ id }) => id === 'local-time')
      return Math.round((sensor?.clock?.offMs ?? 0) / hour)
    }, soon)
    .toBe(7)
}

describe.skipIf(!servicesInstalled())('a clock of our own that is wrong', { timeout: 400_000 }, () => {
  let folder: string
  const closers: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-own-clock-'))
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await rm(folder, { recursive: true, force: true })
  })
  const connect = async (port: number, password: string) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...{ username: 'admin', password, protocolVersion: 4, reconnectPeriod: 100 },
    })
    client.on('error', () => {}) // it goes on trying
    closers.push(() => client.endAsync(true))
    return client
  }

  it.for([
    { journal: 'local', store: 'duckdb' },
    { journal: 'nats', store: 'duckdb' },
    { journal: 'local', store: 'influxdb' },
    { journal: 'nats', store: 'influxdb' },
  ])('costs no reading and blames no sensor: journal $journal, store $store', async ({ journal, store }) => {
    let nats: NatsServer | undefined
    let influxd: Influxd | undefined
    if (journal === 'nats') nats = await startNatsServer()
    if (store === 'influxdb') influxd = await startInfluxd()
    closers.push(async () => Promise.all([nats?.close(), influxd?.close()]))
    const clock = await openMachineClock(folder)
    const data = join(folder, 'data')
    const env = {
      ...{ DATA_DIR: data, SENSORS: '0', JOURNAL: journal, STORE: store, ...clock.env },
      ...{ MQTT_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) },
      ...(nats && { NATS_URL: nats.url }),
      ...(influxd && { INFLUX_URL: influxd.url, INFLUX_BUCKET: 'nhip' }),
    }
    let platform: PlatformProcess = await startPlatform(env)
    closers.push(() => platform.stop('SIGKILL'))
    const view = viewOf(() => platform)
    const burst: Burst = await startBurst({
      ...{ port: platform.mqttPort, password: platform.adminToken, sensors: 5, perSecond: 10 },
    })
    closers.push(() => burst.stop())
    const client = await connect(platform.mqttPort, platform.adminToken)
    for (const id of quiet) {
      const payload = JSON.stringify({ ts: Date.now(), powerState: 'on' })
      await client.publishAsync(`city/v1/tay-ninh/lighting/${id}/reading`, payload, { qos: 1 })
    }
    await burst.more(50)
    await expectRightView(view)

    // a day back while it runs
    await clock.set(-day)
    await platform.says(/the clock of this machine jumped 8\d{4}\.\d s back/)
    await burst.more(50)
    await expectRightView(view)
    await expectFound(view, client)
    expect(await view.metric('nhip_clock_jumps_total{direction="back"}')).toBe(1)
    expect(await view.metric('nhip_clock_jump_seconds')).toBeCloseTo(-86_400, -1)
    expect(await view.metric('nhip_ingest_broker_clock_off_seconds')).toBeCloseTo(-86_400, -2)

    // started with it
    await platform.stop()
    platform = await startPlatform(env)
    await platform.says(/the clock of this machine is \d+ s behind the newest time in the journal/)
    await expectUnblamed(view, quiet)
    await burst.more(50)
    await expectRightView(view)

    // a year ahead, then right again
    await clock.set(366 * day)
    await platform.says(/the clock of this machine jumped \d+\.\d s ahead/)
    await burst.more(50)
    await expectRightView(view)
    await clock.set(0)
    await platform.says(/jumped 316\d{5}\.\d s back/)
    await burst.more(50)
    await expectRightView(view)
    await expectFound(view, client)

    // a start a day ahead, then right again
    await platform.stop()
    await clock.set(day)
    platform = await startPlatform(env)
    await burst.more(50)
    await clock.set(0)
    await platform.says(/jumped 8\d{4}\.\d s back/)
    await burst.more(50)
    await expectRightView(view)
    await expectFound(view, client)

    await burst.stop()
    expect(await platform.stop()).toBe(0)
    const open = influxd
      ? openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log })
      : openDuckdbStore({ path: join(data, 'nhip.duckdb'), log })
    const kept = await open
    try {
      await expectNothingLost(kept, burst)
    } finally {
      await kept.close()
    }
  })

  it('is told by the time of JetStream where the broker alone is wrong from its first start', async () => {
    const clock = await openMachineClock(folder)
    await clock.set(-day)
    const services: Services = await openServices()
    closers.push(() => services.close())
    await services.start('broker', { env: clock.env })
    for (const name of ['ingest', 'alerts', 'api'] as const) await services.start(name)
    const burst = await startBurst({
      port: services.mqttPort,
      password: services.adminToken,
      sensors: 5,
      perSecond: 20,
    })
    closers.push(() => burst.stop())
    const view = viewOf(() => services)
    await burst.more(50)
    await expectRightView(view)
    await expectFound(view, await connect(services.mqttPort, services.adminToken))
    await services.process('ingest').says(/the clock of the broker is about 8\d{4} s behind/)
    await burst.stop()
    const store = await openInfluxdbStore({ url: services.influxd.url, bucket: 'nhip', log })
    try {
      await expectNothingLost(store, burst)
    } finally {
      await store.close()
    }
  })
})
