import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import mqtt from 'mqtt'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../journal/journal-parts.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const run = promisify(execFile)
let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({ KEEPALIVE_MAX_S: 100, MAX_UNSENT_BYTES: 262_144 })
})
afterAll(() => broker.close())

const open: RawClient[] = []
const raw = () => {
  const client = new RawClient(broker.mqttPort)
  open.push(client)
  return client
}
const sure = async (...args: [id: string, more?: Parameters<typeof connectPacket>[1]]) => {
  const client = await connected(broker.mqttPort, ...args)
  open.push(client)
  return client
}
const subscriber = async (filters: string | string[], qos: 0 | 1 | 2 = 0, id = '') => {
  const client = (await sure(id, { clean: id === '' })).send(subscribePacket(filters, qos))
  await client.next('suback')
  return client
}
const reading = 'city/v1/tay-ninh/traffic/a/reading'
/** A connected client that speaks MQTT within WebSocket frames. */
const overWebSocket = async (...args: Parameters<typeof connectPacket>): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, 'mqtt')
  await once(socket, 'open')
  socket.send(generate(connectPacket(...args)))
  expect(await once(socket, 'message')).toEqual([Buffer.from([0x20, 2, 0, 0]), true])
  return socket
}
const texts = (client: RawClient) =>
  client.received
    .filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
    .map(({ topic, payload }) => `${topic}=${payload.toString()}`)
const alive = async () => (await sure('')).destroy()

afterEach(async () => {
  await alive()
  for (const client of open.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  expect(await broker.metric('nhip_broker_clients')).toBe(0)
})

describe('a CONNECT', () => {
  it('without client id and clean session is refused with return code 2', async () => {
    const packet = generate(connectPacket('', { clean: true }))
    packet[9] = (packet[9] ?? 0) & ~2 // the packet library writes no CONNECT of this kind
    const client = raw().send(packet)
    expect(await client.next('connack')).toMatchObject({ returnCode: 2, sessionPresent: false })
    await client.end()
  })

  it('without client id gets one when its session is clean', async () => {
    await sure('')
  })

  it('of version 5 is refused with return code 1, in the form of version 3.1.1', async () => {
    const client = raw().send(connectPacket('five', { protocolVersion: 5, properties: { receiveMaximum: 5 } }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 1, length: 2 })
    await client.end()
  })

  it('of version 5 tells clients of version 5 why', async () => {
    const url = `mqtt://127.0.0.1:${broker.mqttPort}`
    await expect(mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 })).rejects.toThrow(/protocol version/)
    const asked = run('mosquitto_pub', ['-V', 'mqttv5', '-p', String(broker.mqttPort), '-t', 'a', '-m', 'x'])
    await expect(asked).rejects.toThrow(/Unsupported Protocol Version/)
  })

  it.each([0, 2, 6, 127])('of version %i, which there is not, is refused with return code 1', async (level) => {
    const packet = generate(connectPacket('future'))
    packet[8] = level
    const client = raw().send(packet)
    expect(await client.next('connack')).toMatchObject({ returnCode: 1, sessionPresent: false })
    await client.end()
    expect(client.received.length).toBe(1)
  })

  it('of version 3.1 is taken', async () => {
    await sure('older', { protocolId: 'MQIsdp', protocolVersion: 3 })
  })

  it('with a wrong password is refused with return code 4', async () => {
    const client = raw().send(connectPacket('wrong', { password: Buffer.from('guess') }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 4 })
    await client.end()
  })

  it.each([0, 1, 101, 65_535])(
    'with a keep-alive of %i s is taken, with a session to keep or without',
    async (keepalive) => {
      await sure('slow', { keepalive })
      await sure('slow', { keepalive, clean: false })
      await sure('slow', { keepalive }) // ends the session
    },
  )

  it.each(['a/#', '$SYS/will', 'a/b/c/d/e/f/g/h/i/j/k'])('with a will to %s is refused', async (topic) => {
    const will = { topic, payload: Buffer.from('x'), qos: 0 as const, retain: false }
    const client = raw().send(connectPacket('will', { will }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 5 })
  })

  it('may come in one piece with what follows it, or in many', async () => {
    const packets = [connectPacket('hasty'), subscribePacket('test/hasty'), publishPacket('test/hasty', 'x')]
    const inOne = raw().send(...packets)
    await inOne.next('publish')
    expect(inOne.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'publish'])
    const inMany = raw()
    for (const byte of generate(connectPacket('slow'))) {
      inMany.send(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect(await inMany.next('connack')).toMatchObject({ returnCode: 0 })
  })

  it('is answered once: a second one closes the connection', async () => {
    const client = (await sure('twice')).send(connectPacket('twice'))
    await client.end()
    expect(client.received).toHaveLength(1)
  })

  it('takes a client id over: the older connection is closed, the newer stays', async () => {
    const older = await sure('same')
    const newer = await sure('same')
    await older.end()
    newer.send({ cmd: 'pingreq' })
    await newer.next('pingresp')
    newer.send(publishPacket('city/v1/tay-ninh/traffic/same/reading', '{}', { qos: 1 }))
    await newer.next('puback')
  })

  it('cannot take over the client id of another user', async () => {
    const first = await sure('mine')
    const other = raw().send(connectPacket('mine', { username: 'simulators' }))
    expect(await other.next('connack')).toMatchObject({ returnCode: 2 })
    first.send({ cmd: 'pingreq' })
    await first.next('pingresp')
  })
})

/** Lets a client not read until the broker has more for it than may wait. */
async function clog(client: RawClient): Promise<void> {
  client.send(subscribePacket('clog', 1))
  await client.next('suback')
  client.socket.pause()
  const publisher = await sure('', { keepalive: 30 })
  const ping = setInterval(() => publisher.send(publishPacket('clog', Buffer.alloc(60_000), { qos: 1 })), 1)
  await until(
    'it to be closed',
    async () => (await broker.metric('nhip_broker_refused_total', { what: 'slow-consumer' })) > 0,
  )
  clearInterval(ping)
}

describe('a will', () => {
  const will = { topic: 'test/will', payload: Buffer.from('gone'), qos: 1 as const, retain: false }

  it.each<[string, (client: RawClient) => unknown, keepaliveS?: number]>([
    ['the socket is destroyed', (client) => client.destroy()],
    ['the socket is ended', (client) => client.socket.end()],
    ['the keep-alive runs out', () => {}, 1],
    ['the protocol is broken', (client) => client.send(Buffer.from([0xf0, 0]))],
    ['a packet is too large', (client) => client.send(Buffer.from([0x30, 0xff, 0xff, 0x7f]))],
    ['it never reads what waits for it', (client) => clog(client)],
    ['the id is taken over', () => sure('willing', { keepalive: 30 })],
    ['a publish is forbidden', (client) => client.send(publishPacket('$SYS/x', 'x'))],
  ])('is published when %s', async (_how, end, keepalive = 30) => {
    const watching = await subscriber('test/will')
    await end(await sure('willing', { will, keepalive }))
    expect((await watching.next('publish')).payload.toString()).toBe('gone')
  })

  it.each<[string, (socket: WebSocket) => unknown]>([
    ['is ended with a farewell of its own', (socket) => socket.close()],
    ['is broken off', (socket) => socket.terminate()],
    [
      'is ended right after a reading',
      (socket) => {
        socket.send(generate(publishPacket(reading, '{}')))
        socket.close()
      },
    ],
  ])('is published when its WebSocket %s, and then the client is gone', async (_how, end) => {
    const clients = () => broker.metric('nhip_broker_clients')
    const watching = await subscriber('test/will')
    const before = await clients()
    await end(await overWebSocket('willing', { will }))
    expect((await watching.next('publish')).payload.toString()).toBe('gone')
    await end(await overWebSocket('unwilling'))
    await until('both are gone', async () => (await clients()) === before)
  })

  it('is not published after DISCONNECT over WebSocket', async () => {
    const watching = await subscriber('test/#')
    const socket = await overWebSocket('leaving', { will })
    socket.send(generate({ cmd: 'disconnect' }))
    socket.close()
    await until('its end', () => socket.readyState === WebSocket.CLOSED)
    ;(await sure('')).send(publishPacket('test/after', 'x'))
    await watching.next('publish')
    expect(texts(watching)).toEqual(['test/after=x'])
  })

  it('is not published after DISCONNECT', async () => {
    const watching = await subscriber('test/#')
    const client = (await sure('leaving', { will })).send({ cmd: 'disconnect' })
    await client.end()
    ;(await sure('')).send(publishPacket('test/after', 'x'))
    await watching.next('publish')
    expect(texts(watching)).toEqual(['test/after=x'])
  })
})

describe('a retained message', () => {
  it('reaches who subscribes later, and is cleared by an empty payload', async () => {
    const publisher = await sure('')
    publisher.send(publishPacket('test/kept', 'x', { qos: 1, retain: true }))
    await publisher.next('puback')
    const first = await subscriber('test/kept')
    expect(await first.next('publish')).toMatchObject({ retain: true })
    publisher.send(publishPacket('test/kept', '', { qos: 1, retain: true, messageId: 2 }))
    await publisher.next('puback')
    expect((await first.next('publish')).payload.length).toBe(0)
    const second = await subscriber('test/kept')
    publisher.send(publishPacket('test/kept', 'live'))
    expect(await second.next('publish')).toMatchObject({ retain: false })
    expect(texts(second)).toEqual(['test/kept=live'])
    expect(await broker.metric('nhip_broker_retained_messages')).toBe(0)
    expect(await broker.metric('nhip_broker_retained_bytes')).toBe(0)
  })
})

describe('a subscription', () => {
  it.each(['#', '+/#', '+/+/new/clients'])('to %s matches no topic that begins with $', async (filter) => {
    const client = await subscriber(filter)
    await sure('someone-new') // Aedes tells of it under $SYS
    ;(await sure('')).send(publishPacket('test/x/new/clients', 'x'))
    await client.next('publish')
    expect(texts(client)).toEqual(['test/x/new/clients=x'])
  })

  it.each(['$share/group/test/#', '$SYS/#', `test/${'x'.repeat(300)}`])('to %s is answered 0x80', async (filter) => {
    const client = (await sure('')).send(subscribePacket(['test/a', filter], 1))
    expect((await client.next('suback')).granted).toEqual([1, 128])
  })

  it('without the right to it is answered 0x80, counted, and not kept in the session', async () => {
    const as = { username: 'simulators', clean: false }
    const before = await broker.metric('nhip_broker_refused_total', { what: 'subscribe' })
    const client = (await sure('curious', as)).send(subscribePacket(['city/v1/a/lighting/b/cmd', 'test/secret'], 1))
    expect((await client.next('suback')).granted).toEqual([1, 128])
    expect(await broker.metric('nhip_broker_refused_total', { what: 'subscribe' })).toBe(before + 1)
    client.send({ cmd: 'disconnect' })
    await client.end()
    const publisher = await sure('')
    publisher.send(publishPacket('test/secret', 'x', { qos: 1 }))
    publisher.send(publishPacket('city/v1/a/lighting/b/cmd', 'y', { qos: 1, messageId: 2 }))
    const again = await sure('curious', as)
    await again.next('publish')
    expect(texts(again)).toEqual(['city/v1/a/lighting/b/cmd=y'])
    await sure('curious', { ...as, clean: true }) // ends the session
  })

  it('that overlaps another of the same client delivers a message once', async () => {
    const client = await subscriber(['over/#', 'over/+', 'over/lap'], 1)
    const publisher = await sure('')
    publisher.send(publishPacket('over/lap', 'x', { qos: 1 }), publishPacket('over/lap', 'y', { qos: 1, messageId: 2 }))
    await client.next('publish')
    await client.next('publish')
    publisher.send(publishPacket('over/end', 'z'))
    await client.next('publish')
    expect(texts(client)).toEqual(['over/lap=x', 'over/lap=y', 'over/end=z'])
  })
})

describe('a publish', () => {
  it('with QoS 2 is delivered once, in and out, when each step is repeated', async () => {
    const client = await subscriber('test/two', 2)
    const publisher = await sure('')
    const packet = publishPacket('test/two', 'x', { qos: 2, messageId: 7 })
    publisher.send(packet)
    expect(await publisher.next('pubrec')).toMatchObject({ messageId: 7 })
    publisher.send({ ...packet, dup: true } as typeof packet) // a publish again
    await publisher.next('pubrec')
    publisher.send({ cmd: 'pubrel', messageId: 7 })
    await publisher.next('pubcomp')
    publisher.send({ cmd: 'pubrel', messageId: 7 })
    await publisher.next('pubcomp')
    const { messageId = 0, qos } = await client.next('publish')
    expect(qos).toBe(2)
    client.send({ cmd: 'pubrec', messageId })
    expect(await client.next('pubrel')).toMatchObject({ messageId })
    client.send({ cmd: 'pubcomp', messageId })
    publisher.send(publishPacket('test/two', 'end'))
    await client.next('publish')
    expect(texts(client)).toEqual(['test/two=x', 'test/two=end'])
  })

  it.each([0, 1, 2] as const)(
    'without the right to it, QoS %i, is not delivered but counted, and closes the client',
    async (qos) => {
      const watching = await subscriber('test/#')
      const before = await broker.metric('nhip_broker_refused_total', { what: 'publish' })
      const client = await sure('', { username: 'simulators' })
      client.send(publishPacket('test/forbidden', 'x', { qos }))
      await client.end()
      expect(await broker.metric('nhip_broker_refused_total', { what: 'publish' })).toBe(before + 1)
      expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
      ;(await sure('')).send(publishPacket('test/end', 'x'))
      await watching.next('publish')
      expect(texts(watching)).toEqual(['test/end=x'])
    },
  )
})

describe('what breaks the protocol closes the connection:', () => {
  const topic = (bytes: number[]) => Buffer.from([0x30, 2 + bytes.length, 0, bytes.length, ...bytes])
  it.each<[string, Parameters<RawClient['send']>]>([
    ['a second CONNECT', [connectPacket('again')]],
    ['a remaining length of five bytes', [Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])]],
    ['a topic that is not UTF-8', [topic([0x61, 0xc3, 0x28])]],
    ['a topic with a surrogate', [topic([0xed, 0xa0, 0x80])]],
    ['a topic with U+0000', [topic([0x61, 0x00])]],
    ['an empty topic', [topic([])]],
    ['a publish to +', [topic([0x61, 0x2f, 0x2b])]],
    ['a publish to #', [topic([0x23])]],
    ['a publish to $SYS', [topic([...Buffer.from('$SYS/x')])]],
    ['a topic too long', [publishPacket(`test/${'x'.repeat(300)}`, 'x')]],
    ['a topic too deep', [publishPacket('a/b/c/d/e/f/g/h/i/j/k', 'x')]],
    ['QoS 3', [Buffer.from([0x36, 4, 0, 1, 0x61, 0x00])]],
    ['an unknown packet type', [Buffer.from([0xf0, 0])]],
    ['a packet of the broker', [Buffer.from([0xd0, 0])]],
    ['a SUBSCRIBE with wrong flags', [Buffer.from([0x80, 6, 0, 1, 0, 1, 0x61, 0])]],
    ['a SUBSCRIBE with a broken filter', [subscribePacket('a#')]],
    ['a SUBSCRIBE with U+0000', [subscribePacket(['test/a', 'a\u0000'])]],
    ['a SUBSCRIBE that is not UTF-8', [Buffer.from([0x82, 7, 0, 1, 0, 2, 0xc3, 0x28, 0])]],
    ['a SUBSCRIBE without a filter', [Buffer.from([0x82, 2, 0, 1])]],
    ['a SUBSCRIBE with an empty filter', [Buffer.from([0x82, 5, 0, 1, 0, 0, 0])]],
    ['a SUBSCRIBE with message id 0', [Buffer.from([0x82, 6, 0, 0, 0, 1, 0x61, 0])]],
    ['an UNSUBSCRIBE with U+0000', [Buffer.from([0xa2, 6, 0, 1, 0, 2, 0x61, 0])]],
    ['an UNSUBSCRIBE that is not UTF-8', [Buffer.from([0xa2, 6, 0, 1, 0, 2, 0xc3, 0x28])]],
    ['an UNSUBSCRIBE without a filter', [Buffer.from([0xa2, 2, 0, 1])]],
    ['an UNSUBSCRIBE with a broken filter', [Buffer.from([0xa2, 6, 0, 1, 0, 2, 0x61, 0x23])]],
    ['an UNSUBSCRIBE with message id 0', [Buffer.from([0xa2, 5, 0, 0, 0, 1, 0x61])]],
    ['a publish of QoS 1 with message id 0', [Buffer.from([0x32, 5, 0, 1, 0x61, 0, 0])]],
    ['a publish of QoS 2 with message id 0', [Buffer.from([0x34, 5, 0, 1, 0x61, 0, 0])]],
    ['a publish of QoS 0 that is sent again', [Buffer.from([0x38, 3, 0, 1, 0x61])]],
  ])('%s', async (_what, packets) => {
    const client = (await sure('')).send(...packets)
    await client.end()
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  })

  it.each<[string, Buffer]>([
    ['a PINGREQ before CONNECT', Buffer.from([0xc0, 0])],
    ['a PUBLISH before CONNECT', topic([0x61])],
    ['bytes that are no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    [
      'a CONNECT of version 5 with broken properties',
      Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 5, 2, 0, 10, 1, 0xff, 0]),
    ],
  ])('%s', async (_what, bytes) => {
    const client = raw().send(bytes)
    await client.end()
    expect(client.received.filter(({ cmd }) => cmd !== 'connack')).toEqual([])
  })
})

describe.each(['TCP', 'WebSocket'] as const)('a publish over %s whose topic', (way) => {
  const enter = async (send: readonly Buffer[]): Promise<{ closed: () => boolean }> => {
    if (way === 'TCP') {
      const client = (await sure('')).send(...send)
      return { closed: () => client.closed }
    }
    const socket = await overWebSocket('')
    for (const each of send) socket.send(each)
    return { closed: () => socket.readyState === WebSocket.CLOSED }
  }

  it.for(
    ([0, 1, 2] as const).flatMap((qos) =>
      ['test/a\u0000b', '\u0000', 'city/v1/tay-ninh/traffic/a\u0000/reading', `${reading}\u0000`].map(
        (topic) => [qos, topic] as const,
      ),
    ),
  )('has U+0000 closes the client at QoS %i: %j', async ([qos, topic]) => {
    const watching = await subscriber('#')
    const client = await enter([
      generate(publishPacket(reading, '{}', { qos: 1 })),
      generate(publishPacket(topic, 'x', { qos })),
    ])
    await until('its end', client.closed)
    ;(await sure('')).send(publishPacket('test/end', 'x'))
    await until('the end', () => texts(watching).includes('test/end=x'))
    expect(texts(watching).filter((text) => text.includes('\u0000'))).toEqual([])
  })
})

describe('the topics that begin with $', () => {
  it.each([0, 1, 2] as const)(
    'and are not $SYS take what admin publishes with QoS %i, and no wildcard hears it',
    async (qos) => {
      const kept = await sure('waiting', { clean: false })
      kept.send(subscribePacket(['#', '+/+'], 1))
      await kept.next('suback')
      kept.destroy()
      const watching = await subscriber(['#', '+/+', '$own/x'], 1)
      const publisher = await sure('')
      publisher.send(publishPacket('$own/x', 'x', { qos, retain: true }), { cmd: 'pingreq' })
      await publisher.next('pingresp')
      publisher.send(publishPacket('test/end', 'y', { qos: 1, messageId: 9 }))
      await until('both', () => texts(watching).length === 2)
      expect(texts(watching).sort()).toEqual(['$own/x=x', 'test/end=y'])
      const later = await subscriber(['#', 'test/later'])
      publisher.send(publishPacket('test/later', 'z'))
      await later.next('publish')
      expect(texts(later)).toEqual(['test/later=z'])
      const back = await sure('waiting', { clean: false })
      await back.next('publish')
      await until('what waited', () => texts(back).length > 0)
      expect(texts(back).filter((text) => text.startsWith('$'))).toEqual([])
      await sure('waiting') // ends the session
      publisher.send(publishPacket('$own/x', '', { retain: true }), { cmd: 'pingreq' })
      await publisher.next('pingresp')
    },
  )

  it('take the will of admin too', async () => {
    const watching = await subscriber('$own/will')
    const will = { topic: '$own/will', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
    ;(await sure('', { will })).destroy()
    expect((await watching.next('publish')).payload.toString()).toBe('gone')
  })
})

it.each([['mqtt'], ['mqttv3.1'], ['mqttv3.1', 'mqtt']])('the WebSocket subprotocol %s is taken', async (...offered) => {
  const socket = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, offered)
  await once(socket, 'open')
  expect(offered).toContain(socket.protocol)
  socket.send(generate(connectPacket('')))
  expect(await once(socket, 'message')).toEqual([Buffer.from([0x20, 2, 0, 0]), true])
  socket.terminate()
})
