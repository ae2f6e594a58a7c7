import type { Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AedesBroker, closeAedes } from '#broker/aedes/aedes-broker.ts'
import type { SessionStore } from '#broker/aedes/session-store.ts'
import { until } from '../journal/journal-parts.ts'
import { join, plainAedes } from './aedes-parts.ts'

type Method = keyof SessionStore

/** How the broker uses Aedes' memory of sessions: it replaces these methods, and bounds there what is stored. */
describe("Aedes' store of sessions", () => {
  let aedes: AedesBroker
  /** the arguments of each call, by method */
  let calls: Map<Method, unknown[][]>

  const watch = (method: Method) => {
    const called = aedes.persistence[method].bind(aedes.persistence) as (...args: unknown[]) => unknown
    const made: unknown[][] = []
    calls.set(method, made)
    Object.assign(aedes.persistence, {
      [method](...args: unknown[]) {
        made.push(args)
        return called(...args)
      },
    })
  }
  beforeEach(async () => {
    aedes = await plainAedes()
    calls = new Map()
  })
  afterEach(() => closeAedes(aedes))

  const of = (method: Method) => calls.get(method) ?? []
  const publish = (topic: string, qos: 0 | 1 | 2, retain = false) =>
    new Promise<void>((resolve) =>
      aedes.publish({ cmd: 'publish', topic, payload: Buffer.from('x'), qos, retain, dup: false }, () => resolve()),
    )
  const subscribe: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't', qos: 2 }] }

  it('is asked to store the subscriptions of a persistent session, and to forget them', async () => {
    watch('addSubscriptions')
    watch('cleanSubscriptions')
    const { send, next, near } = await join(aedes, 'a', { clean: false })
    send(subscribe)
    await next('suback')
    expect(of('addSubscriptions')).toMatchObject([[{ id: 'a' }, [{ topic: 't', qos: 2 }]]])
    near.destroy()
    await until('its end', () => aedes.connectedClients === 0)
    await join(aedes, 'a', { clean: true })
    expect(of('cleanSubscriptions')).toMatchObject([[{ id: 'a' }]])
  })

  it('is asked for sessions that subscribe to a message, and to queue it in them', async () => {
    watch('subscriptionsByTopic')
    watch('outgoingEnqueueCombi')
    const { send, next } = await join(aedes, 'a', { clean: false })
    send(subscribe)
    await next('suback')
    await publish('t', 1)
    expect(of('subscriptionsByTopic')).toContainEqual(['t'])
    expect(of('outgoingEnqueueCombi').at(-1)).toMatchObject([[{ clientId: 'a', qos: 2 }], { topic: 't', qos: 1 }])
  })

  it('is asked, and waited for, before a queued message is sent, and when it is acknowledged', async () => {
    watch('outgoingUpdate')
    watch('outgoingClearMessageId')
    const { send, next } = await join(aedes, 'a', { clean: false })
    send(subscribe)
    await next('suback')
    await publish('t', 1)
    const message = await next('publish')
    const { messageId } = message as { messageId: number } // of QoS 1
    expect(of('outgoingUpdate')).toMatchObject([[{ id: 'a' }, { cmd: 'publish', messageId }]])
    send({ cmd: 'puback', messageId })
    await until('it to be cleared', () => of('outgoingClearMessageId').length > 0)
    expect(of('outgoingClearMessageId')).toMatchObject([[{ id: 'a' }, { messageId }]])
  })

  it('is read with outgoingStream when a session is resumed', async () => {
    const first = await join(aedes, 'a', { clean: false })
    first.send(subscribe)
    await first.next('suback')
    first.near.destroy()
    await until('its end', () => aedes.connectedClients === 0)
    await publish('t', 1)
    watch('outgoingStream')
    const second = await join(aedes, 'a', { clean: false })
    await second.next('publish')
    expect(of('outgoingStream')).toMatchObject([[{ id: 'a' }]])
  })

  it('holds messages of QoS 2 from PUBLISH to PUBREL, and forgets them with a clean session', async () => {
    watch('incomingStorePacket')
    watch('incomingDelPacket')
    watch('cleanIncoming')
    const { send, next, near } = await join(aedes, 'a')
    send({ cmd: 'publish', topic: 't', payload: 'x', qos: 2, dup: false, retain: false, messageId: 5 })
    await next('pubrec')
    expect(of('incomingStorePacket')).toMatchObject([[{ id: 'a' }, { messageId: 5 }]])
    send({ cmd: 'pubrel', messageId: 5 })
    await next('pubcomp')
    expect(of('incomingDelPacket')).toMatchObject([[{ id: 'a' }, { messageId: 5 }]])
    const before = of('cleanIncoming').length
    near.destroy()
    await until('it to be cleaned', () => of('cleanIncoming').length > before)
  })

  it('stores retained messages, and is asked for those of the filters of a SUBSCRIBE as a stream', async () => {
    watch('storeRetained')
    watch('createRetainedStreamCombi')
    await publish('t', 0, true)
    const { send, next } = await join(aedes, 'a')
    send(subscribe)
    expect(await next('publish')).toMatchObject({ topic: 't', retain: true })
    expect(of('storeRetained')).toMatchObject([[{ topic: 't' }]])
    expect(of('createRetainedStreamCombi')).toEqual([[['t']]])
  })
})
