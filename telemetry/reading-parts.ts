import { z } from 'zod'

/** The form of an id. */
export const idPattern = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/

/** Lower-case letters, digits and hyphens: safe in a topic, a URL, a tag and a file name. */
export const idSchema = z.string().regex(idPattern, 'must be 1 to 64 lower-case letters, digits or inner hyphens')

/** 2000-01-01, epoch ms: no time of ours is before it */
export const earliestTime = 946_684_800_000

/** epoch ms of the latest time: 2100-01-01 in UTC */
export const latestTime = 4_102_444_800_000

/** epoch milliseconds, UTC; from 2000-01-01 to 2100-01-01 */
export const timestampSchema = z.number().int().min(earliestTime).max(latestTime)

/** A value of a reading: a number, or one of a few words (`powerState`, `fault`). */
export type Value = number | string

/** Values of a reading of any kind, by name. */
export type Values = Readonly<Record<string, Value | undefined>>
