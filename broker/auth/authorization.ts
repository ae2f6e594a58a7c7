import type { Kind } from '#telemetry/kinds.ts'
import { parseSensorTopic, sensorTopic } from '#telemetry/topics.ts'
import { type Family, families, familyOf, familyOfFilter } from './topic-families.ts'

/** Users with a secret of the installation: the services, and `admin`. */
export const roles = ['admin', 'ingest', 'alerts', 'api', 'simulators'] as const
/** What a client may be to the broker. */
export type Role = (typeof roles)[number] | 'sensor'

interface Row {
  /**
   * Of which sensors: `all`; its `own` alone; or the `simulated` ones, which are those without a credential of their own,
   * so that nobody who has the simulators' password can speak for a real device, or listen to its commands.
   */
  scope: 'all' | 'own' | 'simulated'
  publish: readonly Family[]
  subscribe: readonly Family[]
}

const everything = families.filter((family) => family !== 'system')

/** Authorization: what each role may publish and subscribe to. A will is a publish. What is not here is forbidden; diagnostics are published by the broker alone. */
export const rights: Readonly<Record<Role, Row>> = {
  admin: { scope: 'all', publish: everything.filter((family) => family !== 'diagnostics'), subscribe: everything },
  ingest: { scope: 'all', publish: ['live', 'quarantine'], subscribe: ['meta', 'status'] },
  alerts: { scope: 'all', publish: ['alerts'], subscribe: ['live', 'meta', 'status', 'alert-request'] },
  api: {
    scope: 'all',
    publish: ['cmd', 'alert-request'],
    subscribe: ['live', 'alerts', 'quarantine', 'diagnostics', 'meta', 'status', 'ack'],
  },
  simulators: { scope: 'simulated', publish: ['reading', 'meta', 'status', 'ack'], subscribe: ['cmd'] },
  sensor: { scope: 'own', publish: ['reading', 'meta', 'status', 'ack'], subscribe: ['cmd'] },
}

/** Who a client has proved to be. */
export type Identity =
  | { user: string; role: Exclude<Role, 'sensor'> }
  | { user: string; role: 'sensor'; district: string; kind: Kind }

/** What one connection may do. */
export interface ClientRights {
  mayPublish(topic: string): boolean
  maySubscribe(filter: string): boolean
}

/** What a sensor may do on its own topics. */
class OwnRights implements ClientRights {
  readonly #row: Row
  /** what its topics begin with */
  readonly #root: string

  constructor(row: Row, user: string, district: string, kind: Kind) {
    this.#row = row
    this.#root = sensorTopic({ district, kind, sensor: user, channel: 'reading' }).slice(0, -'reading'.length)
  }

  mayPublish(topic: string): boolean {
    return this.#has(this.#row.publish, topic)
  }

  maySubscribe(filter: string): boolean {
    return this.#has(this.#row.subscribe, filter)
  }

  #has(names: readonly Family[], topic: string): boolean {
    if (!topic.startsWith(this.#root)) return false
    const name = topic.slice(this.#root.length)
    return names.some((one) => one === name)
  }
}

/** What a role may do on the topics of many. */
class SharedRights implements ClientRights {
  readonly #row: Row
  readonly #hasCredential: (sensor: string) => boolean
  /** what it published to last: most clients publish to one topic only */
  #last: string | undefined

  constructor(row: Row, hasCredential: (sensor: string) => boolean) {
    this.#row = row
    this.#hasCredential = hasCredential
  }

  mayPublish(topic: string): boolean {
    if (topic === this.#last) return true
    if (!this.#row.publish.includes(familyOf(topic)) || !this.#inScope(topic)) return false
    this.#last = topic
    return true
  }

  maySubscribe(filter: string): boolean {
    if (!this.#row.subscribe.includes(familyOfFilter(filter))) return false
    // a wildcard would reach real sensors
    return this.#row.scope === 'all' || (parseSensorTopic(filter) !== undefined && this.#inScope(filter))
  }

  #inScope(topic: string): boolean {
    return this.#row.scope !== 'simulated' || !this.#hasCredential(topic.split('/')[4] ?? '')
  }
}

/** The rights of an identity, made once per connection. `hasCredential` distinguishes a real sensor from a simulated one. */
export function rightsOf(identity: Identity, hasCredential: (sensor: string) => boolean): ClientRights {
  const row = rights[identity.role]
  if (identity.role !== 'sensor') return new SharedRights(row, hasCredential)
  return new OwnRights(row, identity.user, identity.district, identity.kind)
}
