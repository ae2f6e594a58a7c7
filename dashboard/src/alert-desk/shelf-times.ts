/** Longest time an alert may be shelved, ms: a week. */
export const maxShelfMs = 7 * 86_400_000

/** Minutes one may choose from; anything else is a moment. */
export const shelfMinutes = [15, 60, 480] as const

/** All times on the page are local to the pilot districts, UTC+7 without daylight saving. */
const aheadMs = 7 * 3_600_000

/** A moment (epoch ms) as a `datetime-local` field has it. */
export function fieldOf(at: number): string {
  return new Date(at + aheadMs).toISOString().slice(0, 16)
}

/** The moment that a `datetime-local` field says; undefined when it says none. */
export function momentOf(field: string): number | undefined {
  const at = Date.parse(`${field}Z`)
  return Number.isNaN(at) ? undefined : at - aheadMs
}
