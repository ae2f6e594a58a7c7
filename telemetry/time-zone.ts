import { z } from 'zod'
import { hourMs } from './durations.ts'

/** Zone of the city's days unless set otherwise: UTC+7, no daylight saving. */
export const defaultTimeZone = 'Asia/Ho_Chi_Minh'

/** ms by which the default zone is ahead of UTC */
export const defaultAheadOfUtcMs = 7 * hourMs

/** what every name of a zone begins with; a bare offset does not */
export const timeZonePattern = /^[A-Za-z]/

const message = 'must be a time zone of the IANA database, such as Asia/Ho_Chi_Minh'

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false // Intl throws for a zone that it does not know
  }
}

/** Name of a time zone of the IANA database, such as `Asia/Ho_Chi_Minh`; no bare offset, which knows no daylight saving. */
export const timeZoneSchema = z
  .string()
  .max(64, { abort: true })
  .regex(timeZonePattern, { message, abort: true })
  .refine(isTimeZone, { message, params: { fault: { code: 'NOT_A_TIME_ZONE', params: {} } } })

/** The setting `TIME_ZONE`, of every service that tells people a time. */
export const timeZoneSetting = timeZoneSchema
  .default(defaultTimeZone)
  .describe("time zone of the city's days and hours, a name of the IANA database")
