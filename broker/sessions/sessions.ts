import { type Duplex, Readable } from 'node:stream'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { Asking, SessionStore, WaitingPacket } from '../aedes/session-store.ts'
import type { ConnectFault } from '../connection/connect-fault.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { isService } from '../limits/role-rates.ts'
import { UserQuota } from '../limits/user-quota.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'

interface Session {
  /** who may come back to it */
  owner: string
  /** whether its owner has a share of sessions, which the platform's own parts have not */
  hasShare: boolean
  /** that has it or had it last */
  client: ConnectedClient
  conn: Duplex
  /** whether nobody had this client id when it was claimed */
  fresh: boolean
  online: boolean
  /** whether it outlives its connection */
  kept: boolean
  /** whether it is being ended for a newer one of its owner */
  ending: boolean
  /** when it was left: ms of performance.now, which does not jump */
  leftAt: number
  queued: number
  bytes: number
  /** bytes of what has a message id, by id */
  sizes: Map<number, number>
  /** message ids on their way over the present connection */
  inflight: Set<number>
  /** messages that wait for room on their way */
  waiting: (() => void)[]
}

const sizeOf = (packet: WaitingPacket) => packet.payload?.length ?? 0

/** Marks what was sent before, which has a message id, as sent again (MQTT-3.3.1-1). */
async function* markSent(packets: AsyncIterable<WaitingPacket>) {
  for await (const packet of packets) {
    if (packet.cmd === 'publish' && packet.messageId !== undefined) packet.dup = true
    yield packet
  }
}

/**
 * Bounds what Aedes keeps for clients that are away, which it does not do itself, in its own store: number, age and queue of sessions, and
 * messages on their way. Only who left a session may come back to it. What does not fit into a queue is dropped and
 * counted; a client that is connected while its queue is full is closed by Aedes, and finds its queue when it returns.
 */
export class Sessions {
  readonly #limits: BrokerLimits
  readonly #metrics: BrokerMetrics
  readonly #store: SessionStore
  readonly #subscriptions: Subscriptions
  readonly #sessions = new Map<string, Session>()
  readonly #sweeper: NodeJS.Timeout

  constructor(store: SessionStore, subscriptions: Subscriptions, limits: BrokerLimits, metrics: BrokerMetrics) {
    this.#limits = limits
    this.#metrics = metrics
    const add = store.addSubscriptions.bind(store)
    const enqueue = store.outgoingEnqueueCombi.bind(store)
    const outgoing = store.outgoingStream.bind(store)
    const update = store.outgoingUpdate.bind(store)
    const clear = store.outgoingClearMessageId.bind(store)
    this.#store = store
    this.#subscriptions = subscriptions
    // Aedes would keep the refused filters of a SUBSCRIBE beside the granted ones, and give all of them for each that is granted
    store.addSubscriptions = (client) => add(client, subscriptions.takeFresh(client))
    store.outgoingEnqueueCombi = async (found, packet) => {
      const { qos = 0 } = packet
      const sessions = this.#withRoom(found, packet)
      // at once, so that messages keep their order
      const queued = ([1, 2] as const).map((granted) => {
        const some = sessions.filter((session) => Math.min(session.qos, qos) === granted)
        return some.length > 0 ? enqueue(some, { ...packet, qos: granted, retain: false, dup: false }) : undefined
      })
      await Promise.all(queued)
    }
    store.outgoingStream = (client) => Readable.from(markSent(outgoing(client)))
    store.outgoingUpdate = async (client, packet) => {
      if (packet.cmd === 'publish') await this.#turn(client.id, packet)
      return update(client, packet)
    }
    store.outgoingClearMessageId = async (client, packet) => {
      const cleared = await clear(client, packet)
      if (cleared) this.#cleared(client.id, cleared)
      return cleared
    }
    const expiryMs = limits.SESSION_EXPIRY_S * 1_000
    this.#sweeper = setInterval(() => void this.#expire(performance.now() - expiryMs), Math.min(60_000, expiryMs / 4))
  }

  /** Gives a client its session or a new one; says why when it may not have it. */
  claim(client: ConnectedClient, owner: string, role: string): ConnectFault | undefined {
    if (client.closed) return undefined // while its credentials were checked
    const known = this.#sessions.get(client.id)
    if (known && known.owner !== owner)
      return { what: 'client-id', returnCode: 2, message: 'the client id belongs to another user' }
    if (!known && !client.clean && this.#sessions.size >= this.#limits.MAX_SESSIONS)
      return { what: 'sessions', returnCode: 3, message: 'too many sessions (MAX_SESSIONS)' }
    const asksForMore = !client.clean && !known?.kept
    const hasShare = !isService(role)
    if (asksForMore && hasShare && !this.#makeRoom(owner))
      return { what: 'sessions', returnCode: 3, message: 'too many sessions of this user (MAX_SESSIONS_PER_USER)' }
    const { queued = 0, bytes = 0, sizes = new Map() } = known ?? {}
    if (known) this.#wentOff(known)
    // Aedes would begin anywhere, also with an id that a message still has which is sent again
    if (known?.kept && known.client._nextId !== undefined) client._nextId = known.client._nextId
    const inflight = new Set<number>()
    this.#sessions.set(client.id, {
      ...{ owner, hasShare, client, conn: client.conn, fresh: !known, online: true, kept: !client.clean },
      ...{ ending: false, leftAt: 0, queued, bytes, sizes, inflight, waiting: [] },
    })
    if (client.clean) this.#subscriptions.ended(client.id)
    client.conn.once('close', () => this.#left(client))
    this.#metrics.sessions.set(this.#sessions.size)
    return undefined
  }

  /** Ends the kept session that its owner left longest ago when there is no room for another; false when all are connected. */
  #makeRoom(owner: string): boolean {
    let count = 0
    let oldest: [string, Session] | undefined
    for (const [id, session] of this.#sessions) {
      if (session.owner !== owner || !session.kept || session.ending) continue
      count += 1
      if (!session.online && session.leftAt < (oldest?.[1].leftAt ?? Number.POSITIVE_INFINITY)) oldest = [id, session]
    }
    if (count < this.#limits.MAX_SESSIONS_PER_USER) return true
    if (!oldest) return false
    const [id, session] = oldest
    session.ending = true
    this.#metrics.sessionsDisplaced.inc()
    void this.#end(id, session)
    return true
  }

  /** Whether a client of this user is connected with this id. */
  isConnected(id: string, owner: string): boolean {
    const session = this.#sessions.get(id)
    return session?.owner === owner && session.online
  }

  /** Kept sessions of the user with most of those who have a share. */
  get largest(): number {
    const share = new UserQuota()
    for (const { owner, kept, hasShare } of this.#sessions.values())
      if (kept && hasShare) share.take(owner, 1, Number.POSITIVE_INFINITY)
    return share.largest
  }

  /** Whether this client is the first with its id: there is nothing to find again, and nobody to take it from. */
  isFresh(client: ConnectedClient): boolean {
    const session = this.#sessions.get(client.id)
    return session?.conn === client.conn && session.fresh
  }

  close(): void {
    clearInterval(this.#sweeper)
  }

  #left(client: ConnectedClient): void {
    const session = this.#sessions.get(client.id)
    if (session?.conn !== client.conn) return // taken over
    this.#wentOff(session)
    session.leftAt = performance.now()
    if (client.clean) {
      this.#sessions.delete(client.id)
      this.#subscriptions.ended(client.id)
    }
    this.#metrics.sessions.set(this.#sessions.size)
  }

  #wentOff(session: Session): void {
    session.online = false
    this.#metrics.inflight.dec(session.inflight.size)
    session.inflight.clear()
    for (const go of session.waiting.splice(0)) go()
  }

  /** Each session once, with its highest QoS, also when several of its subscriptions match: Aedes would queue a copy for each, and deliver one. */
  #withRoom(found: Asking[], packet: WaitingPacket): Asking[] {
    if (found.length === 0) return found
    const once = new Map<string, Asking>()
    for (const asking of found)
      if (asking.qos > (once.get(asking.clientId)?.qos ?? -1)) once.set(asking.clientId, asking)
    return [...once.values()].filter(({ clientId }) => this.#hasRoom(clientId, packet))
  }

  #hasRoom(id: string, packet: WaitingPacket): boolean {
    const session = this.#sessions.get(id)
    if (!session) return true
    const bytes = sizeOf(packet)
    const { MAX_SESSION_QUEUE, MAX_SESSION_QUEUE_BYTES } = this.#limits
    if (session.queued >= MAX_SESSION_QUEUE || session.bytes + bytes > MAX_SESSION_QUEUE_BYTES) {
      this.#metrics.refused.inc({ what: 'queue' })
      return false
    }
    session.queued += 1
    session.bytes += bytes
    this.#metrics.queued.inc()
    return true
  }

  /** Waits until the message may go out on the present connection. */
  async #turn(id: string, packet: WaitingPacket): Promise<void> {
    const session = this.#sessions.get(id)
    if (!session || packet.messageId === undefined) return
    while (session.online && session.inflight.size >= this.#limits.MAX_INFLIGHT)
      await new Promise<void>((resolve) => session.waiting.push(resolve))
    if (session.online && !session.inflight.has(packet.messageId)) {
      session.inflight.add(packet.messageId)
      this.#metrics.inflight.inc()
    }
    session.sizes.set(packet.messageId, sizeOf(packet))
  }

  #cleared(id: string, packet: WaitingPacket): void {
    this.#metrics.queued.dec()
    const session = this.#sessions.get(id)
    if (!session) return
    const known = packet.messageId === undefined ? undefined : session.sizes.get(packet.messageId)
    session.queued -= 1
    // a PUBREL stands in the queue without the payload it stands for, hence the note of its size
    session.bytes = session.queued <= 0 ? 0 : Math.max(0, session.bytes - (known ?? sizeOf(packet)))
    if (packet.messageId === undefined) return
    session.sizes.delete(packet.messageId)
    if (session.inflight.delete(packet.messageId)) this.#metrics.inflight.dec()
    session.waiting.shift()?.()
  }

  /** Ends what these users left, with what waits in it: who gets their names later is somebody else. */
  async forget(users: ReadonlySet<string>): Promise<void> {
    for (const [id, session] of this.#sessions) {
      if (!users.has(session.owner)) continue
      const { conn } = session
      if (!conn.closed) await new Promise<void>((resolve) => conn.destroy().once('close', () => resolve()))
      await this.#end(id, session)
    }
  }

  async #expire(before: number): Promise<void> {
    for (const [id, session] of this.#sessions)
      if (!session.online && session.leftAt <= before && (await this.#end(id, session)))
        this.#metrics.sessionsExpired.inc()
  }

  /** Whether the session is gone: it stays when its client came back meanwhile. */
  async #end(id: string, session: Session): Promise<boolean> {
    const store = this.#store
    await store.cleanSubscriptions({ id })
    await store.cleanIncoming({ id })
    for await (const packet of store.outgoingStream({ id })) await store.outgoingClearMessageId({ id }, packet)
    if (this.#sessions.get(id) !== session) return false
    this.#sessions.delete(id)
    this.#subscriptions.ended(id)
    this.#metrics.sessions.set(this.#sessions.size)
    return true
  }
}
