import { generate } from 'mqtt-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { JournalFullError } from '#telemetry/errors.ts'
import { readAll, until } from '../journal/journal-parts.ts'
import { type BlockedJournal, blockedJournal } from './blocked-journal.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
let blocked: BlockedJournal
const clients: RawClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await broker.close()
})

async function start(): Promise<void> {
  broker = await startTestBroker()
}
/** A broker whose journal takes nothing until it is opened. */
async function startBlocked(): Promise<void> {
  broker = await startTestBroker(
    {},
    {
      through(journal) {
        blocked = blockedJournal(journal)
        return blocked.journal
      },
    },
  )
}
async function join(more: Parameters<typeof connectPacket>[1] = {}): Promise<RawClient> {
  const client = await connected(broker.mqttPort, '', more)
  clients.push(client)
  return client
}
const topicOf = (sensor: string) => `city/v1/tay-ninh/traffic/${sensor}/reading`
const reading = (messageId: number, sensor = 'a') =>
  publishPacket(topicOf(sensor), JSON.stringify({ ts: messageId }), { qos: 1, messageId })
const status = (messageId: number) =>
  publishPacket('city/v1/tay-ninh/traffic/a/status', 'online', { qos: 1, messageId, retain: true })
const acknowledged = (client: RawClient) =>
  client.received.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId] : []))
const kept = async () =>
  (await readAll(broker.journal)).flatMap(({ records }) =>
    [...records].map(({ topic, payload }) => `${topic} ${Buffer.from(payload).toString()}`),
  )

describe('readings', () => {
  it('are kept and acknowledged in order, wherever their bytes are cut and whatever stands between them', async () => {
    await start()
    const numbers = Array.from({ length: 60 }, (_, at) => at + 1)
    const bytes = Buffer.concat(
      numbers.map((id) => {
        if (id % 7 === 0) return generate(status(id))
        if (id % 11 === 0) return Buffer.concat([generate({ cmd: 'pingreq' }), generate(reading(id, 'b'))])
        return generate(reading(id, id % 5 === 0 ? 'b' : 'a'))
      }),
    )
    for (const cut of [1, 7, 90, bytes.length]) {
      const client = await join()
      for (let at = 0; at < bytes.length; at += cut) client.socket.write(bytes.subarray(at, at + cut))
      await until('all PUBACKs', () => acknowledged(client).length === numbers.length)
      expect(acknowledged(client)).toEqual(numbers)
    }
    const once = numbers
      .filter((id) => id % 7 !== 0)
      .map((id) => `${topicOf(id % 5 === 0 || id % 11 === 0 ? 'b' : 'a')} {"ts":${id}}`)
    expect(await kept()).toEqual([...once, ...once, ...once, ...once])
  })

  it('that come while earlier ones wait for room in the journal do not overtake them', async () => {
    let refusals = 0
    broker = await startTestBroker(
      {},
      {
        through(journal) {
          blocked = blockedJournal(journal, () => (++refusals === 1 ? new JournalFullError('full') : undefined))
          blocked.unblock()
          return blocked.journal
        },
      },
    )
    const client = await join()
    client.send(reading(1))
    await until('the first is refused', () => refusals > 0)
    client.send(reading(2))
    client.send(reading(3))
    await until('all PUBACKs', () => acknowledged(client).length === 3)
    expect(acknowledged(client)).toEqual([1, 2, 3])
    expect(await kept()).toEqual([1, 2, 3].map((id) => `${topicOf('a')} {"ts":${id}}`))
  })

  it('that come byte by byte are kept', async () => {
    await start()
    const client = await join()
    for (const byte of generate(reading(1))) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setTimeout(resolve, 2)) // a chunk for each
    }
    await client.next('puback')
    expect(await kept()).toEqual([`${topicOf('a')} {"ts":1}`])
  })

  it('behind the CONNECT in the same bytes wait for its answer', async () => {
    await start()
    const client = new RawClient(broker.mqttPort)
    clients.push(client)
    client.send(connectPacket(''), reading(1), status(2), reading(3))
    await until('all PUBACKs', () => acknowledged(client).length === 3)
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack', 'puback', 'puback', 'puback'])
    expect(acknowledged(client)).toEqual([1, 2, 3])
  })

  it('are not acknowledged before the journal has them, nor is what comes behind them; a ping is answered', async () => {
    await startBlocked()
    const client = await join()
    client.send(reading(1), status(2), reading(3))
    await until('the journal to be asked', () => blocked.offered > 0)
    client.send({ cmd: 'pingreq' })
    const other = (await join()).send({ cmd: 'pingreq' }, status(7))
    await other.next('pingresp')
    await other.next('puback')
    expect(acknowledged(client)).toEqual([])
    blocked.unblock()
    await until('all PUBACKs', () => acknowledged(client).length === 3)
    expect(acknowledged(client)).toEqual([1, 2, 3])
    await client.next('pingresp')
  })

  it('that wait for the journal do not keep a ping waiting', async () => {
    await startBlocked()
    const client = (await join()).send(reading(1), { cmd: 'pingreq' })
    await client.next('pingresp')
    expect(acknowledged(client)).toEqual([])
    blocked.unblock()
    await client.next('puback')
  })

  it('keep a connection alive; silence ends it', async () => {
    await start()
    const client = await join({ keepalive: 2 })
    // longer than silence is borne: one and a half times the keep-alive
    const end = performance.now() + 4_000
    for (let id = 1; performance.now() < end; id++) {
      client.send(reading(id))
      await client.next('puback')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(client.closed).toBe(false)
    await client.end()
  })

  it.each([0, 1] as const)('of QoS %i reach who subscribes to them, as long as he does', async (qos) => {
    await start()
    const watching = (await join()).send(subscribePacket('city/v1/+/+/+/reading', 1))
    await watching.next('suback')
    const client = await join()
    client.send(publishPacket(topicOf('a'), '{"ts":1}', { qos, messageId: 1, retain: true }))
    const { topic, payload, retain, qos: arrived } = await watching.next('publish')
    expect({ topic, payload: payload.toString(), retain, arrived }).toEqual({
      ...{ topic: topicOf('a'), payload: '{"ts":1}', retain: false, arrived: qos },
    })
    watching.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['city/v1/+/+/+/reading'] })
    await watching.next('unsuback')
    client.send(reading(2))
    await until('the reading to be kept', async () => (await kept()).length === 2)
    watching.send({ cmd: 'pingreq' })
    await watching.next('pingresp')
    expect(watching.received.filter(({ cmd }) => cmd === 'publish')).toHaveLength(1)
  })

  it('wait for a session that subscribes to them and is away', async () => {
    await start()
    const session = () => connected(broker.mqttPort, 'keeper', { clean: false })
    const away = (await session()).send(subscribePacket('city/#', 1))
    await away.next('suback')
    away.send({ cmd: 'disconnect' })
    await away.end()
    const client = (await join()).send(reading(1))
    await client.next('puback')
    const back = await session()
    clients.push(back)
    expect((await back.next('publish')).topic).toBe(topicOf('a'))
  })

  it('with too few levels in their topic are kept, for quarantine, and delivered as any message', async () => {
    await start()
    const watching = (await join()).send(subscribePacket('city/v1/live/+', 1))
    await watching.next('suback')
    const topic = 'city/v1/live/reading'
    const client = (await join()).send(publishPacket(topic, 'no reading', { qos: 1 }))
    await client.next('puback')
    expect((await watching.next('publish')).topic).toBe(topic)
    expect(await kept()).toEqual([`${topic} no reading`])
  })

  it.each([
    ['with a wildcard in their topic', publishPacket('city/v1/+/traffic/a/reading', '1', { qos: 1 })],
    ['with a topic too deep', publishPacket(`city/v1/${'a/'.repeat(20)}reading`, '1', { qos: 1 })],
  ])('%s close their client and are not kept', async (_what, packet) => {
    await start()
    const client = (await join()).send(reading(1), packet)
    await client.end()
    expect(await kept()).toEqual([`${topicOf('a')} {"ts":1}`])
  })
})
