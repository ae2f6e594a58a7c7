import { z } from 'zod'
import { type FaultOf, faultSchemaOf } from './fault-table.ts'
import { figureFaults } from './figure-faults.ts'
import { historyFaults } from './history-faults.ts'
import { ruleFaults } from './rule-faults.ts'
import { faultOfIssue, type GivenValue, valueFaults } from './value-faults.ts'

const nothing = z.object({})
const id = z.object({ id: z.string() })
const name = z.object({ name: z.string() })
const most = z.object({ most: z.number() })
const seconds = z.object({ seconds: z.number() })
/** some ids, and how many more there are */
const some = z.object({ ids: z.array(z.string()), more: z.number() })
const rights = z.array(z.string())

/** Why a request is refused: what stands beside the `code` of a problem document, which is of the kind of refusal. */
export const requestFaults = {
  ...valueFaults,
  ...ruleFaults,
  ...historyFaults,
  ...figureFaults,
  // values of requests
  NOT_A_NAME: nothing,
  NOT_A_TIME_GIVEN: nothing,
  NOT_A_TIME_ZONE: nothing,
  UNKNOWN_KEYS: z.object({
    what: z.enum(['parameter', 'key']),
    keys: z.array(z.string()),
    more: z.number(),
    known: z.array(z.string()),
  }),
  REPEATED: z.object({ times: z.number() }),
  NO_BODY_TAKEN: z.object({ method: z.string() }),
  NAMED_TWICE: nothing,
  MINUTES_OR_UNTIL: nothing,
  NOT_MULTIPLES_OF_STEP: nothing,
  NOT_IN_NEXT_DAYS: z.object({ days: z.number() }),
  FROM_NOT_BEFORE_TO: nothing,
  LONGER_THAN_HOURS: z.object({ hours: z.number() }),
  LONGER_THAN_MINUTES: z.object({ minutes: z.number() }),
  TOO_MANY_READINGS_OF_STEP: nothing,
  NO_SUCH_VALUE: z.object({ kind: z.string(), name: z.string(), values: z.array(z.string()) }),
  NO_AGGREGATES: name,
  RAW_HAS_NO_BUCKETS: nothing,
  NOT_A_COUNT: name,
  COUNT_IS_OF_READINGS: nothing,
  PERIOD_CHANGED_OFTEN: z.object({ sensor: z.string(), most: z.number() }),
  PERIOD_UNKNOWN: z.object({ sensor: z.string() }),
  // the request as a whole
  ADDRESS_TOO_LONG: most,
  ADDRESS_MALFORMED: nothing,
  BODY_TOO_LARGE: nothing,
  NOT_JSON_BODY: nothing,
  NOTHING_AT_ADDRESS: nothing,
  NO_DASHBOARD: nothing,
  NO_BASE_MAP: nothing,
  RANGE_BEYOND_END: z.object({ bytes: z.number() }),
  NOT_OUR_HOST: nothing,
  OTHER_SITE: nothing,
  SIGN_IN_OF_OTHER_SITE: nothing,
  LINK_OF_OTHER_SITE: nothing,
  // who asks
  NOT_SIGNED_IN: nothing,
  SIGNED_OUT_MEANWHILE: nothing,
  WRONG_NAME_OR_PASSWORD: nothing,
  WRONG_TOKEN: nothing,
  LOGIN_LINK_USED: nothing,
  INVITATION_OVER: nothing,
  INVITATION_USED: nothing,
  INVITATION_EXPIRED: nothing,
  INVITATION_REPLACED: nothing,
  ACCOUNT_DISABLED: nothing,
  OPENID_REFUSED: nothing,
  RIGHT_NEEDED: z.object({ right: z.string() }),
  RIGHT_LOST: z.object({ right: z.string() }),
  WRONG_PASSWORD: nothing,
  PASSWORD_CHANGED: nothing,
  OWN_PASSWORD_ELSEWHERE: nothing,
  PASSWORD_ELSEWHERE: nothing,
  KEY_HAS_NO_SESSIONS: nothing,
  KEY_MAKES_NO_KEYS: nothing,
  // load
  STILL_READ: z.object({ what: z.enum(['people', 'sensors']) }),
  TRY_AGAIN_IN: seconds,
  TOO_MANY_SIGN_INS: nothing,
  OWN_QUERIES_WAITING: z.object({ most: z.number(), seconds: z.number() }),
  QUERIES_WAITING: seconds,
  TOOK_TOO_LONG: seconds,
  CALLER_GONE: nothing,
  STORE_AWAY: nothing,
  STORE_REFUSES: nothing,
  PART_AWAY: nothing,
  JOURNAL_TAKES_NOTHING: nothing,
  // people and keys
  NO_SUCH_PERSON: nothing,
  NAME_TAKEN: name,
  NAME_LOOKS_LIKE: z.object({ name: z.string(), other: z.string() }),
  TOO_MANY_PEOPLE: most,
  ADMIN_IS_FIXED: nothing,
  NOT_ONESELF: nothing,
  RIGHTS_BEYOND_OWN: z.object({ role: z.string(), rights }),
  OWN_RIGHTS_MISSING: z.object({ rights }),
  NO_SUCH_TEAM: nothing,
  TEAM_NAME_TAKEN: name,
  TOO_MANY_TEAMS: most,
  NO_SUCH_KEY: nothing,
  KEY_NAME_TAKEN: name,
  TOO_MANY_KEYS: most,
  // sensors, lamps
  NO_SUCH_SENSOR: id,
  NO_SUCH_SENSORS: some,
  NOT_LAMPS: some,
  BROKER_AWAY: nothing,
  LAMPS_WAITING: z.object({ lamps: z.number() }),
  // alerts, rules, notifications
  NO_SUCH_ALERT: id,
  NOT_IN_NEXT_WEEK: nothing,
  NO_SUCH_ASSIGNEE: z.object({ to: z.string() }),
  /** critical alerts are not shelved without one */
  REASON_NEEDED: some,
  NO_SUCH_RULE: id,
  RULE_EXISTS: id,
  RULE_CHANGED: z.object({ id: z.string(), by: z.string(), version: z.number(), given: z.number() }),
  TOO_MANY_RULES: most,
  DRY_RUN_UNDER_WAY: nothing,
  DRY_RUN_TOO_LONG: seconds,
  NO_SUCH_NOTIFICATION: id,
  CHANNEL_NOT_SET_UP: z.object({ channel: z.string() }),
  // the shift log
  NO_SUCH_AREA: id,
  NOT_IN_SHIFT: nothing,
  NO_SUCH_NOTE: id,
  NO_SUCH_HAND_OVER: id,
  KEY_HAS_NO_DUTY: nothing,
  DUTY_OF_ANOTHER: nothing,
  NOT_ON_DUTY: name,
  NOT_AS_READ: nothing,
  HANDED_OVER_MEANWHILE: nothing,
  READ_TOO_LONG_AGO: z.object({ minutes: z.number() }),
  HAND_OVER_CHANGED: z.object({ changes: z.number(), critical: z.number(), notes: z.number() }),
  // corrections of data
  NO_SUCH_CORRECTION: id,
  CORRECTION_NEEDS_VALUE: nothing,
  WORD_NOT_SCALED: name,
  CORRECTION_TOO_LONG: z.object({ days: z.number() }),
  CORRECTION_TOO_FAR_AHEAD: z.object({ days: z.number() }),
  /** readings before `since` (epoch ms) are no longer kept: figures of that time stay as they are */
  NOT_KEPT_ANY_MORE: z.object({ since: z.number() }),
  TOO_MANY_CORRECTIONS: z.object({ sensor: z.string(), most: z.number() }),
  CORRECTED_MEANWHILE: z.object({ by: z.string() }),
  CORRECTING_NOW: nothing,
  NOT_YOUR_OWN: nothing,
  NOT_WAITING: nothing,
  NOT_IN_FORCE: nothing,
  LINE_NOT_A_POINT: z.object({ line: z.number() }),
  LINE_REPEATED: z.object({ line: z.number() }),
  FILE_TOO_LONG: most,
  FILE_EMPTY: nothing,
  // events of the live feed
  NO_SUCH_EVENT: nothing,
  NO_EVENT: nothing,
  ONE_OBJECT_ONLY: nothing,
  TOO_MANY_EVENTS: nothing,
  TOO_MANY_CLIENTS: most,
  TOO_MANY_OWN_CLIENTS: most,
  /** in words of a library, or of another release */
  SAID: z.object({ said: z.string() }),
} as const
export type RequestFault = FaultOf<typeof requestFaults>

export const requestFaultSchema: z.ZodType<RequestFault> = faultSchemaOf(requestFaults)

/** A complaint of Zod about a part of a request; what was sent is not repeated, for it may be a secret. */
export function requestFaultOf(
  issue: z.core.$ZodIssue,
  given: Pick<GivenValue, 'isThere'>,
  path: string,
): RequestFault {
  return faultOfIssue(issue, given, path, requestFaultSchema)
}
