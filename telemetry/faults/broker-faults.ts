import { z } from 'zod'
import { type FaultOf, faultSchemaOf } from './fault-table.ts'

const nothing = z.object({})
/** name of the setting that bounds it */
const bounded = z.object({ setting: z.string() })

/** Why the broker refuses what a client asks for. */
export const brokerFaults = {
  // who it is
  WRONG_USER_OR_PASSWORD: nothing,
  OTHER_COMMON_NAME: nothing,
  UNKNOWN_COMMON_NAME: nothing,
  TOO_MANY_FAILED_SIGN_INS: bounded,
  TOO_MANY_SIGN_INS_WAITING: bounded,
  // its session and connection
  NO_CLIENT_ID: nothing,
  CLIENT_ID_MALFORMED: nothing,
  CLIENT_ID_OF_OTHER_DEVICE: nothing,
  CLIENT_ID_OF_OTHER_USER: nothing,
  TOO_MANY_SESSIONS: bounded,
  TOO_MANY_SESSIONS_OF_USER: bounded,
  TOO_MANY_CONNECTIONS_OF_USER: bounded,
  BEYOND_RATE: nothing,
  // topics and filters
  TOPIC_EMPTY: nothing,
  TOPIC_TOO_LONG: bounded,
  TOPIC_NOT_TEXT: nothing,
  TOPIC_TOO_DEEP: bounded,
  TOPIC_WITH_WILDCARDS: nothing,
  NO_RIGHT_TO_PUBLISH: nothing,
  NO_RIGHT_TO_SUBSCRIBE: nothing,
  TOO_MANY_FILTERS: bounded,
} as const
export type BrokerFault = FaultOf<typeof brokerFaults>

export const brokerFaultSchema: z.ZodType<BrokerFault> = faultSchemaOf(brokerFaults)
