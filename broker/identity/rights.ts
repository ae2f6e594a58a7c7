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

/** Who may do what: one row a role. A will is a publish. What is not here is forbidden. */
export const rights: Readonly<Record<Role, Row>> = {
  admin: { scope: 'all', publish: everything, subscribe: everything },
  ingest: { scope: 'all', publish: ['live', 'quarantine'], subscribe: [] },
  alerts: { scope: 'all', publish: ['alerts'], subscribe: ['live', 'meta', 'status', 'alert-request'] },
  api: {
    scope: 'all',
    publish: ['cmd', 'alert-request'],
    subscribe: ['live', 'alerts', 'quarantine', 'meta', 'status', 'ack'],
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

/** The topics of one sensor, written out once: what is left for each message is a look into a set. */
function ownRights({ publish, subscribe }: Row, user: string, district: string, kind: Kind): ClientRights {
  const written = (names: readonly Family[]) => {
    const topic = sensorTopic({ district, kind, sensor: user, channel: 'reading' })
    const root = topic.slice(0, topic.lastIndexOf('/') + 1)
    return new Set(names.map((name) => root + name))
  }
  const publishes = written(publish)
  const subscribes = written(subscribe)
  return {
    mayPublish: (topic) => publishes.has(topic),
    maySubscribe: (filter) => subscribes.has(filter),
  }
}

/** The rights of an identity, to be asked once per connection. `hasCredential` tells a real sensor from a simulated one. */
export function rightsOf(identity: Identity, hasCredential: (sensor: string) => boolean): ClientRights {
  const row = rights[identity.role]
  if (identity.role === 'sensor') return ownRights(row, identity.user, identity.district, identity.kind)
  const publishes = new Set(row.publish)
  const subscribes = new Set(row.subscribe)
  const isSimulated = (topic: string) => !hasCredential(topic.split('/')[4] ?? '')
  const inScope = row.scope === 'simulated' ? isSimulated : () => true
  // most clients publish to one topic only
  let last: string | undefined
  return {
    mayPublish(topic) {
      if (topic === last) return true
      if (!publishes.has(familyOf(topic)) || !inScope(topic)) return false
      last = topic
      return true
    },
    maySubscribe(filter) {
      if (!subscribes.has(familyOfFilter(filter))) return false
      // a wildcard would reach real sensors
      return row.scope === 'all' || (parseSensorTopic(filter) !== undefined && inScope(filter))
    },
  }
}
