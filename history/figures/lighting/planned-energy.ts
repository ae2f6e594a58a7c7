import { Temporal } from 'temporal-polyfill'
import type { Span } from '#storage/roll-up/spans.ts'
import type { Dimming } from '#telemetry/figures/lighting-figures.ts'
import type { Night } from './nights.ts'

const overlap = (from: number, to: number, begin: number, end: number) =>
  Math.max(0, Math.min(to, end) - Math.max(from, begin))

/** When a time of the local clock (minutes of the day) comes between the noons of a night, epoch ms. */
function momentOf(minutes: number, { date }: Night, zone: string): number {
  const evening = Temporal.PlainDate.from(date)
  const day = minutes >= 720 ? evening : evening.add({ days: 1 })
  const plainTime = Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 })
  return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds
}

/**
 * ms at full light that take as much energy as a lamp should take in a part of a night (epoch ms): it burns from sunset to sunrise, at
 * the level of the dimming while that lasts, otherwise at full light. Its planned energy is its nominal power × this.
 */
export function fullLightMs(night: Night, dimmings: readonly Dimming[], zone: string, { from, to }: Span): number {
  const [begin, end] = [Math.max(from, night.sunset), Math.min(to, night.sunrise)]
  if (begin >= end) return 0
  return dimmings.reduce((ms, dimming) => {
    const dimmed = overlap(begin, end, momentOf(dimming.from, night, zone), momentOf(dimming.to, night, zone))
    return ms - dimmed * (1 - dimming.level)
  }, end - begin)
}
