import { afterEach, describe, expect, it } from 'vitest'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { until } from '../journal/journal-parts.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

// What somebody can try who has the credential of one sensor.

let broker: TestBroker
const clients: RawClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  await broker.close()
})
const hash = hashSecret(testPassword)
async function start(limits: Partial<BrokerLimits> = {}): Promise<void> {
  broker = await startTestBroker(limits, { maxPacketBytes: 262_144 })
  const place = { role: 'sensor', district: 'tay-ninh', kind: 'traffic', hash: await hash } as const
  await changeCredentials(broker.credentialsPath, (known) => {
    for (const id of ['greedy', 'honest']) known.set(id, { ...place, createdAt: '2026-11-25T00:00:00.000Z' })
  })
  await until('the credentials', async () => (await broker.metric('nhip_broker_credentials')) === 2)
}
const enter = async (username: string, id = username, clean = true) => {
  const client = await connected(broker.mqttPort, id, { username, clean })
  clients.push(client)
  return client
}
const own = (name: string, channel: string) => `city/v1/tay-ninh/traffic/${name}/${channel}`
const refused = (what: string) => broker.metric('nhip_broker_refused_total', { what })

describe('a SUBSCRIBE or UNSUBSCRIBE', () => {
  it.each([true, false])('with very many filters closes the connection, clean session %s', async (clean) => {
    await start()
    const filters = Array.from({ length: 1_001 }, (_, at) => `x${at}`)
    for (const packet of [
      subscribePacket(filters, 1),
      { cmd: 'unsubscribe', messageId: 2, unsubscriptions: filters } as const,
    ]) {
      const client = (await enter('greedy', 'greedy', clean)).send(packet)
      await client.end()
    }
    expect(await refused('protocol')).toBe(2)
    expect(broker.log).toContain('more than 1000 topic filters')
  })

  it('with many filters counts as so many messages: what follows is read later', async () => {
    await start({ MESSAGES_PER_SECOND: 100 })
    const filters = Array.from({ length: 400 }, (_, at) => `x${at}`)
    const client = (await enter('greedy')).send(subscribePacket(filters, 1))
    expect((await client.next('suback')).granted).toEqual(filters.map(() => 128))
    const began = performance.now()
    client.send({ cmd: 'pingreq' })
    await client.next('pingresp')
    expect(performance.now() - began).toBeGreaterThan(1_500)
    const honest = await enter('honest')
    honest.send(publishPacket(own('honest', 'reading'), '{}', { qos: 1 }))
    await honest.next('puback')
  })

  it('with many refused filters keeps the granted one of a session alone, and every granted one of several packets', async () => {
    await start({ MAX_SUBSCRIPTIONS: 5 })
    const admin = await enter('admin', 'admin', false)
    admin.send(subscribePacket(['a', 'b', '$SYS/x', 'c'], 1, 1), subscribePacket(['d', 'e', 'f', 'g'], 1, 2))
    expect((await admin.next('suback')).granted).toEqual([1, 1, 128, 1])
    expect((await admin.next('suback')).granted).toEqual([1, 1, 128, 128])
    admin.destroy()
    const publisher = await enter('admin', 'publisher')
    for (const [at, topic] of ['a', 'b', 'c', 'd', 'e', 'f', 'g'].entries())
      publisher.send(publishPacket(topic, topic, { qos: 1, messageId: at + 1 }))
    const back = await enter('admin', 'admin', false)
    const topics: string[] = []
    for (let count = 0; count < 5; count++) topics.push((await back.next('publish')).topic)
    expect(topics).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

it('QoS 2 messages that are never released are bounded over all connections of a session', async () => {
  await start({ MAX_INFLIGHT: 10 })
  const publish = (messageId: number) => publishPacket(own('greedy', 'ack'), 'x', { qos: 2, messageId })
  for (let id = 1; id <= 10; id += 5) {
    const client = await enter('greedy', 'greedy', false)
    for (let at = id; at < id + 5; at++) {
      client.send(publish(at))
      await client.next('pubrec')
    }
    client.destroy()
  }
  const client = (await enter('greedy', 'greedy', false)).send(publish(11))
  await client.end()
  await until('it to be counted', async () => (await refused('inflight')) === 1)
  const back = await enter('greedy', 'greedy', false)
  back.send(publish(3)) // again
  await back.next('pubrec')
  back.send({ cmd: 'pubrel', messageId: 3 })
  await back.next('pubcomp')
  back.send(publish(12))
  await back.next('pubrec')
  await enter('greedy') // ends the session
  const anew = await enter('greedy', 'greedy', false)
  anew.send(publish(13))
  await anew.next('pubrec')
})

it('many connections of one sensor have its rate together, also when they come again and again; another has its own', async () => {
  await start({ MESSAGES_PER_SECOND: 50 })
  const began = performance.now()
  let sent = 0
  for (let round = 0; round < 4; round++) {
    const some = await Promise.all(Array.from({ length: 5 }, (_, at) => enter('greedy', `g${at}`)))
    for (const client of some) {
      client.send(...Array.from({ length: 15 }, () => publishPacket(own('greedy', 'ack'), 'x')), { cmd: 'pingreq' })
      sent += 16
    }
    await Promise.all(some.map((client) => client.next('pingresp')))
    for (const client of some) client.destroy()
  }
  // two seconds' worth come at once, and the last round is not paid for yet
  expect(performance.now() - began).toBeGreaterThan(((sent * 3) / 4 / 50 - 2) * 1_000 * 0.9)
  // while more of its messages wait for their turn, for half a minute
  const waiting = await enter('greedy', 'g')
  waiting.send(...Array.from({ length: 1_500 }, () => publishPacket(own('greedy', 'ack'), 'x')), { cmd: 'pingreq' })
  const honest = await enter('honest')
  honest.send(publishPacket(own('honest', 'reading'), '{}', { qos: 1 }))
  await honest.next('puback')
  expect(waiting.received.filter(({ cmd }) => cmd === 'pingresp')).toEqual([])
})

it('wills count as messages: a device that connects and vanishes again and again is told to come later, another gets in', async () => {
  await start({ BYTES_PER_SECOND: 1_024 })
  const will = { topic: own('greedy', 'reading'), payload: Buffer.alloc(5_000), qos: 1 as const, retain: false }
  const answers: number[] = []
  for (let count = 0; count < 8; count++) {
    const client = new RawClient(broker.mqttPort).send(connectPacket(`g${count}`, { username: 'greedy', will }))
    clients.push(client)
    answers.push((await client.next('connack')).returnCode ?? -1)
    client.destroy()
  }
  expect(answers.slice(0, 3)).toEqual([0, 0, 0])
  expect(answers.slice(4)).toEqual([3, 3, 3, 3])
  expect(broker.log).toContain('beyond its rate (MESSAGES_PER_SECOND, BYTES_PER_SECOND)')
  const honest = await enter('honest')
  honest.send(publishPacket(own('honest', 'reading'), '{}', { qos: 1 }))
  await honest.next('puback')
})

it('filters and topics of 65,535 bytes or thousands of levels are refused, and hold nobody up', async () => {
  await start()
  const long = [
    'x'.repeat(65_535),
    '+/'.repeat(1_000),
    `${'+/'.repeat(32_000)}#`,
    '/'.repeat(10_000),
    'a/'.repeat(30_000),
  ]
  /** ms of CPU until what these texts name is answered */
  const answering = async (texts: readonly string[]) => {
    const began = process.cpuUsage()
    for (const text of texts)
      for (const packet of [
        subscribePacket([text], 1),
        { cmd: 'unsubscribe' as const, messageId: 2, unsubscriptions: [text] },
        publishPacket(text.replaceAll('+', 'a').replaceAll('#', 'a'), 'x', { qos: 1, messageId: 3 }),
      ]) {
        const client = (await enter('greedy')).send(packet)
        await until('an answer', () => client.closed || client.received.length > 1)
        for (const answer of client.received.slice(1)) expect(answer).not.toMatchObject({ granted: [1] })
        client.destroy()
      }
    return process.cpuUsage(began).user / 1_000
  }
  const short = await answering(long.map((text) => text.slice(0, 2_048)))
  // looked at once a level, a text takes as much as its bytes; looked at anew for each level, hundreds of times as much
  expect(await answering(long)).toBeLessThan(20 * short + 100)
})
