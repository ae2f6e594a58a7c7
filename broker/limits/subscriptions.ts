import type { Client } from 'aedes'
import { channelFilter } from '#telemetry/topics.ts'

const levelsOfReading = channelFilter('reading').split('/')

/** Whether a topic or filter has as many levels as a sensor's topic of readings. */
export function hasLevelsOfReading(topic: string): boolean {
  return topic.split('/').length === levelsOfReading.length
}

/** Whether a topic of readings that {@link hasLevelsOfReading} could match this filter; yes when in doubt. */
export function mayHearReadings(filter: string): boolean {
  const levels = filter.split('/')
  if (levels.at(-1) === '#') levels.pop()
  else if (!hasLevelsOfReading(filter)) return false
  return levels.every((level, at) => level === '+' || levelsOfReading[at] === '+' || level === levelsOfReading[at])
}

/** The filters each client was granted, so that they are bounded, a session keeps no others, and it is known whether anyone hears readings. */
export class Subscriptions {
  readonly #granted = new WeakMap<Client, Set<string>>()
  readonly #most: number
  /** filters that may match readings: of connections, and by client id of sessions that outlive them */
  readonly #hearing = new Map<Client | string, Set<string>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Notes a granted filter; false when the client has as many as it may. */
  grant(client: Client, filter: string): boolean {
    const filters = this.#granted.get(client) ?? new Set()
    if (!filters.has(filter) && filters.size >= this.#most) return false
    this.#granted.set(client, filters.add(filter))
    if (mayHearReadings(filter)) {
      const key = keyOf(client)
      this.#hearing.set(key, (this.#hearing.get(key) ?? new Set()).add(filter))
    }
    return true
  }

  has(client: Client, filter: string): boolean {
    return this.#granted.get(client)?.has(filter) ?? false
  }

  /** Of a session that ends with its connection, Aedes tells this at its end. */
  forget(client: Client, filters: readonly string[]): void {
    const key = keyOf(client)
    const hearing = this.#hearing.get(key)
    for (const filter of filters) {
      this.#granted.get(client)?.delete(filter)
      hearing?.delete(filter)
    }
    if (hearing?.size === 0) this.#hearing.delete(key)
  }

  /** The session kept under this client id is no more. */
  ended(clientId: string): void {
    this.#hearing.delete(clientId)
  }

  /** Whether a reading may have to be delivered to someone. */
  get hearReadings(): boolean {
    return this.#hearing.size > 0
  }
}

const keyOf = (client: Client) => (client.clean ? client : client.id)
