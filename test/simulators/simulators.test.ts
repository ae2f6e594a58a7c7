import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadCity } from '#city/city.ts'
import { Device, type DeviceOptions } from '#simulators/device.ts'
import { placeSensors } from '#simulators/placement.ts'
import { startSimulators } from '#simulators/simulators.ts'

const log = pino({ level: 'silent' })
const deadline = { timeout: 20_000, interval: 20 }
const city = await loadCity()
const sensor = placeSensors(city, 10, 1)[0] ?? expect.fail('no sensor')
const quick = { ...sensor, meta: { ...sensor.meta, period: 0.1 } }
const topic = (channel: string) => `city/v1/${sensor.district}/${sensor.kind}/${sensor.id}/${channel}`

interface Message {
  topic: string
  payload: string
  retain: boolean
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A real broker that notes what is published; with `acknowledge: false` it never acknowledges a reading. */
async function startBroker({ port = 0, acknowledge = true } = {}) {
  const messages: Message[] = []
  const sockets = new Set<Socket>()
  const broker = await Aedes.createBroker({
    concurrency: 0,
    authorizePublish(_client, packet, callback) {
      messages.push({ topic: packet.topic, payload: packet.payload.toString(), retain: packet.retain })
      if (acknowledge || !packet.topic.endsWith('/reading')) callback(null)
    },
  })
  const server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  let closed: Promise<unknown> | undefined
  const stop = () => {
    const gone = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    return Promise.all([gone, new Promise<void>((resolve) => broker.close(() => resolve()))])
  }
  const close = () => {
    closed ??= stop()
    return closed
  }
  closers.push(close)
  const address = server.address() as AddressInfo // a TCP server that listens has one
  return {
    port: address.port,
    url: `mqtt://127.0.0.1:${address.port}`,
    messages,
    of: (channel: string) => messages.filter((message) => message.topic === topic(channel)),
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close,
  }
}

function startDevice(url: string, options: Partial<DeviceOptions> = {}) {
  const device = new Device({ sensor: quick, url, seed: 1, clock: Date.now, reconnectMs: 50, ...options })
  closers.push(() => device.close())
  return device
}

/** What a newcomer is told: the retained messages under a filter. */
async function retained(url: string, filter: string, count: number): Promise<Map<string, string>> {
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 })
  const told = new Map<string, string>()
  client.on('message', (name, payload, packet) => {
    if (packet.retain) told.set(name, payload.toString())
  })
  await client.subscribeAsync(filter, { qos: 1 })
  await vi.waitFor(() => expect(told.size).toBeGreaterThanOrEqual(count), deadline)
  await client.endAsync(true)
  return told
}

const seqs = (messages: Message[]): number[] => messages.map(({ payload }) => JSON.parse(payload).seq)

describe('a simulated device', () => {
  it('leaves its meta and its status with the broker for those who come later', async () => {
    const broker = await startBroker()
    const device = startDevice(broker.url)
    await vi.waitFor(() => expect(broker.of('reading').length).toBeGreaterThan(0), deadline)
    const told = await retained(broker.url, 'city/v1/#', 2)
    expect(JSON.parse(told.get(topic('meta')) ?? '')).toEqual(quick.meta)
    expect(told.get(topic('status'))).toBe('online')
    await device.close()
    expect((await retained(broker.url, topic('status'), 1)).get(topic('status'))).toBe('offline')
  })

  it('sends a reading each period, counted from 0', async () => {
    const broker = await startBroker()
    const device = startDevice(broker.url)
    await vi.waitFor(() => expect(broker.of('reading').length).toBeGreaterThanOrEqual(5), deadline)
    expect(seqs(broker.of('reading')).slice(0, 5)).toEqual([0, 1, 2, 3, 4])
    await vi.waitFor(() => expect(device.queued).toBe(0), deadline)
  })

  it('is offline by its last will when its connection is cut, and comes back by itself', async () => {
    const broker = await startBroker()
    startDevice(broker.url)
    const states = () => broker.of('status').map(({ payload }) => payload)
    await vi.waitFor(() => expect(states()).toEqual(['online']), deadline)
    broker.cut()
    await vi.waitFor(() => expect([...states()].sort()).toEqual(['offline', 'online', 'online']), deadline)
    expect(broker.of('status').every(({ retain }) => retain)).toBe(true)
  })

  it('sends again, in order, what was not acknowledged when the broker went away', async () => {
    const first = await startBroker({ acknowledge: false })
    const [sent, delivered]: [number[], number[]] = [[], []]
    const device = startDevice(first.url, { onSent: (ts) => sent.push(ts), onDelivered: (ts) => delivered.push(ts) })
    await vi.waitFor(() => expect(first.of('reading').length).toBeGreaterThanOrEqual(1), deadline)
    await first.close()
    expect(delivered).toEqual([])
    await vi.waitFor(() => expect(device.queued).toBeGreaterThanOrEqual(20), deadline)
    const second = await startBroker({ port: first.port })
    await vi.waitFor(() => expect(second.of('reading').length).toBeGreaterThanOrEqual(25), deadline)
    const got = seqs(second.of('reading'))
    expect(got).toEqual(got.map((_, index) => index))
    expect(device.dropped).toBe(0)
    await vi.waitFor(() => expect(delivered.length).toBeGreaterThanOrEqual(25), deadline)
    // what is sent again is told of once
    expect(new Set(sent).size).toBe(sent.length)
    expect(sent.slice(0, delivered.length)).toEqual(delivered)
  })

  it('loses the oldest readings, and counts them, when the broker stays away too long', async () => {
    const first = await startBroker()
    const device = startDevice(first.url, { queueLimit: 5 })
    await vi.waitFor(() => expect(first.of('reading').length).toBeGreaterThanOrEqual(1), deadline)
    await first.close()
    await vi.waitFor(() => expect(device.dropped).toBeGreaterThanOrEqual(3), deadline)
    expect(device.queued).toBe(5)
    const second = await startBroker({ port: first.port })
    await vi.waitFor(() => expect(second.of('reading').length).toBeGreaterThanOrEqual(6), deadline)
    const got = seqs(second.of('reading'))
    expect(got[0]).toBeGreaterThan(3)
    expect(got).toEqual(got.map((_, index) => (got[0] ?? 0) + index))
  })

  it('closes although the broker acknowledges nothing', async () => {
    const broker = await startBroker({ acknowledge: false })
    const device = startDevice(broker.url)
    await vi.waitFor(() => expect(device.queued).toBeGreaterThanOrEqual(3), deadline)
    await device.close()
    expect(broker.of('status').at(-1)?.payload).toBe('offline')
  })

  it('keeps trying when the broker refuses it or does not answer', async () => {
    let connections = 0
    const refusal = Buffer.from([0x20, 2, 0, 5])
    const server = createServer((socket) => {
      connections += 1
      socket.on('error', () => socket.destroy())
      socket.resume()
      if (connections % 2 === 0) socket.write(refusal)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address() as AddressInfo // a TCP server that listens has one
    const device = startDevice(`mqtt://127.0.0.1:${address.port}`, { connectTimeoutMs: 100 })
    await vi.waitFor(() => expect(connections).toBeGreaterThanOrEqual(4), deadline)
    expect(device.online).toBe(false)
  })

  it('closes while there is no broker at all', async () => {
    const broker = await startBroker()
    await broker.close()
    const errors: Error[] = []
    const device = startDevice(broker.url, { onError: (error) => errors.push(error) })
    await vi.waitFor(() => expect(errors.length).toBeGreaterThanOrEqual(2), deadline)
    await device.close()
    expect(device.online).toBe(false)
  })
})

describe('the simulated city', () => {
  it('connects every sensor, delivers its readings, and says goodbye for all of them', async () => {
    const broker = await startBroker()
    const registry = new Registry()
    const simulators = await startSimulators({ url: broker.url, count: 60, seed: 1, city, log, registry })
    closers.push(() => simulators.close())
    await vi.waitFor(() => {
      expect(simulators.stats()).toMatchObject({ sensors: 60, connected: 60, dropped: 0 })
      expect(simulators.stats().delivered).toBeGreaterThanOrEqual(60)
    }, deadline)
    expect(await registry.metrics()).toContain('nhip_simulators_connected 60')
    await simulators.close()
    const told = await retained(broker.url, 'city/v1/+/+/+/status', 60)
    expect(new Set(told.values())).toEqual(new Set(['offline']))
  })
})
