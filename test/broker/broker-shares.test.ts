import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import fc from 'fast-check'
import type { IConnectPacket } from 'mqtt-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { until } from '../journal/journal-parts.ts'
import { connected, connectPacket, publishPacket, RawClient, subscribePacket, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
let folder: string | undefined
const clients: RawClient[] = []
const leaveAll = async () => {
  for (const client of clients.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
}
afterEach(async () => {
  await leaveAll()
  await broker.close()
  if (folder) await rm(folder, { recursive: true, force: true })
  folder = undefined
})

const hash = hashSecret(testPassword)
const createdAt = '2026-11-25T00:00:00.000Z'
/** Two devices, and two people whose role may publish much. */
async function start(limits: Partial<BrokerLimits>, keptFolder?: string): Promise<void> {
  broker = await startTestBroker(limits, keptFolder ? { keptFolder } : {})
  const secret = await hash
  await changeCredentials(broker.credentialsPath, (known) => {
    for (const id of ['greedy', 'honest'])
      known.set(id, { role: 'sensor', district: 'tay-ninh', kind: 'traffic', hash: secret, createdAt })
    for (const id of ['one', 'other']) known.set(id, { role: 'admin', hash: secret, createdAt })
  })
  await until('the credentials', async () => (await broker.metric('nhip_broker_credentials')) === 4)
}
const enter = async (username: string, id = '', more: Partial<IConnectPacket> = {}) => {
  const client = await connected(broker.mqttPort, id, { username, ...more })
  clients.push(client)
  return client
}
const answerTo = async (username: string, id = '', more: Partial<IConnectPacket> = {}) => {
  const client = new RawClient(broker.mqttPort).send(connectPacket(id, { username, ...more }))
  clients.push(client)
  return (await client.next('connack')).returnCode
}
const refused = (what: string) => broker.metric('nhip_broker_refused_total', { what })
const largest = (of: string) => broker.metric('nhip_broker_share_largest', { of })
const retain = async (client: RawClient, topic: string, payload: string, qos: 1 | 2 = 1) => {
  client.send(publishPacket(topic, payload, { qos, retain: true }))
  if (qos === 1) return client.next('puback')
  await client.next('pubrec')
  client.send({ cmd: 'pubrel', messageId: 1 })
  return client.next('pubcomp')
}
/** What a newcomer is given of these topics at once. */
const retained = async (...topics: string[]): Promise<Record<string, string>> => {
  const client = await enter('admin')
  const watched = [...topics, 'mark']
  client.send(subscribePacket(watched, 1))
  await client.next('suback')
  ;(await enter('admin')).send(publishPacket('mark', 'end', { qos: 1 }))
  const found: Record<string, string> = {}
  for (;;) {
    const { topic, payload, retain: isRetained } = await client.next('publish')
    if (topic === 'mark') return found
    if (isRetained) found[topic] = payload.toString()
  }
}

describe('connections have a share per user:', () => {
  it('beyond it a device is refused with return code 3, another one is let in, and one that ends makes room', async () => {
    await start({ MAX_CONNECTIONS_PER_USER: 3, MAX_CONNECTIONS: 6 })
    const [first] = [await enter('greedy', 'a'), await enter('greedy', 'b'), await enter('greedy')]
    expect(await answerTo('greedy', 'c')).toBe(3)
    expect(await answerTo('greedy', 'd', { clean: false })).toBe(3)
    expect(await refused('connections')).toBe(2)
    expect(broker.log).toContain('too many connections of this user (MAX_CONNECTIONS_PER_USER)')
    expect(await largest('connections')).toBe(3)
    await enter('honest', 'honest')
    first?.destroy()
    await until('room', async () => (await largest('connections')) === 2)
    await enter('greedy', 'c')
  })

  it('who takes over a client id of its own needs no room', async () => {
    await start({ MAX_CONNECTIONS_PER_USER: 2 })
    await enter('greedy', 'a')
    await enter('greedy', 'b')
    for (const clean of [true, false, true]) {
      const before = clients.at(-1)
      await enter('greedy', 'b', { clean })
      await before?.end()
    }
    await until('two', async () => (await largest('connections')) === 2)
    expect(await answerTo('greedy', 'c')).toBe(3)
  })

  it('a service and a person with a role have another one', async () => {
    await start({ MAX_CONNECTIONS_PER_USER: 1, MAX_CONNECTIONS_PER_SERVICE: 2 })
    for (const user of ['simulators', 'admin', 'one']) {
      await enter(user)
      await enter(user)
      expect(await answerTo(user)).toBe(3)
    }
    expect(broker.log).toContain('MAX_CONNECTIONS_PER_SERVICE')
  })

  it('a thousand at once of one device leave the places of others', async () => {
    await start({ MAX_CONNECTIONS: 150 })
    const answers: number[] = []
    for (let round = 0; round < 20; round++) {
      const codes = await Promise.all(Array.from({ length: 50 }, () => answerTo('greedy').catch(() => -1)))
      answers.push(...codes.filter((code) => code !== undefined))
    }
    expect(answers.filter((code) => code === 0).length).toBe(100)
    expect(await answerTo('honest', 'honest')).toBe(0)
  })
})

describe('subscriptions have a share per user:', () => {
  it('over all of its clients and kept sessions, and another user has its own', async () => {
    await start({ MAX_SUBSCRIPTIONS_PER_USER: 5 })
    const away = (await enter('one', 'away', { clean: false })).send(subscribePacket(['a', 'b'], 1))
    expect((await away.next('suback')).granted).toEqual([1, 1])
    away.destroy()
    await until('it to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
    const first = (await enter('one')).send(subscribePacket(['a', 'b'], 1))
    expect((await first.next('suback')).granted).toEqual([1, 1])
    const second = (await enter('one')).send(subscribePacket(['a', 'b', 'c'], 1))
    expect((await second.next('suback')).granted).toEqual([1, 128, 128])
    expect(await refused('subscriptions')).toBe(2)
    expect(broker.log).toContain('MAX_SUBSCRIPTIONS_PER_USER')
    expect([await largest('subscriptions'), await broker.metric('nhip_broker_subscriptions')]).toEqual([5, 5])
    const other = (await enter('other')).send(subscribePacket(['a', 'b', 'c'], 1))
    expect((await other.next('suback')).granted).toEqual([1, 1, 1])
    // what ends, by UNSUBSCRIBE, with its connection or with its session, makes room
    first.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a', 'a', 'never'] })
    await first.next('unsuback')
    second.destroy()
    await until('room', async () => (await largest('subscriptions')) === 3)
    await enter('one', 'away') // with a clean session
    await until('room', async () => (await broker.metric('nhip_broker_subscriptions')) === 4)
    await leaveAll()
    expect(await broker.metric('nhip_broker_subscriptions')).toBe(0)
  })

  it('and a bound in all, which keeps none of the platform’s own parts out', async () => {
    await start({ MAX_SUBSCRIPTIONS_IN_ALL: 3 })
    const one = (await enter('one')).send(subscribePacket(['a', 'b', 'c', 'd'], 1))
    expect((await one.next('suback')).granted).toEqual([1, 1, 1, 128])
    const own = (await enter('ingest')).send(subscribePacket('city/v1/+/+/+/meta', 1))
    expect((await own.next('suback')).granted).toEqual([1])
  })

  it('what a kept session had, it has again when its client is back, also where the share is full', async () => {
    await start({ MAX_SUBSCRIPTIONS_PER_USER: 2 })
    const before = (await enter('one', 'kept', { clean: false })).send(subscribePacket(['a', 'b'], 1))
    await before.next('suback')
    before.destroy()
    await until('it to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
    const back = await enter('one', 'kept', { clean: false })
    ;(await enter('other')).send(publishPacket('b', 'x', { qos: 1 }))
    expect((await back.next('publish')).topic).toBe('b')
    expect(await largest('subscriptions')).toBe(2)
  })

  it('the count is right after any order of subscribing, unsubscribing, leaving and coming back', async () => {
    await start({ MAX_SUBSCRIPTIONS_PER_USER: 4, MAX_SUBSCRIPTIONS: 3 })
    const step = fc.record({
      act: fc.constantFrom('enter', 'enter to stay', 'leave', 'subscribe', 'unsubscribe'),
      id: fc.constantFrom('x', 'y', 'z'),
      filter: fc.constantFrom('p', 'q', 'r', '#'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const here = new Map<string, { client: RawClient; clean: boolean }>()
        const has = new Map<string, Set<string>>()
        const total = () => [...has.values()].reduce((sum, { size }) => sum + size, 0)
        const counted = () => until('the count', async () => (await largest('subscriptions')) === total())
        for (const { act, id, filter } of steps) {
          const at = here.get(id)
          if (act === 'enter' || act === 'enter to stay') {
            const clean = act === 'enter'
            if (clean || at?.clean) has.delete(id)
            here.set(id, { client: await enter('one', id, { clean }), clean })
            if (at) await at.client.end()
          } else if (act === 'leave' && at) {
            at.client.destroy()
            here.delete(id)
            if (at.clean) has.delete(id)
          } else if (act === 'subscribe' && at) {
            const own = has.get(id) ?? new Set()
            const room = own.has(filter) || (own.size < 3 && total() < 4)
            at.client.send(subscribePacket(filter, 1))
            expect((await at.client.next('suback')).granted).toEqual([room ? 1 : 128])
            if (room) has.set(id, own.add(filter))
          } else if (act === 'unsubscribe' && at) {
            at.client.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [filter] })
            await at.client.next('unsuback')
            has.get(id)?.delete(filter)
          }
          await counted()
        }
        for (const id of ['x', 'y', 'z']) await enter('one', id) // ends what was kept
        await leaveAll()
        expect(await broker.metric('nhip_broker_subscriptions')).toBe(0)
      }),
      { numRuns: 12 },
    )
  }, 60_000)
})

describe('retained messages have a share per user:', () => {
  it.each([1, 2] as const)(
    'one too many of QoS %i is delivered, not retained, counted and logged with its user; another user has room',
    async (qos) => {
      await start({ MAX_RETAINED_PER_USER: 2 })
      const watching = (await enter('admin')).send(subscribePacket('t/#', 1))
      await watching.next('suback')
      const one = await enter('one')
      for (const name of ['a', 'b', 'c']) await retain(one, `t/${name}`, name, qos)
      for (const topic of ['t/a', 't/b', 't/c']) expect((await watching.next('publish')).topic).toBe(topic)
      await retain(await enter('other'), 't/d', 'd')
      expect(await retained('t/#')).toEqual({ 't/a': 'a', 't/b': 'b', 't/d': 'd' })
      expect(await refused('retained')).toBe(1)
      expect(await largest('retainedMessages')).toBe(2)
      expect(broker.log).toMatch(/"username":"one".*MAX_RETAINED_PER_USER/)
    },
  )

  it('one that replaces its own needs no room, one that ends makes some, and so does one that another replaces', async () => {
    await start({ MAX_RETAINED_PER_USER: 2, MAX_RETAINED_BYTES_PER_USER: 1_024 })
    const one = await enter('one')
    await retain(one, 'a', '1')
    await retain(one, 'b', '1')
    await retain(one, 'a', '2')
    await retain(one, 'b', '')
    await retain(one, 'c', '1')
    await retain(await enter('other'), 'c', '2')
    await retain(one, 'd', '1')
    await retain(one, 'e', '1')
    await retain(one, 'd', 'x'.repeat(1_023))
    expect(await retained('#')).toEqual({ a: '2', c: '2' })
    await retain(one, 'd', 'x'.repeat(1_021))
    expect(Object.keys(await retained('#')).sort()).toEqual(['a', 'c', 'd'])
    expect(await largest('retainedBytes')).toBe(1_024)
  })

  it('a last will counts too', async () => {
    await start({ MAX_RETAINED_PER_USER: 1 })
    const will = (topic: string) => ({ will: { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: true } })
    ;(await enter('one', '', will('a'))).destroy()
    await until('it', async () => (await largest('retainedMessages')) === 1)
    ;(await enter('one', '', will('b'))).destroy()
    await until('it to be refused', async () => (await refused('retained')) === 1)
    expect(await retained('#')).toEqual({ a: 'gone' })
  })

  it('is not that of the platform’s own parts', async () => {
    await start({ MAX_RETAINED_PER_USER: 1 })
    const alerts = await enter('alerts')
    for (const name of ['a', 'b', 'c']) await retain(alerts, `city/v1/alerts/${name}`, name)
    expect(Object.keys(await retained('city/v1/alerts/+')).length).toBe(3)
  })

  it('outlives a restart, and what is kept outlives a smaller share', async () => {
    folder = await mkdtemp(joinPath(tmpdir(), 'nhip-shares-'))
    await start({ MAX_RETAINED_PER_USER: 3 }, folder)
    const one = await enter('one')
    for (const name of ['a', 'b', 'c']) await retain(one, name, name)
    await retain(await enter('greedy'), 'city/v1/tay-ninh/traffic/greedy/status', 'online')
    await leaveAll()
    await broker.close()
    await start({ MAX_RETAINED_PER_USER: 2 }, folder)
    expect(await largest('retainedMessages')).toBe(3)
    const back = await enter('one')
    await retain(back, 'd', 'd')
    expect(await refused('retained')).toBe(1)
    await retain(await enter('other'), 'e', 'e')
    await retain(back, 'a', '')
    await retain(back, 'b', '')
    await retain(back, 'd', 'd')
    expect(await refused('retained')).toBe(1)
    const status = 'city/v1/tay-ninh/traffic/greedy/status'
    expect(await retained('#')).toEqual({ c: 'c', d: 'd', e: 'e', [status]: 'online' })
  })

  it('the counts are right after any order of publishing and restarts', async () => {
    folder = await mkdtemp(joinPath(tmpdir(), 'nhip-shares-'))
    const step = fc.record({
      user: fc.constantFrom('one', 'other'),
      topic: fc.constantFrom('a', 'b', 'c', 'd'),
      length: fc.constantFrom(0, 1, 500, 1_000),
      restart: fc.integer({ min: 0, max: 7 }).map((chance) => chance === 0),
    })
    const limits = { MAX_RETAINED_PER_USER: 2, MAX_RETAINED_BYTES_PER_USER: 1_100 }
    await start(limits, folder)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const held = new Map<string, { user: string; length: number }>()
        for (const { user, topic, length, restart } of steps) {
          if (restart) {
            await leaveAll()
            await broker.close()
            await start(limits, folder)
          }
          await retain(await enter(user), topic, 'x'.repeat(length))
          held.delete(topic)
          const own = [...held.values()].filter((each) => each.user === user)
          const bytes = own.reduce((sum, each) => sum + 1 + each.length, 1 + length)
          if (length > 0 && own.length < 2 && bytes <= 1_100) held.set(topic, { user, length })
        }
        const expected = Object.fromEntries([...held].map(([topic, { length }]) => [topic, 'x'.repeat(length)]))
        expect(await retained('#')).toEqual(expected)
        const admin = await enter('admin')
        for (const topic of held.keys()) await retain(admin, topic, '')
        expect(await largest('retainedBytes')).toBe(0)
        await leaveAll()
      }),
      { numRuns: 10 },
    )
  }, 60_000)
})

it('what one device may have of everything, it has; another one connects, keeps a session and says what it is', async () => {
  await start({
    ...{ MAX_CONNECTIONS_PER_USER: 3, MAX_SESSIONS_PER_USER: 3, MAX_SUBSCRIPTIONS_PER_USER: 3 },
    ...{ MAX_CONNECTIONS: 8, MAX_SESSIONS: 4, MAX_SUBSCRIPTIONS_IN_ALL: 6, MAX_RETAINED: 4, MAX_RETAINED_PER_USER: 3 },
  })
  const own = (name: string, channel: string) => `city/v1/tay-ninh/traffic/${name}/${channel}`
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const answer = await answerTo('greedy', id, { clean: false })
    const client = clients.at(-1)
    if (answer !== 0 || !client) continue
    client.send(subscribePacket(own('greedy', 'cmd'), 1))
    await client.next('suback')
    for (const channel of ['meta', 'status', 'ack']) await retain(client, own('greedy', channel), 'x')
  }
  const honest = await enter('honest', 'honest', { clean: false })
  honest.send(subscribePacket(own('honest', 'cmd'), 1))
  expect((await honest.next('suback')).granted).toEqual([1])
  await retain(honest, own('honest', 'meta'), '{}')
  expect(await retained(own('honest', 'meta'))).toEqual({ [own('honest', 'meta')]: '{}' })
})
