import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { ledgerLine } from '#telemetry/ledger.ts'
import { liveBatchSchema } from '#telemetry/live.ts'
import { quarantinedSchema } from '#telemetry/rest.ts'
import { liveFilter } from '#telemetry/topics.ts'
import { startTcpLine, type TcpLine } from '../real/tcp-line.ts'
import { startService } from '../support/platform-process.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'
import { type Burst, expectNothingLost, startBurst } from './burst.ts'
import { type FaultyInflux, startFaultyInflux } from './faulty-influx.ts'
import { expectFlatMemory, memoryOf } from './memory.ts'

/** Broker and ingest as processes, with NATS and InfluxDB; what breaks, breaks in the middle of a burst. */
describe.skipIf(!servicesInstalled())(
  'nothing acknowledged is lost, and nothing is stored twice, when',
  { timeout: 180_000 },
  () => {
    let services: Services
    let influx: FaultyInflux
    let natsLine: TcpLine
    let influxLine: TcpLine
    let store: TelemetryStore
    let burst: Burst
    let folder: string

    const detours = () => ({ influxUrl: `http://127.0.0.1:${influxLine.port}`, natsPort: natsLine.port })
    const startIngest = () => services.start('ingest', detours())
    const open = () => openInfluxdbStore({ url: services.influxd.url, bucket: 'nhip', log: pino({ level: 'silent' }) })
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nhip-services-test-'))
      services = await openServices()
      influx = await startFaultyInflux(services.influxd.url)
      natsLine = await startTcpLine(services.nats.port)
      influxLine = await startTcpLine(Number(new URL(influx.url).port))
      await services.start('broker', { natsPort: natsLine.port })
      await startIngest()
      store = await open()
    })
    beforeEach(async () => {
      burst = await startBurst({ port: services.mqttPort, password: services.adminToken })
      await burst.more(500)
    })
    afterEach(async () => {
      influx.fault = { kind: 'none' }
      natsLine.heal()
      influxLine.heal()
      await burst.stop()
    })
    afterAll(async () => {
      await store?.close()
      await services?.close()
      await natsLine?.close()
      await influxLine?.close()
      await influx?.close()
      await rm(folder, { recursive: true })
    })
    /** The burst goes on for a while, ends, and all of it is found. */
    const prove = async () => {
      await burst.more(500)
      await burst.stop()
      await expectNothingLost(store, burst)
    }
    /** What screens are shown from now on: how many readings of each sensor. */
    const watchScreens = async () => {
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
    }
    const metFaults = async (count: number) => {
      const before = influx.faults
      await expect.poll(() => influx.faults, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + count)
    }

    it('ingest is killed and started again', async () => {
      // slower than what arrives: it has something in hand
      influx.fault = { kind: 'slow', linesPerSecond: 200 }
      await burst.more(1_000)
      await services.kill('ingest')
      influx.fault = { kind: 'none' }
      await burst.more(500)
      await startIngest()
      await prove()
    })

    it('one of two ingests is killed: the other one takes over what it had in hand, and shows what is new', async () => {
      const other = await services.startAnother('ingest', detours())
      // slower than what arrives: both have something in hand
      influx.fault = { kind: 'slow', linesPerSecond: 200 }
      await burst.more(2_000)
      await services.kill('ingest')
      influx.fault = { kind: 'none' }
      const shown = await watchScreens()
      await prove()
      expect(shown.sensors.size).toBe(20)
      await shown.close()
      await startIngest()
      await other.stop('SIGTERM')
    })

    it('the broker is killed and started again', async () => {
      await services.kill('broker')
      await services.start('broker', { natsPort: natsLine.port })
      await prove()
    })

    it('influxd is killed and started again', async () => {
      await services.restartInfluxd()
      await prove()
    })

    it('nats-server is killed and started again', async () => {
      await services.nats.stop('SIGKILL')
      await services.nats.start()
      await prove()
    })

    it('influxd is frozen until a write is given up', async () => {
      process.kill(services.influxd.pid, 'SIGSTOP')
      try {
        const before = influx.givenUp
        await expect.poll(() => influx.givenUp, { timeout: 60_000 }).toBeGreaterThan(before)
      } finally {
        process.kill(services.influxd.pid, 'SIGCONT')
      }
      await prove()
    })

    it.each([503, 500])('InfluxDB answers %i for a while', async (status) => {
      influx.fault = { kind: 'answer', status }
      await metFaults(2)
      influx.fault = { kind: 'none' }
      await prove()
    })

    it('InfluxDB answers 429 with Retry-After for a while: it is asked no sooner than it says', async () => {
      influx.fault = { kind: 'answer', status: 429, headers: { 'retry-after': '2' } }
      await metFaults(2)
      const [first = 0, second = 0] = influx.faultsAt.slice(-2)
      // the first tries without it come 0.1 s and 0.4 s apart at the most
      expect(second - first).toBeGreaterThan(1_900)
      influx.fault = { kind: 'none' }
      await prove()
    })

    it('InfluxDB is away: the live feed goes on as if nothing were, and the store catches up', async () => {
      const { sensors: shown, close } = await watchScreens()
      influx.fault = { kind: 'answer', status: 503 }
      await metFaults(2)
      // every sensor goes on appearing while nothing at all can be stored
      shown.clear()
      const stored = await store.count('lighting')
      await expect.poll(() => [...shown.values()].filter((times) => times >= 20).length, { timeout: 60_000 }).toBe(20)
      expect(await store.count('lighting')).toBe(stored)
      influx.fault = { kind: 'none' }
      await close()
      await prove()
    })

    it('InfluxDB cuts the connection half-way through a write', async () => {
      influx.fault = { kind: 'cut' }
      await metFaults(3)
      influx.fault = { kind: 'none' }
      await prove()
    })

    it('InfluxDB refuses one line for its content: that one goes to quarantine with its words', async () => {
      influx.fault = { kind: 'reject', text: 'sensor=refused' }
      const client = await connectAsync(`mqtt://127.0.0.1:${services.mqttPort}`, {
        ...{ username: 'admin', password: services.adminToken, protocolVersion: 4 },
      })
      const topic = 'city/v1/tay-ninh/lighting/refused/reading'
      const ts = Date.now()
      await client.publishAsync(topic, JSON.stringify({ ts, powerState: 'on' }), { qos: 1 })
      await client.endAsync()
      await prove()
      const entries = async () => {
        const events = await store.readEvents({ stream: 'quarantine', limit: 100 })
        return events.map(({ body }) => quarantinedSchema.parse(body))
      }
      const refused = { topic, code: 'STORE', reason: expect.stringContaining('a line of the test') }
      await expect.poll(entries, { timeout: 60_000 }).toMatchObject([refused])
      const ledger = join(folder, 'ledger.tsv')
      const acknowledged = ledgerLine({ event: 'acked', kind: 'lighting', sensor: 'refused', ts, at: Date.now() })
      await writeFile(ledger, `${acknowledged}\n`)
      const total = async () => (await checkLedgers({ ledgers: [ledger], store })).total
      expect(await total()).toMatchObject({ stored: 0, missing: 0, refused: 1 })
      // once what was wrong is mended, one command brings it to the store
      influx.fault = { kind: 'none' }
      await services.start('api')
      const replay = startService('quarantine replay --code STORE', {
        ...{ API_URL: services.url, ADMIN_TOKEN: services.adminToken },
        MQTT_URL: `mqtt://127.0.0.1:${services.mqttPort}`,
      })
      expect(await replay.exited).toBe(0)
      await expect.poll(total, { timeout: 60_000 }).toMatchObject({ stored: 1, missing: 0, refused: 0 })
      await services.kill('api')
    })

    it('the network between services and journal is cut and healed', async () => {
      const before = natsLine.refused
      natsLine.cut()
      await expect.poll(() => natsLine.refused, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + 4)
      natsLine.heal()
      await prove()
    })

    it('the network between ingest and the store is cut and healed', async () => {
      influxLine.cut()
      // acknowledged all the same: the journal has it
      await burst.more(500)
      influxLine.heal()
      await prove()
    })

    it('the network between sensors and broker is cut and healed', async () => {
      const line = await startTcpLine(services.mqttPort)
      const far = await startBurst({ port: line.port, password: services.adminToken, sensors: 5 })
      await far.more(100)
      for (let cut = 0; cut < 3; cut++) {
        line.cut()
        line.heal()
        await far.more(50)
      }
      await far.stop()
      await line.close()
      await expectNothingLost(store, far)
      await prove()
    })

    it.each([-1, 1])('the clocks of sensors are wrong by %i day', async (days) => {
      // a day ahead is the most that is taken: a minute less, for the time on the way
      const clockErrorMs = days * 86_400_000 - Math.sign(days) * 60_000
      const wrong = await startBurst({
        port: services.mqttPort,
        password: services.adminToken,
        sensors: 3,
        clockErrorMs,
      })
      await wrong.more(100)
      await wrong.stop()
      await expectNothingLost(store, wrong)
    })

    it('the clocks of sensors are more than a day ahead: what is refused is in quarantine, not missing', async () => {
      const wrong = await startBurst({
        ...{ port: services.mqttPort, password: services.adminToken },
        ...{ sensors: 3, clockErrorMs: 25 * 3_600_000 },
      })
      await wrong.more(100)
      await wrong.stop()
      const { acknowledged } = wrong
      const total = async () => (await checkLedgers({ ledgers: [wrong.ledger], store })).total
      await expect.poll(total, { timeout: 60_000 }).toMatchObject({ acknowledged, refused: acknowledged, missing: 0 })
      await wrong.forget()
    })

    it('the store takes a tenth of what arrives: memory stays flat, and it catches up', async () => {
      influx.fault = { kind: 'slow', linesPerSecond: 500 }
      const { mqttPort: port, adminToken: password } = services
      const flood = await startBurst({ port, password, sensors: 20, perSecond: 10, perMessage: 200 })
      const [broker, ingest] = [services.process('broker').process.pid, services.process('ingest').process.pid]
      await expectFlatMemory(flood, { broker, ingest })
      expect((await memoryOf(ingest)).peak).toBeLessThan(300)
      influx.fault = { kind: 'none' }
      await flood.stop()
      await expectNothingLost(store, flood)
      await prove()
    }, 300_000)
  },
)
