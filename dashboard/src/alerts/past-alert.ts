import type { Alert } from '#telemetry/alert.ts'

/** How long an alert lasted, or has lasted by now (epoch ms), s. */
export function durationOf({ raisedAt, clearedAt }: Alert, now: number): number {
  return Math.round(Math.max(0, (clearedAt ?? now) - raisedAt) / 1_000)
}

/** The shelving that is going on, or else the last one. */
export const shelvingOf = ({ shelved, lastShelved }: Alert) => shelved ?? lastShelved

/** What was written when it was acknowledged, or else when it was shelved. */
export const commentOf = (alert: Alert): string => alert.acknowledged?.comment || shelvingOf(alert)?.comment || ''
