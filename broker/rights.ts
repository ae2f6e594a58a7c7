import { isReadingTopic, parseSensorTopic, quarantineTopic, topicRoot } from '#telemetry/topics.ts'

/** What a client may be to the broker. */
export const roles = ['admin', 'ingest', 'alerts', 'api', 'simulators'] as const
export type Role = (typeof roles)[number]

interface Rights {
  publish(topic: string): boolean
  subscribe(filter: string): boolean
}

const under = (branch: string) => (topic: string) => topic.startsWith(`${topicRoot}/${branch}/`)
const live = under('live')
const alerts = under('alerts')
const quarantine = (topic: string) => topic === quarantineTopic
const channel = (name: string) => (topic: string) => topic.startsWith(`${topicRoot}/`) && topic.endsWith(`/${name}`)
const nothing = () => false

/** Who may do what: one row a role. */
const rights: Readonly<Record<Role, Rights>> = {
  admin: { publish: () => true, subscribe: () => true },
  ingest: { publish: (topic) => live(topic) || quarantine(topic), subscribe: nothing },
  alerts: { publish: alerts, subscribe: (filter) => live(filter) || channel('status')(filter) },
  api: {
    publish: (topic) => parseSensorTopic(topic)?.channel === 'cmd',
    subscribe: (filter) =>
      live(filter) ||
      alerts(filter) ||
      quarantine(filter) ||
      ['meta', 'status', 'ack'].some((name) => channel(name)(filter)),
  },
  simulators: {
    publish: (topic) =>
      isReadingTopic(topic) || ['meta', 'status', 'ack'].includes(parseSensorTopic(topic)?.channel ?? ''),
    subscribe: channel('cmd'),
  },
}

/** Whether this role may publish to this topic. */
export function mayPublish(role: Role, topic: string): boolean {
  return rights[role].publish(topic)
}

/** Whether this role may subscribe to this filter. A `$share/` filter is never granted: Aedes would take it for a plain topic. */
export function maySubscribe(role: Role, filter: string): boolean {
  return !filter.startsWith('$') && rights[role].subscribe(filter)
}
