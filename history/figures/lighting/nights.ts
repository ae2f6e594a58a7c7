import { getTimes } from 'suncalc'
import { Temporal } from 'temporal-polyfill'
import type { Span } from '#storage/roll-up/spans.ts'
import { ceilHour, floorHour } from '#storage/roll-up/utc-hours.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Position } from '#telemetry/position.ts'
import { dateOf } from '../../calendar.ts'

/**
 * A night at a place, by the sun; epoch ms. It is day until `dayEnds` and from `dayBegins` on (the sun is 6° over the horizon), dark
 * from `from` to `to` (6° below it: civil twilight is over), as `sunLimits` of lamps has it. In between lamps may do either.
 */
export interface Night {
  /** local noon before it: a night lies whole between two noons */
  noon: number
  /** the next noon */
  nextNoon: number
  /** local date of its evening, such as 2026-01-31 */
  date: string
  dayEnds: number
  sunset: number
  from: number
  to: number
  sunrise: number
  dayBegins: number
}

/** A part of a span in which it is night, day, or twilight; epoch ms. */
export interface SunSpan {
  from: number
  to: number
  light: 'night' | 'day' | 'twilight'
}

/** The local noon at or before a moment (epoch ms), as a date of the zone. */
function noonDateBefore(ts: number, zone: string): Temporal.PlainDate {
  const date = dateOf(ts, zone)
  return noonOf(date, zone) <= ts ? date : date.subtract({ days: 1 })
}

function noonOf(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour: 12 }) }).epochMilliseconds
}

/**
 * The nights whose noon-to-noon touches a span (epoch ms), in order. A night that the sun does not make (it does not set or not rise)
 * is left out: there is none in Vietnam.
 */
export function nightsOf([lon, lat]: Position, zone: string, span: Span): Night[] {
  const nights: Night[] = []
  for (let date = noonDateBefore(span.from, zone); ; date = date.add({ days: 1 })) {
    const noon = noonOf(date, zone)
    if (noon >= span.to) return nights
    const evening = getTimes(new Date(noon), lat, lon)
    const morning = getTimes(new Date(noon + dayMs), lat, lon)
    const { goldenHour, sunset, dusk } = evening
    const { dawn, sunrise, goldenHourEnd } = morning
    if (!goldenHour || !sunset || !dusk || !dawn || !sunrise || !goldenHourEnd) continue
    nights.push({
      ...{ noon, nextNoon: noonOf(date.add({ days: 1 }), zone), date: date.toString() },
      ...{ dayEnds: goldenHour.getTime(), sunset: sunset.getTime(), from: dusk.getTime() },
      ...{ to: dawn.getTime(), sunrise: sunrise.getTime(), dayBegins: goldenHourEnd.getTime() },
    })
  }
}

/**
 * A span cut where night, day and twilight begin. With `edges` `hours`, night and day are the whole hours (UTC) within them, for
 * which roll-ups do; what is left is twilight.
 */
export function sunSpans(nights: readonly Night[], span: Span, edges: 'sun' | 'hours'): SunSpan[] {
  const inward =
    edges === 'hours' ? { up: ceilHour, down: floorHour } : { up: (ts: number) => ts, down: (ts: number) => ts }
  const found: SunSpan[] = []
  let at = span.from
  const add = (until: number, light: SunSpan['light']) => {
    const to = Math.min(until, span.to)
    if (at >= to) return
    const last = found.at(-1)
    if (last?.light === light) last.to = to
    else found.push({ from: at, to, light })
    at = to
  }
  for (const { noon, nextNoon, dayEnds, from, to, dayBegins } of nights) {
    // a night that the sun did not make is neither
    add(noon, 'twilight')
    add(inward.down(dayEnds), 'day')
    add(inward.up(from), 'twilight')
    add(inward.down(to), 'night')
    add(inward.up(dayBegins), 'twilight')
    add(nextNoon, 'day')
  }
  add(span.to, 'twilight')
  return found
}
