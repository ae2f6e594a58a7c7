import type { Client } from 'aedes'

/** The filters each connected client was granted, so that they are bounded and a session keeps no others. */
export class Subscriptions {
  readonly #granted = new WeakMap<Client, Set<string>>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Notes a granted filter; false when the client has as many as it may. */
  grant(client: Client, filter: string): boolean {
    const filters = this.#granted.get(client) ?? new Set()
    if (!filters.has(filter) && filters.size >= this.#most) return false
    this.#granted.set(client, filters.add(filter))
    return true
  }

  has(client: Client, filter: string): boolean {
    return this.#granted.get(client)?.has(filter) ?? false
  }

  forget(client: Client, filters: readonly string[]): void {
    for (const filter of filters) this.#granted.get(client)?.delete(filter)
  }
}
