import { connect } from 'node:net'
import mqtt from 'mqtt'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { until } from '../journal/journal-parts.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
const clients: RawClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  await broker.close()
})

async function start(limits: Partial<BrokerLimits>, maxPacketBytes?: number): Promise<void> {
  broker = await startTestBroker(limits, maxPacketBytes === undefined ? {} : { maxPacketBytes })
}
const raw = () => {
  const client = new RawClient(broker.mqttPort)
  clients.push(client)
  return client
}
const join = async (...args: [id?: string, more?: Parameters<typeof connectPacket>[1]]) => {
  const client = await connected(broker.mqttPort, args[0] ?? '', args[1])
  clients.push(client)
  return client
}
const refused = (what: string) => broker.metric('nhip_broker_refused_total', { what })
const publishes = (client: RawClient) =>
  client.received.filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
const publisher = async () => {
  const client = await join()
  let messageId = 0
  return async (topic: string, payload: string | Buffer, retain = false) => {
    messageId += 1
    client.send(publishPacket(topic, payload, { qos: 1, messageId, retain }))
    await client.next('puback')
  }
}

describe('connections', () => {
  it.each([
    ['in all', 'connections', { MAX_CONNECTIONS: 2 }],
    ['of one address', 'address', { MAX_CONNECTIONS_PER_ADDRESS: 2 }],
  ])('%s are bounded; one that ends makes room', async (_what, label, limits) => {
    await start(limits)
    const first = await join()
    await join()
    await raw().end()
    expect(await refused(label)).toBe(1)
    first.destroy()
    await until('room', async () => (await broker.metric('nhip_broker_connections')) === 1)
    await join()
  })

  it('over WebSocket count from the handshake on', async () => {
    await start({ MAX_CONNECTIONS: 1 })
    const socket = connect(broker.wsPort, '127.0.0.1').resume() // never speaks HTTP
    await until('it to count', async () => (await broker.metric('nhip_broker_connections')) === 1)
    await join() // takes its place
    await until('its end', () => socket.destroyed)
    const ws = new WebSocket(`ws://127.0.0.1:${broker.wsPort}`, 'mqtt').on('error', () => {})
    await until('it to be refused', () => ws.readyState === WebSocket.CLOSED)
    expect(await refused('connections')).toBe(1)
  })

  it('that follow one another too fast are closed', async () => {
    await start({ CONNECTS_PER_SECOND: 1 })
    for (let count = 0; count < 12; count++) raw().send(connectPacket(`${count}`))
    await until('some to be refused', async () => (await refused('connect-rate')) > 0)
    await until('ten to be let in', async () => (await broker.metric('nhip_broker_connections')) >= 10)
  })

  it('without a whole CONNECT in time are closed, over TCP and over WebSocket, however slowly its bytes come', async () => {
    await start({ CONNECT_TIMEOUT_S: 1 })
    const silent = raw()
    const whole = generate(connectPacket('x'.repeat(200)))
    let sent = 0
    const trickling = raw()
    const trickle = setInterval(() => trickling.send(whole.subarray(sent, ++sent)), 100)
    const noHttp = connect(broker.wsPort, '127.0.0.1')
      .on('error', () => {})
      .resume()
    await until('the handshake to be given up', () => noHttp.destroyed)
    await Promise.all([silent.end(), trickling.end()])
    clearInterval(trickle)
    noHttp.destroy()
    await until('all three to be counted', async () => (await refused('connect-timeout')) === 3)
  })
})

describe('a client', () => {
  it('that sends messages too fast is read later, and loses none', async () => {
    await start({ SERVICE_MESSAGES_PER_SECOND: 100 })
    const watching = (await join()).send(subscribePacket('t'))
    await watching.next('suback')
    const began = performance.now()
    const flood = await join()
    flood.send(...Array.from({ length: 400 }, (_, index) => publishPacket('t', String(index))))
    await until('all of them', () => publishes(watching).length === 400)
    flood.send({ cmd: 'pingreq' })
    await flood.next('pingresp') // after what it owes: 200 come at once, 201 more take 2 s
    expect(performance.now() - began).toBeGreaterThan(1_900)
    expect(await broker.metric('nhip_broker_delayed_seconds_total')).toBeGreaterThan(0)
    expect(publishes(watching).map(({ payload }) => payload.toString())).toEqual(
      Array.from({ length: 400 }, (_, index) => String(index)),
    )
  })

  it('that sends bytes too fast is read later', async () => {
    await start({ SERVICE_BYTES_PER_SECOND: 100_000 })
    const client = await join()
    const began = performance.now()
    for (let count = 0; count < 8; count++) client.send(publishPacket('t', Buffer.alloc(50_000)))
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
    expect(performance.now() - began).toBeGreaterThan(1_800)
  })

  it('that sends much within its rate loses no byte, though it is read in turns', async () => {
    await start({})
    const watching = (await join()).send(subscribePacket('t'))
    await watching.next('suback')
    const client = await join()
    for (let count = 0; count < 100; count++) client.send(publishPacket('t', Buffer.alloc(50_000, count)))
    await until('all of them', () => publishes(watching).length === 100)
    // to nobody, so that Aedes is done with a packet before its parser is
    for (let count = 0; count < 100; count++) client.send(publishPacket('nobody', Buffer.alloc(50_000, count)))
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
    expect(publishes(watching).map(({ payload }) => payload[49_999])).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('that sends a packet too large is closed from its fixed header', async () => {
    await start({})
    const client = (await join()).send(Buffer.from([0x30, 0xff, 0xff, 0x7f]))
    await client.end()
    expect(await refused('packet-size')).toBe(1)
  })

  it.for(['mqtt', 'ws'] as const)(
    'that is a part of the platform sends up to 256 kB over %s, whatever the limit of others',
    async (protocol) => {
      await start({}, 4_096)
      const watching = (await join()).send(subscribePacket('city/v1/live/tay-ninh'))
      await watching.next('suback')
      const port = protocol === 'ws' ? broker.wsPort : broker.mqttPort
      const enter = (username: string) =>
        mqtt.connectAsync(`${protocol}://127.0.0.1:${port}`, {
          ...{ username, password: testPassword, protocolVersion: 4, reconnectPeriod: 0 },
        })
      const ingest = await enter('ingest')
      await ingest.publishAsync('city/v1/live/tay-ninh', Buffer.alloc(260_000))
      await until('the message', () => publishes(watching)[0]?.payload.length === 260_000)
      expect(await refused('packet-size')).toBe(0)
      for (const [username, bytes] of [
        ['ingest', 300_000],
        ['admin', 5_000],
      ] as const) {
        const client = await enter(username)
        const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
        client.publish('city/v1/live/tay-ninh', Buffer.alloc(bytes), { qos: 0 })
        await closed
        await client.endAsync(true)
      }
      expect(publishes(watching)).toHaveLength(1)
      await ingest.endAsync()
    },
  )

  it('that never reads is closed, QoS 0 dropped, and others get theirs', async () => {
    await start({ MAX_UNSENT_BYTES: 65_536, SLOW_CONSUMER_TIMEOUT_S: 1 })
    const stuck = (await join('stuck')).send(subscribePacket('t'))
    await stuck.next('suback')
    stuck.socket.pause()
    const good = (await join()).send(subscribePacket('t'))
    await good.next('suback')
    const publish = await publisher()
    const payload = Buffer.alloc(32_768)
    const flood = await join()
    await until('drops', async () => {
      flood.send(publishPacket('t', payload))
      return (await broker.metric('nhip_broker_dropped_total')) > 0
    })
    await until('its end', async () => (await broker.metric('nhip_broker_clients')) === 3)
    await until('it to be counted', async () => (await refused('slow-consumer')) === 1)
    stuck.destroy()
    await publish('t', 'end')
    await until('the good one to have it', () => publishes(good).some((each) => each.payload.toString() === 'end'))
  })

  it('that never reads its QoS 1 messages is closed', async () => {
    await start({ MAX_UNSENT_BYTES: 65_536, SLOW_CONSUMER_TIMEOUT_S: 60 })
    const stuck = (await join('stuck')).send(subscribePacket('t', 1))
    await stuck.next('suback')
    stuck.socket.pause()
    const publish = await publisher()
    await until('its end', async () => {
      await publish('t', Buffer.alloc(32_768))
      return (await refused('slow-consumer')) > 0
    })
    await until('its end', async () => (await broker.metric('nhip_broker_clients')) === 1)
  })

  it('that keeps more QoS 2 messages half-way in than it may is closed', async () => {
    await start({ MAX_INFLIGHT: 2 })
    const client = await join()
    for (const messageId of [1, 2]) client.send(publishPacket('t', 'x', { qos: 2, messageId }))
    await client.next('pubrec')
    await client.next('pubrec')
    client.send({ cmd: 'pubrel', messageId: 1 })
    await client.next('pubcomp')
    client.send(publishPacket('t', 'x', { qos: 2, messageId: 3 }))
    await client.next('pubrec')
    client.send(publishPacket('t', 'x', { qos: 2, messageId: 4 }))
    await client.end()
    await until('it to be counted', async () => (await refused('inflight')) === 1)
  })

  it.each([
    ['silent beyond its keep-alive', 'silence', { keepalive: 1 }],
    ['silent and has no keep-alive', 'silence', { keepalive: 0 }],
    ['silent and has a longer keep-alive than clients are held to', 'silence', { keepalive: 65_535 }],
    ['silent, without keep-alive and with a session', 'silence', { keepalive: 0, clean: false }],
    ['silent, with a long keep-alive and a session', 'silence', { keepalive: 60, clean: false }],
  ])('that is %s is closed and counted', async (_what, label, more) => {
    await start({ KEEPALIVE_MAX_S: 1 })
    const client = await join('slow', more)
    await client.end()
    await until('it to be counted', async () => (await refused(label)) === 1)
  })

  it.each(['x'.repeat(17), 'a/b/c/d/e/f/g'])(
    'that publishes to %s, too long or too deep, is closed and counted',
    async (topic) => {
      await start({ MAX_TOPIC_LENGTH: 16, MAX_TOPIC_LEVELS: 6 })
      const client = await join()
      client.send(publishPacket('a/b/c/d/e/f', 'x', { qos: 1 }))
      await client.next('puback')
      client.send(publishPacket(topic, 'x', { qos: 1 }))
      await client.end()
      expect(await refused('topic')).toBe(1)
    },
  )

  it('has a bounded number of subscriptions', async () => {
    await start({ MAX_SUBSCRIPTIONS: 2 })
    const client = (await join()).send(subscribePacket(['a', 'b', 'c'], 1))
    expect((await client.next('suback')).granted).toEqual([1, 1, 128])
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a'] })
    await client.next('unsuback')
    client.send(subscribePacket(['b', 'c'], 1))
    expect((await client.next('suback')).granted).toEqual([1, 1])
    expect(await refused('subscriptions')).toBe(1)
  })
})

describe('retained messages', () => {
  const kept = async () => {
    const client = (await join()).send(subscribePacket('#'))
    await client.next('suback')
    const publish = await publisher()
    await publish('end', 'end')
    await until('the end', () => publishes(client).some(({ topic }) => topic === 'end'))
    return publishes(client)
      .filter(({ retain }) => retain)
      .map(({ topic }) => topic)
  }

  it('are bounded in number: one too many is not retained', async () => {
    await start({ MAX_RETAINED: 2 })
    const publish = await publisher()
    for (const topic of ['a', 'b', 'c']) await publish(topic, 'x', true)
    expect(await kept()).toEqual(['a', 'b'])
    expect(await refused('retained')).toBe(1)
  })

  it('are bounded in bytes: what replaces one and does not fit leaves none', async () => {
    await start({ MAX_RETAINED_BYTES: 100 })
    const publish = await publisher()
    await publish('a', 'x'.repeat(40), true)
    await publish('b', 'x'.repeat(40), true)
    await publish('b', 'x'.repeat(80), true)
    expect(await kept()).toEqual(['a'])
    expect(await broker.metric('nhip_broker_retained_bytes')).toBe(41)
  })
})

describe('a session', () => {
  const leave = async (id: string) => {
    const client = (await join(id, { clean: false })).send(subscribePacket('t', 1))
    await client.next('suback')
    client.send({ cmd: 'disconnect' })
    await client.end()
  }

  it('holds a bounded number of messages', async () => {
    await start({ MAX_SESSION_QUEUE: 3 })
    await leave('away')
    const publish = await publisher()
    for (const text of ['1', '2', '3', '4', '5']) await publish('t', text)
    expect(await refused('queue')).toBe(2)
    expect(await broker.metric('nhip_broker_queued_messages')).toBe(3)
    const back = await join('away', { clean: false })
    for (let count = 0; count < 3; count++) {
      const { messageId = 0, payload } = await back.next('publish')
      expect(payload.toString()).toBe(String(count + 1))
      back.send({ cmd: 'puback', messageId })
    }
    await until('an empty queue', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
    await publish('t', '6')
    expect((await back.next('publish')).payload.toString()).toBe('6')
  })

  it('holds a bounded number of bytes', async () => {
    await start({ MAX_SESSION_QUEUE_BYTES: 1_024 })
    await leave('away')
    const publish = await publisher()
    for (let count = 0; count < 4; count++) await publish('t', Buffer.alloc(400))
    expect(await broker.metric('nhip_broker_queued_messages')).toBe(2)
  })

  it('sends no more at once than may be unacknowledged, queued or live', async () => {
    await start({ MAX_INFLIGHT: 2 })
    await leave('away')
    const publish = await publisher()
    for (const text of ['1', '2', '3']) await publish('t', text)
    const back = await join('away', { clean: false })
    const ids = [await back.next('publish'), await back.next('publish')].map(({ messageId = 0 }) => messageId)
    back.send({ cmd: 'pingreq' })
    await back.next('pingresp')
    expect(publishes(back).length).toBe(2)
    expect(await broker.metric('nhip_broker_inflight_messages')).toBe(2)
    for (const messageId of ids) back.send({ cmd: 'puback', messageId })
    const third = await back.next('publish')
    expect(third.payload.toString()).toBe('3')
    back.send({ cmd: 'puback', messageId: third.messageId ?? 0 })
    await until('an empty queue', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
    for (const text of ['4', '5', '6']) await publish('t', text)
    await until('two of them', () => publishes(back).length === 5)
    back.send({ cmd: 'puback', messageId: (await back.next('publish')).messageId ?? 0 })
    await until('the third', () => publishes(back).length === 6)
    expect(publishes(back).map(({ payload }) => payload.toString())).toEqual(['1', '2', '3', '4', '5', '6'])
    back.destroy()
    await until('nothing on its way', async () => (await broker.metric('nhip_broker_inflight_messages')) === 0)
  })

  it('keeps a message once when its subscriptions overlap', async () => {
    await start({})
    const client = (await join('over', { clean: false })).send(subscribePacket(['o/#', 'o/+', 'o/x'], 1))
    await client.next('suback')
    client.send({ cmd: 'disconnect' })
    await client.end()
    await (await publisher())('o/x', 'x')
    expect(await broker.metric('nhip_broker_queued_messages')).toBe(1)
    const back = await join('over', { clean: false })
    back.send({ cmd: 'puback', messageId: (await back.next('publish')).messageId ?? 0 })
    await until('an empty queue', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
  })

  it('ends some time after its client left', async () => {
    await start({ SESSION_EXPIRY_S: 1 })
    await leave('away')
    await (await publisher())('t', 'x')
    await until('it to be forgotten', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
    await until('it to be counted', async () => (await broker.metric('nhip_broker_sessions_expired_total')) === 1)
    const back = raw().send(connectPacket('away', { clean: false }))
    expect(await back.next('connack')).toMatchObject({ sessionPresent: false })
  })

  it('is refused with return code 3 when there are too many', async () => {
    await start({ MAX_SESSIONS: 1 })
    await leave('away')
    const client = raw().send(connectPacket('another', { clean: false }))
    expect(await client.next('connack')).toMatchObject({ returnCode: 3 })
    expect(await refused('sessions')).toBe(1)
    await join('away', { clean: false })
  })

  it('has a share per user: one with too many loses its own that was left longest ago, another device keeps its', async () => {
    await start({ MAX_SESSIONS: 4, MAX_SESSIONS_PER_USER: 2 })
    const hash = await hashSecret(testPassword)
    const sensor = {
      role: 'sensor',
      district: 'tay-ninh',
      kind: 'traffic',
      hash,
      createdAt: '2026-11-25T00:00:00.000Z',
    } as const
    await changeCredentials(broker.credentialsPath, (known) => {
      for (const id of ['many', 'honest']) known.set(id, sensor)
    })
    await until('the credentials', async () => (await broker.metric('nhip_broker_credentials')) === 2)
    const as = (username: string, id: string) => join(id, { clean: false, username })
    const leaveAs = async (username: string, id: string) => {
      ;(await as(username, id)).destroy()
      await until('it to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
    }
    await leaveAs('honest', 'honest')
    for (const id of ['a', 'b', 'c', 'd', 'e']) await leaveAs('many', id)
    await until('its share', async () => (await broker.metric('nhip_broker_sessions')) === 3)
    expect(await broker.metric('nhip_broker_sessions_displaced_total')).toBe(3)
    await as('many', 'd')
    await as('many', 'e')
    const more = raw().send(connectPacket('f', { clean: false, username: 'many' }))
    expect(await more.next('connack')).toMatchObject({ returnCode: 3 })
    const back = raw().send(connectPacket('honest', { clean: false, username: 'honest' }))
    expect(await back.next('connack')).toMatchObject({ returnCode: 0 })
  })
})
