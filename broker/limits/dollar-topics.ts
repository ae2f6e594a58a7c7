import { Readable } from 'node:stream'
import type { SessionStore } from './session-store.ts'

const startsWithWildcard = (filter: string) => /^[+#]/.test(filter)

/**
 * Keeps topics that begin with `$` from filters that begin with a wildcard (MQTT-4.7.2-1) where Aedes does not: in sessions whose
 * client is away, and among retained messages.
 */
export function hideDollarTopics(store: SessionStore): void {
  const subscriptionsOf = store.subscriptionsByTopic.bind(store)
  store.subscriptionsByTopic = async (topic) => {
    const found = await subscriptionsOf(topic)
    return topic.startsWith('$') ? found.filter((subscription) => !startsWithWildcard(subscription.topic)) : found
  }
  const retainedOf = store.createRetainedStreamCombi.bind(store)
  store.createRetainedStreamCombi = (filters) => {
    if (!filters.some(startsWithWildcard)) return retainedOf(filters)
    const named = filters.filter((filter) => !startsWithWildcard(filter))
    const all: AsyncIterable<{ topic: string }> = retainedOf(filters.filter(startsWithWildcard))
    return Readable.from(
      (async function* () {
        if (named.length > 0) yield* retainedOf(named)
        for await (const message of all) if (!message.topic.startsWith('$')) yield message
      })(),
    )
  }
}
