import { dayMs } from '#telemetry/durations.ts'

/** Longest time an alert may be shelved, ms: a week. */
export const maxShelfMs = 7 * dayMs

/** Minutes one may choose from; anything else is a moment. */
export const shelfMinutes = [15, 60, 480] as const
