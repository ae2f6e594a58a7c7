import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BrokerOptions } from '#broker/broker.ts'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { createJournalWriter } from '#broker/publish/journal-writer.ts'
import type { Journal, JournalRecord } from '#journal/journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { connected, publishPacket, type RawClient } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { numbered, numbersOf, readAll, silent, until } from './journal-parts.ts'

const maxPayload = 65_536
const maxPacketBytes = 4_194_304
const topicOf = (sensor: string) => `city/v1/tay-ninh/traffic/${sensor}/reading`

describe.skipIf(!natsInstalled() && !process.env.CI)('a reading that is larger than NATS takes', () => {
  let folder: string
  let nats: NatsServer
  let journal: Journal
  let broker: TestBroker | undefined
  const clients: RawClient[] = []

  /** A server that takes so many bytes; its command line has no word for that. */
  const startWith = async (payload: number) => {
    await writeFile(join(folder, 'nats.conf'), `max_payload: ${payload}\n`)
    nats = await startNatsServer({ args: ['--config', join(folder, 'nats.conf')] })
    return openNatsJournal({ url: nats.url, consumers: ['store'], maxBytes: 268_435_456, log: silent })
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-large-'))
    journal = await startWith(maxPayload)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await broker?.close()
    broker = undefined
    await journal.close()
    await nats.close()
    await rm(folder, { recursive: true })
  })

  const enter = async (port: number) => {
    const client = await connected(port, '')
    clients.push(client)
    return client
  }

  it('is refused alone: what others brought in the same turn is kept in order', async () => {
    const refused: JournalRecord[] = []
    const writer = createJournalWriter(journal, brokerMetrics(new Registry()), new AbortController().signal, {
      withheld() {},
      refused: (record) => refused.push(record),
    })
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 3, 4].map((number) => writer.appendOne(numbered(number, number % 3 === 1 ? maxPayload : 0))),
    )
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect(outcomes[1]).toMatchObject({ reason: { message: expect.stringContaining('max_payload') } })
    expect(refused).toHaveLength(2)
    expect(numbersOf(await readAll(journal))).toEqual([0, 2, 3])
  })

  const knowing = (its: Journal): BrokerOptions['journal'] => its
  const unknowing = (its: Journal): BrokerOptions['journal'] => ({
    append: (records) => its.append(records),
    stats: () => its.stats(),
  })

  it.each([
    ['by its length, for the broker knows what the journal takes', knowing, 'packet-size'],
    ['by the journal, when the broker does not know', unknowing, 'journal-never'],
  ])('ends the connection that sent it and no other: %s', async (_how, through, what) => {
    broker = await startTestBroker({}, { maxPacketBytes, through: () => through(journal) })
    const port = broker.mqttPort
    expect(broker.log.includes('MAX_PACKET_BYTES is 4194304, but the journal takes')).toBe(through === knowing)
    const [steady, light] = [await enter(port), await enter(port)]
    const rounds = 20
    for (let round = 1; round <= rounds; round++) {
      const offender = await enter(port)
      offender.send(publishPacket(topicOf('large'), Buffer.alloc(100_000, ' '), { qos: 1 }))
      for (let part = 0; part < 5; part++) {
        light.send(publishPacket(topicOf('light'), `${round} ${part}`))
        steady.send(publishPacket(topicOf('steady'), `${round} ${part}`, { qos: 1, messageId: round * 5 + part }))
      }
      await offender.end()
    }
    const acknowledged = () => steady.received.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId] : []))
    await until('all to be acknowledged', () => acknowledged().length === rounds * 5)
    expect(acknowledged()).toEqual(Array.from({ length: rounds * 5 }, (_, at) => at + 5))
    expect([steady.closed, light.closed]).toEqual([false, false])
    const sent = Array.from({ length: rounds * 5 }, (_, at) => `${Math.floor(at / 5) + 1} ${at % 5}`)
    const keptOf = async (sensor: string) =>
      (await readAll(journal)).flatMap(({ records }) =>
        [...records]
          .filter(({ topic }) => topic === topicOf(sensor))
          .map(({ payload }) => Buffer.from(payload).toString()),
      )
    await until('those of QoS 0 to be kept', async () => (await keptOf('light')).length === sent.length)
    expect(await keptOf('light')).toEqual(sent)
    expect(await keptOf('steady')).toEqual(sent)
    expect(await keptOf('large')).toEqual([])
    expect(await broker.metric('nhip_broker_refused_total', { what })).toBe(rounds)
  })

  it('that just fits is kept', async () => {
    broker = await startTestBroker({}, { maxPacketBytes, through: () => journal })
    const topic = topicOf('large')
    const client = await enter(broker.mqttPort)
    // of the packet: a byte and the length of the rest (3), the length of the topic (2), the message id (2)
    const room = (journal.maxMessageBytes ?? 0) - topic.length - 8
    client.send(publishPacket(topic, Buffer.alloc(room, ' '), { qos: 1, messageId: 7 }))
    expect((await client.next('puback')).messageId).toBe(7)
    client.send(publishPacket(topic, Buffer.alloc(room + 1, ' '), { qos: 1, messageId: 8 }))
    await client.end()
    expect(await readAll(journal)).toHaveLength(1)
  })

  it('would be any: such a server is refused at the start', async () => {
    await journal.close()
    await nats.close()
    await expect(startWith(1_024)).rejects.toThrow(/max_payload is 1024; at least 4096/)
  })
})
