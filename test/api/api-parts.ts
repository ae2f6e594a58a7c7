import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import mqtt, { type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { type Api, startApi } from '#api/api.ts'
import type { ApiOptions } from '#api/options.ts'
import type { WebOptions } from '#api/web-options.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import { liveTopic, sensorTopic } from '#telemetry/topics.ts'

export const adminToken = 'a-token-only-for-these-tests'

/** Waits until `probe` gives something other than undefined or false; fails after 20 s. */
export async function until<T>(what: string, probe: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false> // checked just here
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A real MQTT broker without authentication. */
export interface TestBroker {
  port: number
  close(): Promise<void>
}

export async function startTestBroker(port = 0): Promise<TestBroker> {
  const broker = await Aedes.createBroker()
  const server: Server = createServer((socket) => broker.handle(socket))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return {
    port: address.port,
    async close() {
      const ended = new Promise((resolve) => server.close(resolve))
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await ended
    },
  }
}

/** A real store in a folder of its own, and a switch that makes it fail. */
export interface TestStore {
  store: TelemetryStore
  /** where it lives */
  folder: string
  /** while true, every question and every write fails as if the store were away */
  down: boolean
  close(): Promise<void>
}

export async function openTestStore(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-api-'))
  const real = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log: pino({ level: 'silent' }) })
  const away = async () => {
    throw new StoreUnavailableError('the store at /secret/place is locked', { retryAfterMs: 3_000 })
  }
  async function* noPages() {
    yield await away()
  }
  const test: TestStore = {
    folder,
    down: false,
    store: new Proxy(real, {
      get(target, name: keyof TelemetryStore) {
        if (!test.down) return target[name].bind(target)
        return name === 'readings' || name === 'identities' ? noPages : away
      },
    }),
    async close() {
      await real.close()
      await rm(folder, { recursive: true })
    },
  }
  return test
}

/** An air-quality reading. */
export function airReading(sensor: string, ts: number, pm25: number, district = 'tay-ninh'): Reading {
  return { district, sensor, ts, kind: 'air-quality', values: { pm25 } }
}

/** How the tests' api meets browsers. */
export const web: WebOptions = {
  ...{ mapStyleUrl: undefined, mapOrigins: [], publicUrl: undefined, allowedHosts: [], trustProxy: undefined },
  requestsPerMinute: 100_000,
  timeZone: 'Asia/Ho_Chi_Minh',
}

/** Starts an api on a free port with quiet logs. */
export function startTestApi(
  parts: Pick<ApiOptions, 'store'> & { brokerPort: number } & Partial<ApiOptions>,
): Promise<Api> {
  const { brokerPort, ...rest } = parts
  return startApi({
    host: '127.0.0.1',
    port: 0,
    mqtt: { url: `mqtt://127.0.0.1:${brokerPort}`, username: 'api', password: 'unused' },
    districts: [],
    map: { type: 'FeatureCollection', features: [] },
    adminToken,
    web,
    registry: new Registry(),
    log: pino({ level: 'silent' }),
    ...rest,
  })
}

/** GETs a path of the api as the admin. */
export function get(api: Api, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(api.url + path, { redirect: 'manual', headers: { authorization: `Bearer ${adminToken}` }, ...init })
}

/** Waits until the api follows the broker. */
export function untilReady(api: Api): Promise<unknown> {
  return until('the api to be ready', async () => (await get(api, '/health/ready')).status === 200)
}

/** A client that publishes what devices and ingest would. */
export async function connectDevices(port: number): Promise<MqttClient> {
  return mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
}

/** Publishes a batch as ingest does. */
export async function publishLive(client: MqttClient, readings: readonly Reading[], arrivedAt: number): Promise<void> {
  const batch: LiveReading[] = readings.map((reading) => ({ reading, arrivedAt }))
  await client.publishAsync(liveTopic(readings[0]?.district ?? 'tay-ninh'), JSON.stringify(batch), { qos: 1 })
}

/** Topic of an air-quality sensor. */
export function airTopic(sensor: string, channel: 'meta' | 'status'): string {
  return sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel })
}
