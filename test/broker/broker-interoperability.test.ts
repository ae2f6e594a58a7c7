import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { IPublishPacket } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'
import { refusalsTopic } from '#telemetry/topics.ts'
import { until } from '../journal/journal-parts.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

// What public interoperability suites ask of a broker of MQTT 3.1.1, asked with a library over TCP and WebSocket, and with bare packets
// where a library is in the way. Two of their expectations are refused on purpose: clients without a password (they get return code 4), and
// a forbidden topic of the suite's own choice (what is forbidden is what the table of rights says; it gets 0x80).

let broker: TestBroker
const clients: MqttClient[] = []
const rawClients: RawClient[] = []
beforeAll(async () => {
  broker = await startTestBroker()
})
afterAll(() => broker.close())
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true)
  for (const client of rawClients.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
})

interface Heard {
  topic: string
  text: string
  qos: number
  retain: boolean
}
const nameOf = ({ topic, text }: Heard) => `${topic}=${text}`

describe.each(['mqtt', 'ws'] as const)('over %s', (way) => {
  const enter = async (more: IClientOptions = {}): Promise<{ client: MqttClient; heard: Heard[] }> => {
    const heard: Heard[] = []
    const port = way === 'ws' ? broker.wsPort : broker.mqttPort
    const client = mqtt.connect(`${way}://127.0.0.1:${port}`, {
      ...{ username: 'admin', password: testPassword, protocolVersion: 4, reconnectPeriod: 0, ...more },
    })
    clients.push(client)
    sendWithoutDelay(client)
    client.on('message', (topic, payload, { qos, retain }) => {
      // what the broker itself tells, now and then, is nobody's message here
      if (topic === refusalsTopic) return
      heard.push({ topic, text: payload.toString(), qos, retain })
    })
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve())
      client.once('error', reject)
    })
    return { client, heard }
  }
  /** All that comes until this mark does, which the broker sends last. */
  const untilMark = async (client: MqttClient, heard: Heard[]) => {
    const mark = `mark/${Math.random()}`
    await client.subscribeAsync(mark, { qos: 1 })
    await client.publishAsync(mark, 'end', { qos: 1 })
    await until('the mark', () => heard.some(({ topic }) => topic === mark))
    return heard.filter(({ topic }) => topic !== mark)
  }

  it('a message of each QoS comes back with its QoS, at most that of the subscription', async () => {
    for (const granted of [0, 1, 2] as const) {
      const { client, heard } = await enter()
      expect(await client.subscribeAsync(`basic/${granted}`, { qos: granted })).toMatchObject([{ qos: granted }])
      for (const qos of [0, 1, 2] as const) await client.publishAsync(`basic/${granted}`, `${qos}`, { qos })
      await until('all three', () => heard.length === 3)
      expect(heard.map(({ text, qos }) => [text, qos]).sort()).toEqual([
        ['0', 0],
        ['1', Math.min(1, granted)],
        ['2', Math.min(2, granted)],
      ])
    }
  })

  it('retained messages of each QoS reach a wildcard, with retain set, until an empty one ends them', async () => {
    const { client } = await enter()
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`kept/${qos}/x`, `${qos}`, { qos, retain: true })
    const first = await enter()
    await first.client.subscribeAsync('kept/+/x', { qos: 2 })
    const before = await untilMark(first.client, first.heard)
    expect(before.map((each) => [nameOf(each), each.retain]).sort()).toEqual([
      ['kept/0/x=0', true],
      ['kept/1/x=1', true],
      ['kept/2/x=2', true],
    ])
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`kept/${qos}/x`, '', { qos, retain: true })
    const second = await enter()
    await second.client.subscribeAsync('kept/#', { qos: 2 })
    expect(await untilMark(second.client, second.heard)).toEqual([])
  })

  it('a retained message comes again with each SUBSCRIBE, also to a filter that was granted before', async () => {
    const { client, heard } = await enter()
    await client.publishAsync('kept/again', 'x', { qos: 1, retain: true })
    for (let count = 0; count < 3; count++) await client.subscribeAsync('kept/again', { qos: 1 })
    expect((await untilMark(client, heard)).map(nameOf)).toEqual(Array(3).fill('kept/again=x'))
    await client.publishAsync('kept/again', '', { qos: 1, retain: true })
  })

  it('an empty client id gets a clean session and is refused another with return code 2', async () => {
    await enter({ clientId: '', clean: true })
    const raw = new RawClient(broker.mqttPort).send(
      Buffer.from(connectBytesWithoutId()), // no library writes one
    )
    rawClients.push(raw)
    expect((await raw.next('connack')).returnCode).toBe(2)
    await raw.end()
  })

  it('messages of QoS 1 and 2 wait for a session whose client is away, in order, and those of QoS 0 do not', async () => {
    const kept = { clientId: `away-${way}`, clean: false }
    const before = await enter(kept)
    await before.client.subscribeAsync('away/+/x', { qos: 2 })
    await before.client.endAsync()
    const { client } = await enter()
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`away/${qos}/x`, `${qos}`, { qos })
    const after = await enter(kept)
    await until('both', () => after.heard.length === 2)
    expect(after.heard.map(nameOf)).toEqual(['away/1/x=1', 'away/2/x=2'])
    await after.client.endAsync()
    await enter({ ...kept, clean: true }) // ends it
    await client.publishAsync('away/1/x', 'late', { qos: 1 })
    const again = await enter(kept)
    expect(await untilMark(again.client, again.heard)).toEqual([])
    await again.client.endAsync()
    await enter({ ...kept, clean: true })
  })

  it.each([0, 1, 2] as const)(
    'a will of QoS %i is published when its client vanishes, not when it takes its leave',
    async (qos) => {
      const { client, heard } = await enter()
      await client.subscribeAsync('will/+', { qos: 2 })
      const will = (name: string) => ({
        will: { topic: `will/${name}`, payload: Buffer.from('gone'), qos, retain: false },
      })
      const leaving = await enter(will('leaves'))
      await leaving.client.endAsync()
      const vanishing = await enter(will('vanishes'))
      vanishing.client.stream.destroy()
      await until('it', () => heard.length > 0)
      expect((await untilMark(client, heard)).map((each) => [nameOf(each), each.qos])).toEqual([
        ['will/vanishes=gone', qos],
      ])
    },
  )

  it('a message that two subscriptions match comes once, with the higher QoS', async () => {
    const { client, heard } = await enter()
    await client.subscribeAsync({ 'over/#': { qos: 2 }, 'over/x': { qos: 1 } })
    await client.publishAsync('over/x', 'once', { qos: 2 })
    const got = await untilMark(client, heard)
    expect(got.map(nameOf)).toEqual(['over/x=once'])
    expect(got[0]?.qos).toBe(2)
  })

  it.each(['qos/+', 'qos/x', '#'])(
    'of %s a message has at most the QoS that was granted, live, retained or after an absence',
    async (filter) => {
      for (const granted of [0, 1, 2] as const) {
        const kept = { clientId: `qos-${way}`, clean: false }
        const before = await enter(kept)
        await before.client.subscribeAsync(filter, { qos: granted })
        const { client } = await enter()
        await client.publishAsync('qos/x', 'live', { qos: 2 })
        await until('it', () => before.heard.length === 1)
        await before.client.endAsync()
        await client.publishAsync('qos/x', 'away', { qos: 2, retain: true })
        const back = await enter(kept)
        if (granted > 0) await until('it', () => back.heard.length === 1)
        const retained = await enter()
        await retained.client.subscribeAsync(filter, { qos: granted })
        await until('it', () => retained.heard.length === 1)
        expect([...before.heard, ...back.heard, ...retained.heard].map(({ qos, retain }) => [qos, retain])).toEqual([
          [granted, false],
          ...(granted > 0 ? [[granted, false]] : []),
          [granted, true],
        ])
        await client.publishAsync('qos/x', '', { qos: 1, retain: true })
        await back.client.endAsync()
        await enter({ ...kept, clean: true })
      }
    },
  )

  it.each([
    [0, 2],
    [2, 0],
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 1],
  ] as const)(
    'of filters with QoS %i and %i the higher one counts, in any order and for a session too',
    async (...granted) => {
      for (const filters of [
        ['two/x', 'two/+'],
        ['#', 'two/x'],
        ['two/#', '+/x'],
      ] as const) {
        const kept = { clientId: `two-${way}`, clean: false }
        for (const options of [{}, kept]) {
          const { client, heard } = await enter(options)
          for (const [at, filter] of filters.entries()) await client.subscribeAsync(filter, { qos: granted[at] ?? 0 })
          const publisher = await enter()
          for (const qos of [2, 1, 0] as const) await publisher.client.publishAsync('two/x', `${qos}`, { qos })
          await until('all three', () => heard.length === 3)
          const most = Math.max(...granted)
          // a library tells of QoS 2 when its handshake is over
          expect(heard.map(({ text, qos }) => [text, qos]).sort()).toEqual(
            [0, 1, 2].map((qos) => [`${qos}`, Math.min(qos, most)]),
          )
          await client.endAsync()
        }
        await enter({ ...kept, clean: true })
      }
    },
  )

  it('who unsubscribes gets no more of that, and the rest', async () => {
    const { client, heard } = await enter()
    await client.subscribeAsync(['un/a', 'un/b', 'un/c'], { qos: 2 })
    await client.unsubscribeAsync('un/a')
    for (const name of ['a', 'b', 'c']) await client.publishAsync(`un/${name}`, name, { qos: 1 })
    expect((await untilMark(client, heard)).map(nameOf)).toEqual(['un/b=b', 'un/c=c'])
  })

  it('topics that begin with $ match no filter that begins with a wildcard', async () => {
    const { client, heard } = await enter()
    await client.subscribeAsync(['+/+', '#', '$own/+'], { qos: 2 })
    await client.publishAsync('$own/x', 'own', { qos: 1 })
    await client.publishAsync('plain/x', 'plain', { qos: 1 })
    expect((await untilMark(client, heard)).map(nameOf).sort()).toEqual(['$own/x=own', 'plain/x=plain'])
  })

  it.each(['$SYS/#', '$SYS/broker/uptime', 'city/v1/tay-ninh/traffic/other/cmd', '#'])(
    'a filter without the right to it, %s, is answered 0x80 and the rest of its SUBSCRIBE is granted',
    async (filter) => {
      const { client } = await enter({ username: 'ingest' })
      const meta = 'city/v1/+/+/+/meta'
      const granted = await new Promise((resolve) =>
        client.subscribe([meta, filter], { qos: 1 }, (_error, _granted, packet) => resolve(packet?.granted)),
      )
      expect(granted).toEqual([1, 128])
    },
  )

  it('a client without user name and password is refused with return code 4', async () => {
    await expect(enter({ username: '', password: '' })).rejects.toMatchObject({ code: 4 })
  })
})

/** A CONNECT with an empty client id and a session to keep. */
function connectBytesWithoutId(): number[] {
  const text = (value: string) => [0, value.length, ...Buffer.from(value)]
  const body = [...text('MQTT'), 4, 0xc0, 0, 30, ...text(''), ...text('admin'), ...text(testPassword)]
  return [0x10, body.length, ...body]
}

it('who is silent for one and a half times its keep-alive is closed and its will published, and pings keep it', async () => {
  const watching = (await connected(broker.mqttPort, '')).send(subscribePacket('will/silent'))
  rawClients.push(watching)
  await watching.next('suback')
  const will = { topic: 'will/silent', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
  const pinging = await connected(broker.mqttPort, 'pinging', { keepalive: 1 })
  rawClients.push(pinging)
  const pings = setInterval(() => pinging.send({ cmd: 'pingreq' }), 300)
  const began = performance.now()
  const silent = await connected(broker.mqttPort, 'silent', { keepalive: 1, will })
  rawClients.push(silent)
  expect((await watching.next('publish')).payload.toString()).toBe('gone')
  clearInterval(pings)
  expect(performance.now() - began).toBeGreaterThan(1_400)
  expect([silent.closed, pinging.closed]).toEqual([true, false])
})

it('what was sent and not acknowledged is sent again, marked so, when the session goes on', async () => {
  const first = await connected(broker.mqttPort, 'again', { clean: false })
  rawClients.push(first)
  first.send(subscribePacket('again/#', 2))
  await first.next('suback')
  const publisher = await connected(broker.mqttPort, '')
  rawClients.push(publisher)
  publisher.send(publishPacket('again/1', 'one', { qos: 1 }), publishPacket('again/2', 'two', { qos: 2, messageId: 2 }))
  const sent = [await first.next('publish'), await first.next('publish')]
  first.destroy()
  const second = new RawClient(broker.mqttPort).send(connectPacket('again', { clean: false }))
  rawClients.push(second)
  expect(await second.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: true })
  const resent = [await second.next('publish'), await second.next('publish')]
  const shown = ({ topic, payload, qos, messageId, dup }: IPublishPacket) => ({ topic, payload, qos, messageId, dup })
  expect(resent.map(shown)).toEqual(sent.map((packet) => ({ ...shown(packet), dup: true })))
  for (const { qos, messageId = 0 } of resent) second.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId })
  const { messageId = 0 } = await second.next('pubrel')
  second.destroy() // between PUBREL and PUBCOMP
  const third = await connected(broker.mqttPort, 'again', { clean: false })
  rawClients.push(third)
  expect((await third.next('pubrel')).messageId).toBe(messageId)
  third.send({ cmd: 'pubcomp', messageId })
  await until('an empty queue', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
  rawClients.push(await connected(broker.mqttPort, 'again')) // ends the session
})

it('the mark of a repetition is the publisher’s alone', async () => {
  const watching = await connected(broker.mqttPort, 'marks', { clean: false })
  rawClients.push(watching)
  watching.send(subscribePacket('mark/#', 1))
  await watching.next('suback')
  const publisher = await connected(broker.mqttPort, '')
  rawClients.push(publisher)
  publisher.send({ ...publishPacket('mark/x', 'x', { qos: 1 }), dup: true } as IPublishPacket) // a publish again
  expect(await watching.next('publish')).toMatchObject({ dup: false })
  rawClients.push(await connected(broker.mqttPort, 'marks')) // ends the session
})

it('message ids of a session go on where they were', async () => {
  const publisher = await connected(broker.mqttPort, '')
  rawClients.push(publisher)
  const ids: number[] = []
  for (let round = 0; round < 5; round++) {
    const client = await connected(broker.mqttPort, 'ids', { clean: false })
    rawClients.push(client)
    client.send(subscribePacket('ids', 1))
    await client.next('suback')
    publisher.send(publishPacket('ids', `${round}`, { qos: 1 }))
    let found = await client.next('publish')
    while (found.payload.toString() !== `${round}`) found = await client.next('publish')
    ids.push(found.messageId ?? 0)
    client.destroy()
  }
  expect(new Set(ids).size).toBe(5)
  expect(ids.map((id) => (id - (ids[0] ?? 0) + 65_535) % 65_535)).toEqual([0, 1, 2, 3, 4])
  rawClients.push(await connected(broker.mqttPort, 'ids')) // ends the session
})

it('a protocol name that is not MQTT’s closes the connection', async () => {
  for (const name of ['hj', 'mqtt', 'MQTX', 'MQIsdq', '']) {
    const bytes = [0x10, 0, 0, name.length, ...Buffer.from(name), 4, 2, 0, 30, 0, 1, 0x61]
    bytes[1] = bytes.length - 2
    const client = new RawClient(broker.mqttPort).send(Buffer.from(bytes))
    rawClients.push(client)
    await client.end()
    expect(client.received.filter((packet) => packet.cmd !== 'connack' || packet.returnCode === 0)).toEqual([])
  }
})
