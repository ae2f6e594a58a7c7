import {
  alertRequestTopic,
  type Channel,
  channels,
  isReadingTopic,
  parseSensorTopic,
  quarantineTopic,
  topicRoot,
} from '#telemetry/topics.ts'

/**
 * What rights are given for: the channels of a sensor, the platform's own topics, `other` for everything else and for filters
 * that reach across families, and `system` for what the broker says of itself and for what others call shared subscriptions.
 */
export const families = [
  ...channels,
  'live',
  'alerts',
  'alert-request',
  'quarantine',
  'diagnostics',
  'other',
  'system',
] as const
export type Family = (typeof families)[number]

/** Words in a district's place that are the platform's own, so that no sensor can live there. */
export const reservedDistricts: readonly string[] = ['live', 'alerts', 'quarantine', 'diagnostics']

function ownFamily(topicOrFilter: string): Family | undefined {
  if (/^\$(SYS|share|queue)(\/|$)/.test(topicOrFilter)) return 'system'
  if (topicOrFilter.startsWith('$')) return 'other'
  if (topicOrFilter === quarantineTopic) return 'quarantine'
  if (topicOrFilter === alertRequestTopic) return 'alert-request'
  if (topicOrFilter.startsWith(`${topicRoot}/live/`)) return 'live'
  if (topicOrFilter.startsWith(`${topicRoot}/diagnostics/`)) return 'diagnostics'
  if (topicOrFilter.startsWith(`${topicRoot}/alerts/`)) return 'alerts'
  return undefined
}

/** The family of a topic. A malformed topic that ends in `/reading` is a reading's, for it belongs into quarantine. */
export function familyOf(topic: string): Family {
  return ownFamily(topic) ?? (isReadingTopic(topic) ? 'reading' : (parseSensorTopic(topic)?.channel ?? 'other'))
}

const isChannel = (level: string | undefined): level is Channel => channels.some((channel) => channel === level)

/** The family that every topic is of which this filter matches. */
export function familyOfFilter(filter: string): Family {
  const own = ownFamily(filter)
  const levels = filter.split('/')
  // what reaches both requests and what alerts says belongs to neither
  if (own === 'alerts' && /[+#]/.test(levels[3] ?? '')) return 'other'
  if (own) return own
  const last = levels[5]
  const below = levels.length === 6 && filter.startsWith(`${topicRoot}/`)
  return below && isChannel(last) ? last : 'other'
}
