import { z } from 'zod'
import { type FaultOf, faultSchemaOf } from './fault-table.ts'
import { jsonProblems } from './json-fault.ts'
import { kindFaults } from './kind-faults.ts'
import { faultOfIssue, type GivenValue, valueFaults } from './value-faults.ts'

const nothing = z.object({})
/** in the words of the store, the runtime or whoever else it was */
const said = z.object({ said: z.string() })
const sent = z.object({ found: z.string() })
/** epoch ms */
const ts = z.number()

/** Everything that can be wrong with a message of a sensor, and why it may not be kept or shown. */
export const messageFaults = {
  ...valueFaults,
  ...kindFaults,
  WRONG_TOPIC: z.object({ channel: z.string() }),
  // the message as a whole
  EMPTY_MESSAGE: nothing,
  COMPRESSED: nothing,
  UTF_16: nothing,
  WORD_FOR_NO_NUMBER: z.object({ word: z.string() }),
  /** `said` by the JSON parser; `at` counts characters from 0 on */
  NOT_JSON: z.object({
    problem: z.enum(jsonProblems).optional(),
    character: z.string().optional(),
    within: z.string().optional(),
    at: z.number().optional(),
    said: z.string(),
  }),
  TOO_MANY_BYTES: z.object({ bytes: z.number(), most: z.number() }),
  TOO_MANY_READINGS: z.object({ readings: z.number(), most: z.number() }),
  NOT_A_META: nothing,
  // values together
  NO_KNOWN_VALUE: z.object({ kind: z.string() }),
  // time
  TOO_FAR_AHEAD: z.object({ ts, hours: z.number() }),
  /** kept by RETENTION_DAYS, or by the store itself, for so many days */
  TOO_OLD: z.object({ ts, keptBy: z.enum(['RETENTION_DAYS', 'store']), days: z.number() }),
  TOO_OLD_FOR_STORE: z.object({ ts, said: z.string() }),
  /** it waited in the journal for longer than the store keeps anything */
  WAITED_TOO_LONG: z.object({ arrivedAt: ts }),
  // place
  NO_PLACE_OF_A_SENSOR: sent,
  NOT_A_POSITION: sent,
  POSITION_SWAPPED: sent,
  OUTSIDE_DISTRICT: z.object({ found: z.string(), district: z.string(), km: z.number(), mostKm: z.number() }),
  // the platform
  REFUSED_BY_STORE: said,
  UNDECODABLE: said,
  NOT_SHOWN_LIVE: said,
  /** its entry in quarantine is without it */
  MESSAGE_UNREADABLE: said,
  TOO_MANY_REFUSALS: nothing,
} as const
export type MessageFault = FaultOf<typeof messageFaults>

export const messageFaultSchema: z.ZodType<MessageFault> = faultSchemaOf(messageFaults)

/** A complaint of Zod about a member of a message. */
export function messageFaultOf(issue: z.core.$ZodIssue, given: GivenValue, path: string): MessageFault {
  return faultOfIssue(issue, given, path, messageFaultSchema)
}
