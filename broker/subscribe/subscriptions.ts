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

/** Whether a topic of readings that {@link hasLevelsOfReading} could match this filter; yes when in doubt. */
export function mayMatchReadings(filter: string): boolean {
  const levels = filter.split('/')
  if (levels.at(-1) === '#') levels.pop()
  else if (!hasLevelsOfReading(filter)) return false
  return levels.every((level, at) => level === '+' || levelsOfReading[at] === '+' || level === levelsOfReading[at])
}

/** Who asks for a filter. */
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
  hearing: Set<string>
}

/**
 * The filters that are granted: of connections, and by client id of sessions that outlive them. They are bounded by client, by user and in
 * all, a session keeps no others, and it is known whether anyone hears readings.
 */
export class Subscriptions {
  readonly #limits: Pick<BrokerLimits, SubscriptionFault>
  readonly #granted = new Map<Client | string, Granted>()
  readonly #share = new UserQuota()
  /** of clients with a session to keep, what their session has not been told of yet */
  readonly #fresh = new WeakMap<Client, Subscription[]>()
  #all = 0
  /** clients and sessions with a filter that may match readings */
  #hearers = 0

  constructor(limits: BrokerLimits) {
    this.#limits = limits
  }

  /** Notes a granted filter; says which bound leaves no room for it. */
  grant(client: Client, asked: Subscription, { user, role }: Subscriber): SubscriptionFault | undefined {
    const { topic: filter, qos } = asked
    const granted = this.#granted.get(keyOf(client)) ?? { user, filters: new Map(), hearing: new Set() }
    if (client.closed) return undefined
    if (granted.filters.has(filter)) {
      granted.filters.set(filter, qos)
      this.#remember(client, asked)
      return undefined
    }
    const { MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_PER_USER, MAX_SUBSCRIPTIONS_IN_ALL } = this.#limits
    const isOwn = isOwnPart(role)
    if (granted.filters.size >= MAX_SUBSCRIPTIONS) return 'MAX_SUBSCRIPTIONS'
    if (this.#all >= MAX_SUBSCRIPTIONS_IN_ALL && !isOwn) return 'MAX_SUBSCRIPTIONS_IN_ALL'
    if (!this.#share.take(granted.user, 1, isOwn ? Number.POSITIVE_INFINITY : MAX_SUBSCRIPTIONS_PER_USER))
      return 'MAX_SUBSCRIPTIONS_PER_USER'
    this.#all += 1
    this.#keep(client, granted)
    this.#remember(client, asked)
    granted.filters.set(filter, qos)
    if (mayMatchReadings(filter) && granted.hearing.add(filter).size === 1) this.#hearers += 1
    return undefined
  }

  #keep(client: Client, granted: Granted): void {
    const key = keyOf(client)
    if (this.#granted.has(key)) return
    this.#granted.set(key, granted)
    // Aedes tells only of those it has finished to make
    if (client.clean) client.conn.once('close', () => this.#end(key))
  }

  #remember(client: Client, asked: Subscription): void {
    if (client.clean) return
    const fresh = this.#fresh.get(client)
    if (fresh) fresh.push(asked)
    else this.#fresh.set(client, [asked])
  }

  /** What was granted to a client since this was asked. */
  takeFresh(client: Client): Subscription[] {
    const fresh = this.#fresh.get(client) ?? []
    this.#fresh.delete(client)
    return fresh
  }

  /** The highest QoS that was granted to a client for this topic (MQTT-3.3.5-1); undefined when no filter of its matches. */
  qosOf(client: Client, topic: string): QoS | undefined {
    let most: QoS | undefined
    for (const [filter, qos] of this.#granted.get(keyOf(client))?.filters ?? [])
      if ((most === undefined || qos > most) && matches(filter, topic)) most = qos
    return most
  }

  /** The client has unsubscribed. */
  forget(client: Client, filters: readonly string[]): void {
    const granted = this.#granted.get(keyOf(client))
    if (!granted) return
    for (const filter of filters) {
      if (!granted.filters.delete(filter)) continue
      this.#give(granted.user, 1)
      if (granted.hearing.delete(filter) && granted.hearing.size === 0) this.#hearers -= 1
    }
  }

  /** The session kept under this client id is no more. */
  ended(clientId: string): void {
    this.#end(clientId)
  }

  #end(key: Client | string): void {
    const granted = this.#granted.get(key)
    if (!granted) return
    this.#granted.delete(key)
    this.#give(granted.user, granted.filters.size)
    if (granted.hearing.size > 0) this.#hearers -= 1
  }

  #give(user: string, count: number): void {
    this.#share.give(user, count)
    this.#all -= count
  }

  /** Whether a reading may have to be delivered to someone. */
  get hasReadingSubscribers(): boolean {
    return this.#hearers > 0
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
