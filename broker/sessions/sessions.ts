import type { Duplex } from 'node:stream'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { SessionStore } from '../aedes/session-store.ts'
import type { ConnectFault } from '../auth/connect-fault.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { isService } from '../limits/role-rates.ts'
import { UserQuota } from '../limits/user-quota.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'
import { limitQueues } from './limit-queues.ts'
import { SessionQueue } from './session-queue.ts'

interface Session {
  /** user that it belongs to */
  owner: string
  /** whether its owner has a quota of sessions, which the platform's own parts do not */
  hasQuota: boolean
  /** the present or the last client */
  client: ConnectedClient
  conn: Duplex
  /** whether nobody had this client id when it was opened */
  isNew: boolean
  online: boolean
  /** whether it outlives its connection */
  isPersistent: boolean
  /** whether it is being ended for a newer one of its owner */
  ending: boolean
  /** when it was left: ms of performance.now, which does not jump */
  leftAt: number
  queue: SessionQueue
}

/**
 * The session store's limits, which Aedes does not have itself: number, age and queue of sessions, and inflight messages. A session belongs to
 * the user who opened it. Overflow of a queue is dropped and counted; a client that is connected while its queue is full is closed by
 * Aedes, and receives its queue when it returns.
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
    this.#store = store
    this.#subscriptions = subscriptions
    limitQueues(store, (id) => this.#sessions.get(id)?.queue, subscriptions, metrics)
    const expiryMs = limits.SESSION_EXPIRY_S * 1_000
    this.#sweeper = setInterval(() => void this.#expire(performance.now() - expiryMs), Math.min(60_000, expiryMs / 4))
  }

  /** Opens the session of a client, a known or a new one; answers why when it may not have it. */
  open(client: ConnectedClient, owner: string, role: string): ConnectFault | undefined {
    if (client.closed) return undefined // while its credentials were checked
    const known = this.#sessions.get(client.id)
    if (known && known.owner !== owner)
      return { what: 'client-id', returnCode: 2, fault: { code: 'CLIENT_ID_OF_OTHER_USER', params: {} } }
    if (!known && !client.clean && this.#sessions.size >= this.#limits.MAX_SESSIONS)
      return {
        what: 'sessions',
        returnCode: 3,
        fault: { code: 'TOO_MANY_SESSIONS', params: { setting: 'MAX_SESSIONS' } },
      }
    const asksForMore = !client.clean && !known?.isPersistent
    const hasQuota = !isService(role)
    if (asksForMore && hasQuota && !this.#makeRoom(owner))
      return {
        what: 'sessions',
        returnCode: 3,
        fault: { code: 'TOO_MANY_SESSIONS_OF_USER', params: { setting: 'MAX_SESSIONS_PER_USER' } },
      }
    const queue = known?.queue ?? new SessionQueue(this.#limits, this.#metrics)
    queue.connected(client.conn)
    // Aedes would begin anywhere, also with an id that a message still has which is sent again
    if (known?.isPersistent && known.client._nextId !== undefined) client._nextId = known.client._nextId
    this.#sessions.set(client.id, {
      ...{ owner, hasQuota, client, conn: client.conn, isNew: !known, online: true, isPersistent: !client.clean },
      ...{ ending: false, leftAt: 0, queue },
    })
    if (client.clean) this.#subscriptions.removeSession(client.id)
    client.conn.once('close', () => this.#connectionClosed(client))
    this.#metrics.sessions.set(this.#sessions.size)
    return undefined
  }

  /** Ends the persistent session that its owner left longest ago when there is no room for another; false when all are connected. */
  #makeRoom(owner: string): boolean {
    let count = 0
    let oldest: [string, Session] | undefined
    for (const [id, session] of this.#sessions) {
      if (session.owner !== owner || !session.isPersistent || session.ending) continue
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

  /** Persistent sessions of the user with most, of those who have a quota. */
  get largest(): number {
    const quota = new UserQuota()
    for (const { owner, isPersistent, hasQuota } of this.#sessions.values())
      if (isPersistent && hasQuota) quota.reserve(owner, 1, Number.POSITIVE_INFINITY)
    return quota.largest
  }

  /** Whether this client is the first with its id: there is no session to resume, and no client to take over from. */
  isNew(client: ConnectedClient): boolean {
    const session = this.#sessions.get(client.id)
    return session?.conn === client.conn && session.isNew
  }

  close(): void {
    clearInterval(this.#sweeper)
  }

  #connectionClosed(client: ConnectedClient): void {
    const session = this.#sessions.get(client.id)
    if (session?.conn !== client.conn) return // taken over
    session.queue.disconnected()
    session.online = false
    session.leftAt = performance.now()
    if (client.clean) {
      this.#sessions.delete(client.id)
      this.#subscriptions.removeSession(client.id)
    }
    this.#metrics.sessions.set(this.#sessions.size)
  }

  /** Ends the sessions of these users, with their queues: whoever gets such a user name later is someone else. */
  async endSessionsOf(users: ReadonlySet<string>): Promise<void> {
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
    this.#subscriptions.removeSession(id)
    this.#metrics.sessions.set(this.#sessions.size)
    return true
  }
}
