import { withoutHidden } from '#telemetry/plain-text.ts'
import { idSchema } from '#telemetry/reading-parts.ts'

/** most characters of a client id or address, and of a topic, that are shown */
export const shown = { id: 64, topic: 256 } as const

/** A text from outside, fit for a log and a page. */
export function plain(text: string, most: number): string {
  return withoutHidden(text.slice(0, most))
}

/** most characters that are shown of a user name that is not known */
const maxOfUnknown = 8

/**
 * A user name, fit to be shown: as it is when there is such a user. Of any other only the beginning, and of one that could be no
 * name nothing, for a password may have been typed in its place.
 */
export function shownUser(username: string | undefined, isKnown: boolean): string {
  if (username === undefined || username === '') return ''
  if (isKnown) return plain(username, shown.id)
  if (!idSchema.safeParse(username).success) return '…'
  return `${username.slice(0, Math.min(maxOfUnknown, username.length >> 1))}…`
}
