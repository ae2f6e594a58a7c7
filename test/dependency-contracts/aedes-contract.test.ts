import { once } from 'node:events'
import { generate, type Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AedesBroker, closeAedes, setHandlers } from '#broker/aedes/aedes-broker.ts'
import { disconnectReason } from '#broker/connection/disconnect-reason.ts'
import { until } from '../journal/journal-parts.ts'
import { connectOf, join, openConnection, plainAedes } from './aedes-parts.ts'

const publishOf = (topic: string, qos: 0 | 1 | 2, messageId = 7) =>
  ({ cmd: 'publish', topic, payload: 'x', qos, dup: false, retain: false, ...(qos > 0 && { messageId }) }) as const
const subscribeTo = (topic: string, qos: 0 | 1 | 2, messageId = 1): Packet => ({
  ...{ cmd: 'subscribe', messageId, subscriptions: [{ topic, qos }] },
})

/**
 * What the broker uses of Aedes beyond its documented interface: a newer version must pass these before it is taken. Each test names, where it is not
 * plain, what breaks without it.
 */
describe('Aedes, as the broker uses it,', () => {
  let aedes: AedesBroker
  const start = async (options?: Parameters<typeof plainAedes>[0]) => {
    await closeAedes(aedes)
    aedes = await plainAedes(options)
  }
  beforeEach(async () => {
    aedes = await plainAedes()
  })
  afterEach(() => closeAedes(aedes))

  describe('its broker', () => {
    it('looks up a handler each time: ours are set after it is made', async () => {
      const asked: string[] = []
      setHandlers(aedes, {
        preConnect: (_client, _packet, done) => done(null, asked.push('preConnect') > 0),
        authenticate: (_client, _name, _password, done) => done(null, asked.push('authenticate') > 0),
        authorizePublish: (_client, _packet, done) => done(asked.push('authorizePublish') > 0 ? null : undefined),
        authorizeSubscribe: (_client, subscription, done) =>
          done(null, asked.push('authorizeSubscribe') > 0 ? subscription : null),
        authorizeForward: (_client, packet) => (asked.push('authorizeForward') > 0 ? packet : null),
      })
      const { send, next } = await join(aedes, 'a')
      send(subscribeTo('t', 0))
      await next('suback')
      send(publishOf('t', 0))
      await next('publish')
      expect(asked).toEqual([
        'preConnect',
        'authenticate',
        'authorizeSubscribe',
        'authorizePublish',
        'authorizeForward',
      ])
    })

    it('sends no PUBACK before authorizePublish has called back: else readings are acknowledged before they are stored', async () => {
      const waiting: (() => void)[] = []
      Object.assign(aedes, { authorizePublish: (_c: unknown, _p: unknown, done: () => void) => waiting.push(done) })
      const { send, next, received } = await join(aedes, 'a')
      send(publishOf('t', 1), { cmd: 'pingreq' })
      await next('pingresp')
      expect(received.some(({ cmd }) => cmd === 'puback')).toBe(false)
      waiting[0]?.()
      await next('puback')
    })

    it('asks authorizePublish for a will too', async () => {
      const topics: string[] = []
      Object.assign(aedes, {
        authorizePublish(_client: unknown, { topic }: { topic: string }, done: () => void) {
          topics.push(topic)
          done()
        },
      })
      const will = { topic: 'w', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
      const { near } = await join(aedes, 'a', { will })
      near.destroy()
      await until('the will', () => topics.includes('w'))
    })

    it('drops for one subscriber what authorizeForward answers null for: else memory grows for a client that does not read', async () => {
      Object.assign(aedes, {
        authorizeForward: (_client: unknown, packet: { topic: string }) => (packet.topic === 'no' ? null : packet),
      })
      const { send, next, received } = await join(aedes, 'a')
      send(subscribeTo('#', 0))
      await next('suback')
      send(publishOf('no', 0), publishOf('yes', 0))
      await next('publish')
      expect(received.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []))).toEqual(['yes'])
    })

    it('closes by `clients` who holds a client id that another takes: a client that it did not make is found there', async () => {
      let closed = 0
      aedes.clients.a = {
        close(done) {
          closed += 1
          done?.()
        },
      }
      await join(aedes, 'a')
      expect(closed).toBe(1)
    })

    it('counts clients in `connectedClients`, which can be written', async () => {
      aedes.connectedClients += 1
      const { near } = await join(aedes, 'a')
      expect(aedes.connectedClients).toBe(2)
      near.destroy()
      await until('one', () => aedes.connectedClients === 1)
    })
  })

  describe('its client', () => {
    it('listens for readable once, and reads with null as often as a packet is handled: the socket reader stands between', async () => {
      const { near, far, next } = openConnection(aedes)
      expect(near.listeners('readable')).toHaveLength(1)
      const asked: unknown[] = []
      const read = near.read.bind(near)
      near.read = (size?: number) => {
        asked.push(size)
        return read(size)
      }
      far.write(Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]))
      await next('connack')
      await until('it to ask again', () => asked.filter((size) => size === null).length >= 2)
    })

    it('can be made one that is connected already: a client without a session is known to it late', async () => {
      const { client, send, next, near } = openConnection(aedes)
      expect(client._connectTimer).not.toBeNull()
      if (client._connectTimer) clearTimeout(client._connectTimer)
      let refreshed = 0
      const silence = setTimeout(() => {}, 60_000)
      Object.assign(silence, { refresh: () => ++refreshed })
      Object.assign(client, {
        ...{ _connectTimer: null, id: 'late', clean: true, version: 4, _authorized: true },
        ...{ _keepaliveInterval: 60_000, _keepaliveTimer: silence, connackSent: true, connected: true },
        will: { topic: 'w', payload: Buffer.from('gone'), qos: 0, retain: false },
      })
      client._parser.settings = { protocolVersion: 4 }
      aedes.clients.late = client
      aedes.connectedClients += 1
      client.emit('connected')
      send(subscribeTo('t', 1))
      await next('suback')
      send(publishOf('t', 1))
      await next('puback')
      await next('publish')
      expect(refreshed).toBeGreaterThan(0)
      const other = await join(aedes, 'other')
      other.send(subscribeTo('w', 0))
      await other.next('suback')
      near.destroy()
      expect(await other.next('publish')).toMatchObject({ topic: 'w' })
      await until('its end', () => aedes.clients.late === undefined)
    })

    it('has a keep-alive timer that its packets set back: the fast path does the same', async () => {
      const { client } = await join(aedes, 'a', { keepalive: 10 })
      expect(client._keepaliveInterval).toBe(15_001)
      expect(client._keepaliveTimer).toHaveProperty('refresh')
    })

    it('gives its packets first to who listens in front of it, and closes for a packet it does not know: so packets are checked', async () => {
      const { client, send, near } = await join(aedes, 'a')
      const published: string[] = []
      aedes.on('publish', ({ topic }) => published.push(topic))
      client._parser.prependListener('packet', (packet) => Object.assign(packet, { cmd: 'refused' }))
      send(publishOf('t', 0))
      await once(near, 'close')
      expect(published).not.toContain('t')
    })

    it('delivers by its own deliver0 and deliverQoS of the time of SUBSCRIBE: ours replace them', async () => {
      const { client, send, next } = await join(aedes, 'a')
      const delivered: string[] = []
      for (const name of ['deliver0', 'deliverQoS'] as const) {
        const deliver = client[name]
        client[name] = (packet, done) => {
          delivered.push(`${name} ${packet.topic}`)
          deliver(packet, done)
        }
      }
      send(subscribeTo('q0', 0))
      await next('suback')
      send(subscribeTo('q1', 1, 2))
      await until('the filters', () => client.subscriptions.q0 && client.subscriptions.q1)
      const other = await join(aedes, 'other')
      other.send(publishOf('q0', 1), publishOf('q1', 1, 8))
      await until('both', () => delivered.length >= 2)
      expect(delivered).toEqual(expect.arrayContaining(['deliver0 q0', 'deliverQoS q1']))
    })

    it('sends with the QoS in `subscriptions` and the id in `_nextId`, and notes the newest message in `duplicates`', async () => {
      const { client, send, next } = await join(aedes, 'a')
      send(subscribeTo('t', 2))
      await next('suback')
      const own = client.subscriptions.t
      expect(own?.qos).toBe(2)
      if (own) own.qos = 1
      client._nextId = 4_321
      const other = await join(aedes, 'other')
      other.send({ ...publishOf('t', 2) })
      await other.next('pubrec')
      expect(await next('publish')).toMatchObject({ qos: 1, messageId: 4_321 })
      expect(client._nextId).toBe(4_322)
      expect(client.duplicates[aedes.id]).toBeGreaterThan(0)
    })

    it('calls back from waitForDrain when the connection takes bytes again', async () => {
      const { client, near, far } = await join(aedes, 'a', {}, 1_024)
      far.pause()
      near.write(Buffer.from([0xd0, 0]))
      while (near.write(Buffer.alloc(1_024, Buffer.from([0xd0, 0]))));
      const drained = new Promise<void>((resolve) => client.waitForDrain(resolve))
      far.resume()
      await drained
    })
  })

  describe('says why it ends a connection, for the metric of refusals:', () => {
    const reasonOf = async (ended: Promise<unknown[]>) => {
      const [, error] = await ended
      return disconnectReason(error as Error) // the second argument of both events
    }

    it('no CONNECT in time', async () => {
      await start({ connectTimeout: 10 })
      const ended = once(aedes, 'connectionError')
      openConnection(aedes)
      expect(await reasonOf(ended)).toBe('connect-timeout')
    })

    it('silence', async () => {
      const ended = once(aedes, 'clientError')
      await join(aedes, 'a', { keepalive: 1 })
      expect(await reasonOf(ended)).toBe('silence')
    })

    it('bytes that are not read', async () => {
      await start({ drainTimeout: 10 })
      const { client, near, far } = await join(aedes, 'a', {}, 1_024)
      far.pause()
      while (near.write(Buffer.alloc(1_024, Buffer.from([0xd0, 0]))));
      const ended = once(aedes, 'clientError')
      client.waitForDrain(() => {})
      expect(await reasonOf(ended)).toBe('slow-consumer')
    })

    it('too many messages of QoS 2 half-way in', async () => {
      await start({ maxInflightInbound: 1 })
      const { send } = await join(aedes, 'a')
      const ended = once(aedes, 'clientError')
      send(publishOf('t', 2, 1), publishOf('t', 2, 2))
      expect(await reasonOf(ended)).toBe('inflight')
    })

    it('too many packets behind a CONNECT that is not answered', async () => {
      Object.assign(aedes, { authenticate() {} })
      const ended = Promise.race([once(aedes, 'clientError'), once(aedes, 'connectionError')])
      const { send } = openConnection(aedes)
      const pings = Array.from({ length: 50 }, () => generate({ cmd: 'pingreq' }))
      send(Buffer.concat([generate(connectOf('a')), ...pings]))
      expect(await reasonOf(ended)).toBe('protocol')
    })
  })
})
