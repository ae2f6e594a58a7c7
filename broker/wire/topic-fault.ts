import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import type { BrokerLimits } from '../limits/limits.ts'

const slash = 47
const replacement = 0xfffd

type TopicLimits = Pick<BrokerLimits, 'MAX_TOPIC_LENGTH' | 'MAX_TOPIC_LEVELS'>

/** Whether this is text as MQTT requires: the parser writes U+FFFD where bytes are not UTF-8, and U+0000 is forbidden (MQTT-1.5.3-1, -2). */
export function isText(text: string): boolean {
  return !text.includes('\uFFFD') && !text.includes('\u0000')
}

/** What is wrong with a topic or filter; undefined when nothing is. */
export function topicFault(topic: string, limits: TopicLimits): BrokerFault | undefined {
  if (topic.length === 0) return { code: 'TOPIC_EMPTY', params: {} }
  if (topic.length > limits.MAX_TOPIC_LENGTH) return { code: 'TOPIC_TOO_LONG', params: { setting: 'MAX_TOPIC_LENGTH' } }
  let levels = 1
  // one pass, because it runs for every message
  for (let at = 0; at < topic.length; at++) {
    const code = topic.charCodeAt(at)
    if (code === slash) levels += 1
    else if (code === 0 || code === replacement) return { code: 'TOPIC_NOT_TEXT', params: {} }
  }
  if (levels <= limits.MAX_TOPIC_LEVELS) return undefined
  return { code: 'TOPIC_TOO_DEEP', params: { setting: 'MAX_TOPIC_LEVELS' } }
}

/** What is wrong with a topic that something is published to: wildcards belong in filters only (MQTT-3.3.2-2). */
export function topicNameFault(topic: string, limits: TopicLimits): BrokerFault | undefined {
  return /[#+]/.test(topic) ? { code: 'TOPIC_WITH_WILDCARDS', params: {} } : topicFault(topic, limits)
}

/** levels; `+` alone in its own, `#` alone in the last (MQTT-4.7.1-2, -3) */
const filterForm = /^(?:(?:\+|[^+#/]*)\/)*(?:#|\+|[^+#/]*)$/

/** Whether the wildcards of a filter are where they may be; Aedes accepts `a#` and `a+` as filters. */
export function isFilter(filter: string): boolean {
  return filterForm.test(filter)
}
