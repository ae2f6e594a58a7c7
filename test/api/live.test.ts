import { once } from 'node:events'
import { connect, createServer, type Socket as TcpSocket } from 'node:net'
import type { MqttClient } from 'mqtt'
import { Registry } from 'prom-client'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { TelemetryStore } from '#storage/store.ts'
import {
  type ClientEvents,
  type EventAnswer,
  healthSchema,
  type LiveNewest,
  readingsSchema,
  type ServerEvents,
  type Snapshot,
  type Status,
  type Subscription,
  snapshotSchema,
  statusSchema,
} from '#telemetry/live.ts'
import {
  adminToken,
  airReading,
  airTopic,
  connectDevices,
  get,
  openTestStore,
  publishLive,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  untilReady,
} from './api-parts.ts'

const now = Date.UTC(2026, 10, 20, 6)

/** A screen: everything it was sent, checked against the schemas. */
class Screen {
  readonly snapshots: Snapshot[] = []
  readonly readings: LiveNewest[] = []
  readonly statuses: Status[] = []
  readonly brokerSeen: boolean[] = []
  readonly socket: Socket<ServerEvents, ClientEvents>

  constructor(url: string, subscription: Subscription = {}) {
    this.socket = io(`${url}/live`, {
      auth: { token: adminToken },
      transports: ['websocket'],
      reconnectionDelay: 50,
      reconnectionDelayMax: 100,
    })
    this.socket.on('connect', () => this.socket.emit('subscribe', subscription))
    this.socket.on('snapshot', (snapshot) => this.snapshots.push(snapshotSchema.parse(snapshot)))
    this.socket.on('readings', (batch) => this.readings.push(...readingsSchema.parse(batch).readings))
    this.socket.on('status', (status) => this.statuses.push(statusSchema.parse(status)))
    this.socket.on('health', (health) => this.brokerSeen.push(healthSchema.parse(health).broker))
  }

  /** Newest value seen of a sensor. */
  pm25(sensor: string): unknown {
    const live = this.readings.findLast(({ reading }) => reading.sensor === sensor)
    return live?.reading.kind === 'air-quality' ? live.reading.values.pm25 : undefined
  }

  snapshot(): Promise<Snapshot> {
    return until('a snapshot', () => this.snapshots.at(-1))
  }
}

/** A TCP proxy that can stop reading from the server, as a screen on a bad line does. */
async function startSlowLine(port: number) {
  let upstream: TcpSocket | undefined
  const server = createServer((client) => {
    const toServer = connect(port, '127.0.0.1')
    upstream = toServer
    client.pipe(toServer)
    toServer.pipe(client)
    client.on('error', () => toServer.destroy())
    toServer.on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    stall: () => upstream?.pause(),
    resume: () => upstream?.resume(),
    close: () => server.close(),
  }
}

describe('the live feed', () => {
  let broker: TestBroker
  let api: Api
  let devices: MqttClient
  let test: TestStore
  let store: TelemetryStore
  let registry: Registry
  const screens: Screen[] = []
  const open = (url = api.url, subscription: Subscription = {}) => {
    const screen = new Screen(url, subscription)
    screens.push(screen)
    return screen
  }

  beforeEach(async () => {
    test = await openTestStore()
    store = test.store
    await store.write([airReading('aq-1', now, 10)])
    broker = await startTestBroker()
    registry = new Registry()
    api = await startTestApi({ store, brokerPort: broker.port, registry })
    await untilReady(api)
    devices = await connectDevices(broker.port)
  })
  afterEach(async () => {
    for (const screen of screens.splice(0)) screen.socket.disconnect()
    await devices.endAsync(true)
    await api.close()
    await broker.close()
    await test.close()
  })

  it('sends a snapshot first and then what is new', async () => {
    const screen = open()
    expect((await screen.snapshot()).sensors).toMatchObject([{ id: 'aq-1', reading: { values: { pm25: 10 } } }])
    await publishLive(devices, [airReading('aq-1', now + 1_000, 11), airReading('aq-2', now, 5)], now + 1_001)
    await until('the new readings', () => screen.pm25('aq-1') === 11 && screen.pm25('aq-2') === 5)
    expect(screen.snapshots).toHaveLength(1)
  })

  it('leaves out a reading that is older than the one known', async () => {
    const screen = open()
    await screen.snapshot()
    await publishLive(devices, [airReading('aq-1', now - 60_000, 99)], now)
    await publishLive(devices, [airReading('aq-2', now, 5)], now)
    await until('the reading behind it', () => screen.pm25('aq-2') === 5)
    expect(screen.pm25('aq-1')).toBeUndefined()
  })

  it('holds the newest of every value: messages of one time are united, a correction counts, each has its own time', async () => {
    const screen = open()
    await screen.snapshot()
    const given = (ts: number, values: Record<string, number>) =>
      ({ ...airReading('aq-3', ts, 0), values }) as ReturnType<typeof airReading>
    const split = [given(now, { pm25: 180 }), given(now, { temperature: 31 }), given(now, { pm10: 90 })]
    await publishLive(devices, split, now)
    await publishLive(devices, [given(now, { pm10: 95 })], now + 1)
    await publishLive(devices, [given(now + 60_000, { temperature: 32 })], now + 60_000)
    const found = await until('all of it', () =>
      screen.readings.findLast(({ reading: { sensor, ts } }) => sensor === 'aq-3' && ts === now + 60_000),
    )
    expect(found.reading.values).toEqual({ pm25: 180, pm10: 95, temperature: 32 })
    expect(found.valueTimes).toMatchObject({ pm25: { ts: now }, pm10: { ts: now } })
    const answer = (await (await get(api, '/api/v1/readings/latest')).json()) as { readings: unknown[] }
    expect(answer.readings).toContainEqual(
      expect.objectContaining({ sensor: 'aq-3', values: found.reading.values, valueTimes: found.valueTimes }),
    )
  })

  it('shows nothing of a clock that is ahead but that it is, also after a restart, until the first right reading', async () => {
    const ahead = 7 * 3_600_000
    const at = Date.now()
    const screen = open()
    await screen.snapshot()
    const wrong = { ...airReading('aq-4', at + ahead, 300), aheadMs: ahead }
    await publishLive(devices, [wrong], at)
    await until('the wrong clock', () => screen.statuses.findLast(({ id }) => id === 'aq-4')?.clock?.offMs === ahead)
    expect(screen.pm25('aq-4')).toBeUndefined()
    await store.write([wrong])
    const { port } = api
    await api.close()
    api = await startTestApi({ store, brokerPort: broker.port, port, clock: Date.now })
    await untilReady(api)
    const again = open(api.url, { sensors: ['aq-4'] })
    const [known] = (await again.snapshot()).sensors
    expect(known).toMatchObject({ clock: { offMs: ahead, at } })
    expect(known?.reading).toBeUndefined()
    await publishLive(devices, [airReading('aq-4', at + 1_000, 20)], at + 1_000)
    await until('the right reading', () => again.pm25('aq-4') === 20)
    await until('the clock to be right', () => again.statuses.at(-1)?.id === 'aq-4' && !again.statuses.at(-1)?.clock)
  })

  it('narrows by district, kind and sensor', async () => {
    const screen = open(api.url, { districts: ['hoa-thanh'], kinds: ['air-quality'], sensors: ['aq-7', 'aq-1'] })
    expect((await screen.snapshot()).sensors).toEqual([])
    const there = ['aq-6', 'aq-7'].map((sensor) => airReading(sensor, now, 3, 'hoa-thanh'))
    await publishLive(devices, [airReading('aq-1', now + 1, 4)], now)
    await publishLive(devices, there, now)
    await until('the reading asked for', () => screen.pm25('aq-7') === 3)
    expect(screen.readings.map(({ reading }) => reading.sensor)).toEqual(['aq-7'])
  })

  it('tells what a sensor says of itself, once per change', async () => {
    const screen = open()
    await screen.snapshot()
    for (const word of ['online', 'online', 'offline'])
      await devices.publishAsync(airTopic('aq-1', 'status'), word, { qos: 1, retain: true })
    await until('offline', () => screen.statuses.at(-1)?.connection === 'offline')
    const before = screen.statuses.length
    expect(before).toBeLessThanOrEqual(2)
    const meta = { name: { vi: 'A', en: 'A' }, position: [106.1, 11.3], period: 60 }
    await devices.publishAsync(airTopic('aq-1', 'meta'), JSON.stringify(meta), { qos: 1, retain: true })
    await until('its meta', () => screen.statuses.at(-1)?.meta?.period === 60)
    expect(screen.statuses.at(-1)?.connection).toBe('offline')
  })

  it('closes the hole of a restart with a fresh snapshot', async () => {
    await devices.publishAsync(airTopic('aq-1', 'status'), 'online', { qos: 1, retain: true })
    const screen = open()
    await screen.snapshot()
    const { port } = api
    await api.close()
    await store.write([airReading('aq-1', now + 5_000, 42)])
    api = await startTestApi({ store, brokerPort: broker.port, port })
    await until('a second snapshot', () => screen.snapshots.length > 1)
    expect((await screen.snapshot()).sensors).toMatchObject([{ id: 'aq-1', reading: { values: { pm25: 42 } } }])
    const known = () => [...screen.statuses, ...(screen.snapshots.at(-1)?.sensors ?? [])]
    await until('the retained status', () => known().some(({ connection }) => connection === 'online'))
  })

  it('keeps only the newest reading per sensor for a client that cannot keep up', async () => {
    const line = await startSlowLine(api.port)
    const slow = open(line.url)
    const quick = open()
    await slow.snapshot()
    await quick.snapshot()
    line.stall()
    const sensors = Array.from({ length: 2_000 }, (_, i) => `aq-${i}`)
    const overwritten = async () => {
      const metric = await registry.getSingleMetric('nhip_api_readings_overwritten_total')?.get()
      return metric?.values[0]?.value ?? 0
    }
    let round = 0
    // what the kernel buffers differs from machine to machine: until far more was let go than one round holds
    while ((await overwritten()) < sensors.length * 3) {
      round += 1
      const value = round
      await publishLive(
        devices,
        sensors.map((sensor) => airReading(sensor, now + value * 1_000, value)),
        now,
      )
      await until('the quick client to have it', () => quick.pm25('aq-1999') === value)
      if (round > 300) throw new Error('nothing was ever held back')
    }
    line.resume()
    await until('the newest at the slow client', () => sensors.every((sensor) => slow.pm25(sensor) === round))
    expect(slow.readings.length).toBeLessThan(quick.readings.length)
    line.close()
  }, 120_000)

  it('answers a wrong subscription with what is wrong', async () => {
    const screen = open()
    await screen.snapshot()
    const ask = (subscription: unknown): Promise<EventAnswer> =>
      screen.socket.emitWithAck('subscribe', subscription as Subscription) // on purpose not one
    expect(await ask({ kinds: ['weather'] })).toMatchObject({ ok: false })
    expect(await ask({ kinds: ['traffic'] })).toEqual({ ok: true })
  })

  it('refuses who has neither token nor session, and pages of another origin', async () => {
    const refused = async (options: Parameters<typeof io>[1], namespace = '/live') => {
      const socket = io(api.url + namespace, {
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        ...options,
      })
      const why = await new Promise<string>((resolve) => {
        socket.on('connect', () => resolve('let in'))
        socket.on('connect_error', (error) => resolve(error.message))
      })
      socket.disconnect()
      return why
    }
    expect(await refused({})).toBe('not signed in')
    expect(await refused({ auth: { token: 'wrong' } })).toBe('not signed in')
    expect(await refused({ auth: { token: adminToken } }, '')).not.toBe('let in')
    const signedIn = await get(api, `/?token=${adminToken}`, { headers: {} })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await refused({ extraHeaders: { cookie } })).toBe('let in')
    expect(await refused({ extraHeaders: { cookie, origin: 'http://elsewhere.example' } })).not.toBe('let in')
  })

  it('says why a connection is refused as a code and faults too', async () => {
    const socket = io(`${api.url}/live`, { transports: ['websocket'], reconnection: false, forceNew: true })
    const error = await new Promise<Error & { data?: unknown }>((resolve) => socket.on('connect_error', resolve))
    socket.disconnect()
    expect(error.data).toEqual({ code: 'UNAUTHENTICATED', faults: [{ code: 'NOT_SIGNED_IN', params: {} }] })
  })

  it('lets the one-time token of the first admin in once, and records it in the audit log', async () => {
    const own = await startTestApi({ store: test.store, brokerPort: broker.port, loginToken: 'once-only' })
    const come = async () => {
      const socket = io(`${own.url}/live`, {
        ...{ auth: { token: 'once-only' }, transports: ['websocket'], forceNew: true, reconnection: false },
      })
      const how = await new Promise<string>((resolve) => {
        socket.once('connect', () => resolve('let in'))
        socket.once('connect_error', (error) => resolve(error.message))
      })
      return { socket, how }
    }
    const { socket, how } = await come()
    expect(how).toBe('let in')
    expect(await socket.emitWithAck('subscribe', {})).toEqual({ ok: true })
    expect((await come()).how).toBe('not signed in')
    const page = await get(own, '/?token=once-only', { headers: {} })
    expect(page.headers.get('set-cookie')).toBeNull()
    const auditLog = async () => (await test.store.readEvents({ stream: 'audit', limit: 10 })).map(({ body }) => body)
    await expect.poll(auditLog).toContainEqual(
      expect.objectContaining({
        who: 'admin',
        what: 'session.begin',
        from: '127.0.0.1',
        detail: { way: 'live feed' },
      }),
    )
    socket.disconnect()
    await own.close()
  })

  it('tells screens that the broker is gone, and takes up retained words again when it is back', async () => {
    const screen = open()
    await screen.snapshot()
    await until('health', () => screen.brokerSeen.at(-1) === true)
    const { port } = broker
    await devices.endAsync(true)
    await broker.close()
    await until('broker down', () => screen.brokerSeen.at(-1) === false)
    broker = await startTestBroker(port)
    devices = await connectDevices(port)
    await devices.publishAsync(airTopic('aq-1', 'status'), 'offline', { qos: 1, retain: true })
    await until('the retained word', () => screen.statuses.at(-1)?.connection === 'offline')
    expect(screen.brokerSeen).toContain(false)
  })

  it('gives everybody the store’s readings when the store answers late', async () => {
    const late = await openTestStore()
    await late.store.write([airReading('aq-5', now, 7)])
    late.down = true
    const other = await startTestApi({ store: late.store, brokerPort: broker.port })
    const screen = open(other.url)
    expect((await screen.snapshot()).sensors).toEqual([])
    const early = await get(other, '/api/v1/sensors/aq-5/history?value=pm25')
    expect(early.status).toBe(503)
    late.down = false
    await until('the sensor', () => screen.snapshots.at(-1)?.sensors.some(({ id }) => id === 'aq-5') ?? false)
    await other.close()
    await late.close()
  })
})
