import { readFile } from 'node:fs/promises'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import mqtt from 'mqtt'
import { generate } from 'mqtt-packet'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { watchTls } from '#start/tls.ts'
import { until } from '../journal/journal-parts.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { connectPacket, RawClient, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let authority: Authority
let ca: Buffer
let source: Awaited<ReturnType<typeof watchTls>>
beforeAll(async () => {
  authority = await makeAuthority()
  ca = await readFile(authority.ca)
  const { cert, key } = await authority.issue('localhost')
  source = await watchTls({ TLS_CERT: cert, TLS_KEY: key }, pino({ level: 'silent' }))
})
afterAll(async () => {
  await source?.close()
  await authority.close()
})

let broker: TestBroker
const sockets = new Set<{ destroy(): unknown }>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  await broker.close()
})
async function start(limits: Partial<BrokerLimits>): Promise<void> {
  if (!source) throw new Error('no TLS')
  broker = await startTestBroker(limits, { tls: { source, host: '127.0.0.1', mqttPort: 0, wsPort: 0 } })
}
const refused = (what: string) => broker.metric('nhip_broker_refused_total', { what })
const connections = () => broker.metric('nhip_broker_connections')

type Way = 'mqtt' | 'ws' | 'mqtts' | 'wss'
const ways: Way[] = ['mqtt', 'ws', 'mqtts', 'wss']
const portOf = (way: Way) => {
  const { tls = { mqttPort: 0, wsPort: 0 } } = broker
  return { mqtt: broker.mqttPort, ws: broker.wsPort, mqtts: tls.mqttPort, wss: tls.wsPort }[way]
}
/** A connection that opens and says nothing. */
const open = (way: Way, localAddress = '127.0.0.1'): Socket => {
  const socket = createConnection({ port: portOf(way), host: '127.0.0.1', localAddress })
  socket.on('error', () => {}).resume() // a reset is a way of closing
  sockets.add(socket)
  return socket
}
/** Opens so many, some at a time. */
async function flood(count: number, way: Way, localAddress?: string): Promise<Socket[]> {
  const all: Socket[] = []
  while (all.length < count) {
    const some = Array.from({ length: Math.min(200, count - all.length) }, () => open(way, localAddress))
    all.push(...some)
    await until('them to be open', () => some.every((socket) => !socket.connecting))
  }
  return all
}
/** An honest client, which does what they all do: a handshake, a CONNECT, a ping. */
async function enter(way: Way): Promise<void> {
  const client = await mqtt.connectAsync(`${way}://localhost:${portOf(way)}`, {
    ...{ username: 'admin', password: testPassword, protocolVersion: 4, reconnectPeriod: 0 },
    ...{ ca, family: 4 },
  })
  sockets.add({ destroy: () => client.end(true) })
  await client.publishAsync('test/here', 'x', { qos: 1 })
}

describe.each(ways)('silent connections over %s', (way) => {
  it('from one address leave honest devices of the same address a place, over every way', async () => {
    await start({ MAX_CONNECTIONS_PER_ADDRESS: 50, MAX_CONNECTIONS: 1_000 })
    const silent = await flood(60, way)
    for (const each of ways) await enter(each)
    await until('the oldest to be ended', () => silent.slice(0, 10).every((socket) => socket.destroyed))
    expect(silent.slice(20).filter((socket) => socket.destroyed)).toEqual([])
    expect(await refused('displaced')).toBe(14)
    expect(await refused('address')).toBe(0)
    expect(broker.log).toContain('the oldest one without a CONNECT made room')
  })

  it('from some addresses leave others a place: the one with most gives it', async () => {
    await start({ MAX_CONNECTIONS_PER_ADDRESS: 40, MAX_CONNECTIONS: 60 })
    const few = await flood(20, way, '127.0.0.2')
    const many = await flood(40, way, '127.0.0.3')
    for (const each of ways) await enter(each)
    await until('four to be ended', () => many.filter((socket) => socket.destroyed).length === 4)
    expect(few.filter((socket) => socket.destroyed)).toEqual([])
    expect(await connections()).toBe(60)
  })

  it('are ended in CONNECT_TIMEOUT_S, counted once each, and logged with their address', async () => {
    await start({ CONNECT_TIMEOUT_S: 1 })
    const began = performance.now()
    const silent = await flood(20, way, '127.0.0.4')
    await until('their end', () => silent.every((socket) => socket.destroyed))
    expect(performance.now() - began).toBeGreaterThan(990)
    await until('no connection', async () => (await connections()) === 0)
    expect(await refused('connect-timeout')).toBe(20)
    expect(await refused('tls')).toBe(0)
    expect(broker.log).toMatch(/127\.0\.0\.4.*no whole CONNECT in time/)
  })
})

describe('the time until a CONNECT', () => {
  it('is one for handshakes and CONNECT together, however slowly their bytes come', async () => {
    await start({ CONNECT_TIMEOUT_S: 2 })
    // none of them ends while its bytes come
    const endless = 16_000
    const connectBytes = generate(connectPacket('x'.repeat(endless)))
    const upgrade = Buffer.from(
      `GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nX-Long: ${'x'.repeat(endless)}`,
    )
    const trickles: [Socket, Buffer][] = [
      [open('mqtt'), connectBytes],
      [open('ws'), upgrade],
      [open('mqtts'), Buffer.from([0x16, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb, ...Buffer.alloc(endless)])],
    ]
    for (const way of ['mqtts', 'wss'] as const) {
      const above = connectTls({ socket: open(way), ca, servername: 'localhost' })
      above.on('error', () => {})
      sockets.add(above)
      await new Promise<void>((resolve) => above.once('secureConnect', resolve))
      trickles.push([above, way === 'wss' ? upgrade : connectBytes])
    }
    let at = 0
    const trickle = setInterval(() => {
      for (const [socket, bytes] of trickles) if (!socket.destroyed) socket.write(bytes.subarray(at, at + 1))
      at += 1
    }, 20)
    await until('their end', () => trickles.every(([socket]) => socket.destroyed))
    clearInterval(trickle)
    expect(at).toBeLessThan(endless)
    await until('all to be counted', async () => (await refused('connect-timeout')) === 5)
  })

  it('is over for a WebSocket that is open and sends pings, but no CONNECT', async () => {
    await start({ CONNECT_TIMEOUT_S: 1 })
    const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, 'mqtt')
    socket.on('error', () => {})
    const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.ping(), 50)
    await until('its end', () => socket.readyState === WebSocket.CLOSED)
    clearInterval(pings)
    await until('it to be counted', async () => (await refused('connect-timeout')) === 1)
  })

  it('does not end who has sent its CONNECT', async () => {
    await start({ CONNECT_TIMEOUT_S: 3 })
    for (const way of ways) await enter(way)
    const silent = open('mqtt')
    await until('its end', () => silent.destroyed)
    expect(await connections()).toBe(4)
  })
})

it.each(ways)(
  'silent connections over %s, opened faster than CONNECTS_PER_SECOND, leave honest devices of their address a way in',
  async (way) => {
    await start({ CONNECTS_PER_SECOND: 5 })
    const began = performance.now()
    await flood(50, way)
    await until('them to be idle', () => performance.now() - began > 1_100)
    const more = await flood(20, way)
    for (const each of ways) await enter(each)
    expect(await refused('connect-rate')).toBe(0)
    expect(await refused('displaced')).toBeGreaterThan(0)
    expect(more.filter((socket) => socket.destroyed)).toEqual([])
  },
)

it('those who send something are held to CONNECTS_PER_SECOND, whatever waits silently', async () => {
  await start({ CONNECTS_PER_SECOND: 2 })
  const began = performance.now()
  await flood(10, 'mqtt')
  await until('them to be idle', () => performance.now() - began > 1_100)
  const speaking = Array.from({ length: 60 }, () => new RawClient(broker.mqttPort).send(connectPacket('')))
  for (const client of speaking) sockets.add(client)
  await until('the others to be refused', async () => (await refused('connect-rate')) >= 60 - 10 - 2 * 20)
  expect(await refused('displaced')).toBe(10)
})

it('bytes of CONNECTs that do not end are bounded for each address', async () => {
  await start({ CONNECT_TIMEOUT_S: 60 })
  const will = { topic: 'test/will', payload: Buffer.alloc(60_000), qos: 0 as const, retain: false }
  const most = generate(connectPacket('', { will })).subarray(0, -1)
  const silent = Array.from({ length: 160 }, () => open('mqtt', '127.0.0.5'))
  for (const socket of silent) socket.write(most)
  await until(
    'the oldest to be ended',
    async () => (await refused('connect-bytes')) >= 160 - Math.ceil(8_388_608 / 60_000),
  )
  const honest = new RawClient(broker.mqttPort, '127.0.0.5').send(connectPacket('', { will }))
  sockets.add(honest)
  expect((await honest.next('connack')).returnCode).toBe(0)
})

it('4,000 silent connections of one address are felt by nobody', async () => {
  await start({ MAX_CONNECTIONS_PER_ADDRESS: 1_000, MAX_CONNECTIONS: 2_000 })
  await flood(4_000, 'mqtt')
  for (const way of ways) await enter(way)
  const elsewhere = new RawClient(broker.mqttPort, '127.0.0.6').send(connectPacket('elsewhere'))
  sockets.add(elsewhere)
  expect((await elsewhere.next('connack')).returnCode).toBe(0)
  expect((elsewhere.socket.address() as AddressInfo).address).toBe('127.0.0.6')
}, 60_000)
