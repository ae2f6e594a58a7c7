/** Longest time an alert may be shelved, ms: a week. */
export const maxShelfMs = 7 * 86_400_000

/** Minutes one may choose from; anything else is a moment. */
export const shelfMinutes = [15, 60, 480] as const
