import { dayMs } from '#telemetry/durations.ts'
import type { Zone } from '../i18n/zone.ts'

/** What the scrubber shows, epoch ms. */
export interface ScrubberSpan {
  from: number
  to: number
}

/** The local date of a moment (epoch ms), such as `2026-11-22`. */
export function dateOf(zone: Zone, at: number): string {
  return zone.fieldOf(at).slice(0, 10)
}

/** A date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

/** The local day of a date, from midnight to midnight: it has 23 or 25 hours where the clocks change. */
export function dayOf(zone: Zone, date: string): ScrubberSpan {
  const start = (of: string) => zone.momentOf(`${of}T00:00`) ?? Date.parse(`${of}T00:00Z`)
  return { from: start(date), to: start(addDays(date, 1)) }
}

/** The moment at which the clocks show on a date what they show at `at` (epoch ms), to the minute. */
export function sameTimeOn(zone: Zone, date: string, at: number): number {
  return zone.momentOf(`${date}${zone.fieldOf(at).slice(10)}`) ?? at
}
