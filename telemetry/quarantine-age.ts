import { dayMs } from './durations.ts'

/** ms for which messages that did not validate are kept in the quarantine at most. */
export const quarantineAgeMs = 30 * dayMs
