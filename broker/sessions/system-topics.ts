import type { SessionStore } from '../aedes/session-store.ts'

const startsWithWildcard = (filter: string) => /^[+#]/.test(filter)

/**
 * Hides topics that begin with `$` (system topics) from filters that begin with a wildcard (MQTT-4.7.2-1) where Aedes does not: in sessions
 * whose client is away.
 */
export function hideSystemTopics(store: SessionStore): void {
  const subscriptionsOf = store.subscriptionsByTopic.bind(store)
  store.subscriptionsByTopic = async (topic) => {
    const found = await subscriptionsOf(topic)
    return topic.startsWith('$') ? found.filter((subscription) => !startsWithWildcard(subscription.topic)) : found
  }
}
