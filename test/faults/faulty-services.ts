import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { liveBatchSchema } from '#telemetry/live.ts'
import { liveFilter } from '#telemetry/topics.ts'
import { startTcpLine, type TcpLine } from '../real/tcp-line.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'
import { type Burst, expectNothingLost, startBurst } from './burst.ts'
import { type FaultyInflux, startFaultyInflux } from './faulty-influx.ts'

/** Broker and ingest as processes, with NATS and InfluxDB behind what a test breaks, and a burst in the middle of which it breaks. */
export interface FaultyServices {
  services: Services
  /** between ingest and influxd */
  influx: FaultyInflux
  /** between broker, ingest and nats-server */
  natsLine: TcpLine
  /** between ingest and the proxy before influxd */
  influxLine: TcpLine
  store: TelemetryStore
  /** of this test */
  burst: Burst
  /** a folder of the tests' own */
  folder: string
  /** what broker and ingest are started with */
  detours(): { influxUrl: string; natsPort: number }
  startIngest(): Promise<void>
  /** Waits until the fault of {@link influx} was met so often more. */
  meetFaults(count: number): Promise<void>
  /** Lets the burst go on for a while and end; then all of it is found. */
  prove(): Promise<void>
  /** What screens are shown from now on: how many readings of each sensor. */
  watchScreens(): Promise<{ sensors: Map<string, number>; close(): Promise<void> }>
}

/** Describes what happens to a burst when something breaks: the services are started once, each test has a burst of its own. */
export function describeLosses(tests: (parts: FaultyServices) => void): void {
  const what = 'nothing acknowledged is lost, and nothing is stored twice, when'
  describe.skipIf(!servicesInstalled())(what, { timeout: 180_000 }, () => {
    const parts = {} as FaultyServices // filled before the first test
    beforeAll(async () => {
      parts.folder = await mkdtemp(join(tmpdir(), 'nhip-services-test-'))
      parts.services = await openServices()
      parts.influx = await startFaultyInflux(parts.services.influxd.url)
      parts.natsLine = await startTcpLine(parts.services.nats.port)
      parts.influxLine = await startTcpLine(Number(new URL(parts.influx.url).port))
      Object.assign(parts, actionsOn(parts))
      await parts.services.start('broker', { natsPort: parts.natsLine.port })
      await parts.startIngest()
      const log = pino({ level: 'silent' })
      parts.store = await openInfluxdbStore({ url: parts.services.influxd.url, bucket: 'nhip', log })
    })
    beforeEach(async () => {
      parts.burst = await startBurst({ port: parts.services.mqttPort, password: parts.services.adminToken })
      await parts.burst.more(500)
    })
    afterEach(async () => {
      parts.influx.fault = { kind: 'none' }
      parts.natsLine.heal()
      parts.influxLine.heal()
      await parts.burst.stop()
    })
    afterAll(async () => {
      await parts.store?.close()
      await parts.services?.close()
      await parts.natsLine?.close()
      await parts.influxLine?.close()
      await parts.influx?.close()
      await rm(parts.folder, { recursive: true })
    })
    tests(parts)
  })
}

function actionsOn(
  parts: FaultyServices,
): Pick<FaultyServices, 'detours' | 'startIngest' | 'meetFaults' | 'prove' | 'watchScreens'> {
  const { services, influx, natsLine, influxLine } = parts
  const detours = () => ({ influxUrl: `http://127.0.0.1:${influxLine.port}`, natsPort: natsLine.port })
  return {
    detours,
    startIngest: () => services.start('ingest', detours()),
    async meetFaults(count) {
      const before = influx.faults
      await expect.poll(() => influx.faults, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + count)
    },
    async prove() {
      await parts.burst.more(500)
      await parts.burst.stop()
      await expectNothingLost(parts.store, parts.burst)
    },
    async watchScreens() {
      const screen = await connectAsync(`mqtt://127.0.0.1:${services.mqttPort}`, {
        ...{ username: 'admin', password: services.adminToken, protocolVersion: 4 },
      })
      const sensors = new Map<string, number>()
      screen.on('message', (_topic, payload) => {
        for (const { reading } of liveBatchSchema.parse(JSON.parse(payload.toString())))
          sensors.set(reading.sensor, (sensors.get(reading.sensor) ?? 0) + 1)
      })
      await screen.subscribeAsync(liveFilter)
      return { sensors, close: () => screen.endAsync() }
    },
  }
}
