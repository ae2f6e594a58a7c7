import { once } from 'node:events'
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../journal/journal-parts.ts'
import { connectPacket, publishPacket, subscribePacket } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
const sockets: WebSocket[] = []
beforeAll(async () => {
  broker = await startTestBroker()
})
afterAll(() => broker.close())
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
})

/** A WebSocket with the packets that came over it. */
async function open(): Promise<{ socket: WebSocket; received: Packet[]; closed: () => number | undefined }> {
  const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, 'mqtt')
  sockets.push(socket)
  const received: Packet[] = []
  const incoming = parser()
  incoming.on('packet', (packet) => received.push(packet))
  let code: number | undefined
  socket.on('message', (data: Buffer) => incoming.parse(data))
  socket.on('close', (with_) => {
    code = with_
  })
  socket.on('error', () => {})
  await once(socket, 'open')
  return { socket, received, closed: () => code }
}
const whole = Buffer.concat(
  [connectPacket(''), subscribePacket('test/frame'), publishPacket('test/frame', 'x'.repeat(300))].map((packet) =>
    generate(packet),
  ),
)
const texts = (received: Packet[]) =>
  received.filter(({ cmd }) => cmd === 'publish').map((packet) => (packet as IPublishPacket).payload.toString()) // its cmd says so

describe('MQTT packets over WebSocket', () => {
  it('may stand together in one frame', async () => {
    const { socket, received } = await open()
    socket.send(whole)
    await until('the message', () => texts(received)[0] === 'x'.repeat(300))
    expect(received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'publish'])
  })

  it.each([1, 2, 3, 7, 64, 299])('may be spread over frames of %i bytes', async (length) => {
    const { socket, received } = await open()
    for (let at = 0; at < whole.length; at += length) socket.send(whole.subarray(at, at + length))
    await until('the message', () => texts(received)[0] === 'x'.repeat(300))
  })

  it('may come in fragments of a frame, with empty ones and pings between', async () => {
    const { socket, received } = await open()
    for (let at = 0; at < whole.length; at += 50) {
      socket.send(whole.subarray(at, at + 50), { fin: false })
      socket.send(Buffer.alloc(0), { fin: false })
      socket.ping()
    }
    socket.send(Buffer.alloc(0), { fin: true })
    await until('the message', () => texts(received)[0] === 'x'.repeat(300))
  })

  it('may have empty frames between them', async () => {
    const { socket, received } = await open()
    socket.send(Buffer.alloc(0))
    socket.send(whole)
    socket.send(Buffer.alloc(0))
    await until('the message', () => texts(received)[0] === 'x'.repeat(300))
  })
})

describe('a WebSocket', () => {
  /** The status with which the upgrade is answered. */
  const statusOf = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, 'mqtt', { headers })
      sockets.push(socket)
      socket.on('upgrade', ({ statusCode = 0 }) => resolve(statusCode))
      socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
        resolve(statusCode)
        socket.terminate()
      })
      socket.on('error', reject)
    })

  it.each<[origin: string, host: string]>([
    ['http://other.example', '127.0.0.1'],
    ['null', '127.0.0.1'],
    ['http://localhost:3000', 'localhost'],
    // a name that leads here
    ['http://rebound.example', 'rebound.example'],
  ])('of a page of %s that asks for %s is refused', async (origin, host) => {
    const before = await broker.metric('nhip_broker_refused_total', { what: 'origin' })
    expect(await statusOf({ origin, host })).toBe(403)
    expect(await broker.metric('nhip_broker_refused_total', { what: 'origin' })).toBe(before + 1)
  })

  it('of a page of another site is told of in the log', () => {
    expect(broker.log).toContain('a page of http://other.example that asks for 127.0.0.1 is of another site')
  })

  it('of a program, which names no page, is opened whatever name it asks for', async () => {
    expect(await statusOf({ host: 'mqtt.city.example' })).toBe(101)
  })

  it('of a page that this listener could have sent is opened', async () => {
    const host = `localhost:${broker.wsPort}`
    expect(await statusOf({ origin: `http://${host}`, host })).toBe(101)
  })
})

describe('frames that hold nothing', () => {
  it.each<[string, (socket: WebSocket) => void]>([
    ['pings', (socket) => socket.ping('x')],
    ['pongs', (socket) => socket.pong('x')],
    ['empty frames', (socket) => socket.send(Buffer.alloc(0))],
  ])('end the connection when they are very many: %s, also of who reads nothing', async (_what, send) => {
    for (const isReading of [true, false]) {
      const { socket } = await open()
      socket.send(generate(connectPacket('')))
      await once(socket, 'message')
      if (!isReading) socket.pause()
      for (let count = 0; count < 300; count++) send(socket)
      await until('its end', async () => (await broker.metric('nhip_broker_connections')) === 0)
    }
  })

  it('are answered when they are pings, and some are no harm', async () => {
    const { socket, received } = await open()
    const pongs: string[] = []
    socket.on('pong', (data) => pongs.push(data.toString()))
    for (let count = 0; count < 50; count++) socket.ping(`${count}`)
    await until('the answers', () => pongs.length === 50)
    expect(pongs).toEqual(Array.from({ length: 50 }, (_, count) => `${count}`))
    socket.send(whole)
    await until('the message', () => texts(received).length === 1)
  })
})

describe('a WebSocket frame of text closes with code 1003', () => {
  it.each<[string, (socket: WebSocket) => void]>([
    ['in place of a CONNECT', (socket) => socket.send(whole.toString('latin1'))],
    ['with a CONNECT in it', (socket) => socket.send(generate(connectPacket('')), { binary: false })],
    ['without anything in it', (socket) => socket.send('')],
    [
      'in fragments',
      (socket) => {
        socket.send('a', { fin: false })
        socket.send('b', { fin: true })
      },
    ],
  ])('%s', async (_what, send) => {
    const before = await broker.metric('nhip_broker_refused_total', { what: 'protocol' })
    const { socket, received, closed } = await open()
    send(socket)
    socket.send(whole)
    await until('its end', () => closed() !== undefined)
    expect(closed()).toBe(1_003)
    expect(received).toEqual([])
    expect(await broker.metric('nhip_broker_refused_total', { what: 'protocol' })).toBe(before + 1)
  })

  it('behind a CONNECT: nothing in it or behind it is published, and the will is', async () => {
    const watching = await open()
    watching.socket.send(Buffer.concat([generate(connectPacket('')), generate(subscribePacket('test/#'))]))
    await until('its suback', () => watching.received.some(({ cmd }) => cmd === 'suback'))
    const { socket, received, closed } = await open()
    const will = { topic: 'test/will', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
    socket.send(generate(connectPacket('', { will })))
    await until('its connack', () => received.length > 0)
    socket.send(generate(publishPacket('test/text', 'x')), { binary: false })
    socket.send(generate(publishPacket('test/behind', 'x')))
    await until('the will', () => texts(watching.received).length > 0)
    expect(texts(watching.received)).toEqual(['gone'])
    expect(closed()).toBe(1_003)
  })

  it('also where the other end never answers the close', async () => {
    const { socket } = await open()
    socket.send(generate(connectPacket('')))
    await once(socket, 'message')
    socket.send('text')
    socket.pause() // reads no close frame, so it answers none
    await until('its end', async () => (await broker.metric('nhip_broker_connections')) === 0)
  })
})
