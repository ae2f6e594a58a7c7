import type { Client, Subscription } from 'aedes'
import { channelFilter } from '#telemetry/topics.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { isOwnPart } from '../limits/role-rates.ts'
import { UserQuota } from '../limits/user-quota.ts'
import { matches } from '../wire/filter-match.ts'

const levelsOfReading = channelFilter('reading').split('/')

/** Whether a topic or filter has as many levels as a sensor's topic of readings. */
export function hasLevelsOfReading(topic: string): boolean {
  return topic.split('/').length === levelsOfReading.length
}

/** Whether this filter may match a topic of readings that {@link hasLevelsOfReading}; yes when in doubt. */
export function mayMatchReadings(filter: string): boolean {
  const levels = filter.split('/')
  if (levels.at(-1) === '#') levels.pop()
  else if (!hasLevelsOfReading(filter)) return false
  return levels.every((level, at) => level === '+' || levelsOfReading[at] === '+' || level === levelsOfReading[at])
}

/** The user that subscribes. */
export interface Subscriber {
  user: string
  role: string
}

type QoS = 0 | 1 | 2

/** The bound that leaves no room for a filter. */
export type SubscriptionFault = 'MAX_SUBSCRIPTIONS' | 'MAX_SUBSCRIPTIONS_PER_USER' | 'MAX_SUBSCRIPTIONS_IN_ALL'

interface Granted {
  user: string
  /** with the QoS that was granted */
  filters: Map<string, QoS>
  /** those of them that may match readings */
  ofReadings: Set<string>
}

/**
 * The filters that are granted: of connections, and by client id of persistent sessions. They are limited per client, per user and in
 * all. It is known at any time whether a filter may match readings.
 */
export class Subscriptions {
  readonly #limits: Pick<BrokerLimits, SubscriptionFault>
  readonly #granted = new Map<Client | string, Granted>()
  readonly #share = new UserQuota()
  /** of clients with a persistent session, the subscriptions that are not stored in it yet */
  readonly #new = new WeakMap<Client, Subscription[]>()
  #all = 0
  /** how many clients and sessions have a filter that may match readings */
  #readingSubscribers = 0

  constructor(limits: BrokerLimits) {
    this.#limits = limits
  }

  /** Adds a granted filter; answers which limit leaves no room for it. */
  grant(client: Client, asked: Subscription, { user, role }: Subscriber): SubscriptionFault | undefined {
    const { topic: filter, qos } = asked
    const granted = this.#granted.get(keyOf(client)) ?? { user, filters: new Map(), ofReadings: new Set() }
    if (client.closed) return undefined
    if (granted.filters.has(filter)) {
      granted.filters.set(filter, qos)
      this.#addNew(client, asked)
      return undefined
    }
    const { MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_PER_USER, MAX_SUBSCRIPTIONS_IN_ALL } = this.#limits
    const isOwn = isOwnPart(role)
    if (granted.filters.size >= MAX_SUBSCRIPTIONS) return 'MAX_SUBSCRIPTIONS'
    if (this.#all >= MAX_SUBSCRIPTIONS_IN_ALL && !isOwn) return 'MAX_SUBSCRIPTIONS_IN_ALL'
    if (!this.#share.reserve(granted.user, 1, isOwn ? Number.POSITIVE_INFINITY : MAX_SUBSCRIPTIONS_PER_USER))
      return 'MAX_SUBSCRIPTIONS_PER_USER'
    this.#all += 1
    this.#addOwner(client, granted)
    this.#addNew(client, asked)
    granted.filters.set(filter, qos)
    if (mayMatchReadings(filter) && granted.ofReadings.add(filter).size === 1) this.#readingSubscribers += 1
    return undefined
  }

  #addOwner(client: Client, granted: Granted): void {
    const key = keyOf(client)
    if (this.#granted.has(key)) return
    this.#granted.set(key, granted)
    // Aedes reports only clients that it has finished to set up
    if (client.clean) client.conn.once('close', () => this.#removeOwner(key))
  }

  #addNew(client: Client, asked: Subscription): void {
    if (client.clean) return
    const found = this.#new.get(client)
    if (found) found.push(asked)
    else this.#new.set(client, [asked])
  }

  /** The subscriptions granted to a client since the last call. */
  drainNew(client: Client): Subscription[] {
    const found = this.#new.get(client) ?? []
    this.#new.delete(client)
    return found
  }

  /** The highest QoS that was granted to a client for this topic (MQTT-3.3.5-1); undefined when no filter of its matches. */
  qosOf(client: Client, topic: string): QoS | undefined {
    let most: QoS | undefined
    for (const [filter, qos] of this.#granted.get(keyOf(client))?.filters ?? [])
      if ((most === undefined || qos > most) && matches(filter, topic)) most = qos
    return most
  }

  /** The client has unsubscribed. */
  remove(client: Client, filters: readonly string[]): void {
    const granted = this.#granted.get(keyOf(client))
    if (!granted) return
    for (const filter of filters) {
      if (!granted.filters.delete(filter)) continue
      this.#release(granted.user, 1)
      if (granted.ofReadings.delete(filter) && granted.ofReadings.size === 0) this.#readingSubscribers -= 1
    }
  }

  /** The session of this client id has ended. */
  removeSession(clientId: string): void {
    this.#removeOwner(clientId)
  }

  #removeOwner(key: Client | string): void {
    const granted = this.#granted.get(key)
    if (!granted) return
    this.#granted.delete(key)
    this.#release(granted.user, granted.filters.size)
    if (granted.ofReadings.size > 0) this.#readingSubscribers -= 1
  }

  #release(user: string, count: number): void {
    this.#share.release(user, count)
    this.#all -= count
  }

  /** Whether some subscription may match a reading. */
  get hasReadingSubscribers(): boolean {
    return this.#readingSubscribers > 0
  }

  get size(): number {
    return this.#all
  }

  /** Those of the user with most. */
  get largest(): number {
    return this.#share.largest
  }
}

const keyOf = (client: Client) => (client.clean ? client : client.id)
