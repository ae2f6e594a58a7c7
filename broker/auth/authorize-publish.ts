import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import { isReadingTopic } from '#telemetry/topics.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { topicNameFault } from '../wire/topic-fault.ts'
import type { ClientRights } from './authorization.ts'

/** Whether a client may publish to a topic, and if not, why. */
export type PublishDecision =
  /** `isReading`: the message belongs in the journal */
  | { allowed: true; isReading: boolean }
  /** `topic`: the topic is malformed or beyond a limit; `publish`: the client has no right to it */
  | { allowed: false; code: 'topic' | 'publish'; fault: BrokerFault }

const reading: PublishDecision = { allowed: true, isReading: true }
const noRight: PublishDecision = { allowed: false, code: 'publish', fault: { code: 'NO_RIGHT_TO_PUBLISH', params: {} } }
const other: PublishDecision = { allowed: true, isReading: false }

/**
 * Decides whether a client may publish to this topic. It is the only such decision: the publish fast path, Aedes' publish
 * handler and the will of a CONNECT all ask it.
 * @param rights of the client; undefined when it is not authenticated
 */
export function authorizePublish(
  topic: string,
  rights: Pick<ClientRights, 'mayPublish'> | undefined,
  limits: Pick<BrokerLimits, 'MAX_TOPIC_LENGTH' | 'MAX_TOPIC_LEVELS'>,
): PublishDecision {
  const fault = topicNameFault(topic, limits)
  if (fault) return { allowed: false, code: 'topic', fault }
  if (!rights?.mayPublish(topic)) return noRight
  return isReadingTopic(topic) ? reading : other
}
