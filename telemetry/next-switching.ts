import { getTimes } from 'suncalc'
import { maxOrderMs } from './command.ts'
import { dayMs, minuteMs } from './durations.ts'
import type { Position } from './position.ts'

/** What a lamp does at sunset (`on`) and at sunrise (`off`). */
type Switching = 'on' | 'off'

/** Sunsets and sunrises at a place (longitude, latitude) on the solar day of a time and the days before and after it, epoch ms. */
function switchingsAround([lon, lat]: Position, ts: number): { at: number; to: Switching }[] {
  return [-1, 0, 1].flatMap((days) => {
    const { sunset, sunrise } = getTimes(new Date(ts + days * dayMs), lat, lon)
    return [
      ...(sunset ? [{ at: sunset.getTime(), to: 'on' as const }] : []),
      ...(sunrise ? [{ at: sunrise.getTime(), to: 'off' as const }] : []),
    ]
  })
}

/** The first sunset or sunrise at a place after a time (epoch ms); undefined when there is none as long as an order may last. */
function switchingAfter(position: Position, ts: number): { at: number; to: Switching } | undefined {
  for (let day = ts; day <= ts + maxOrderMs; day += dayMs) {
    const [first] = switchingsAround(position, day)
      .filter(({ at }) => at > ts)
      .sort((a, b) => a.at - b.at)
    if (first) return first
  }
  return undefined
}

/** The corners of the area around some places: between them the sun rises and sets neither earlier nor later. */
function cornersOf(positions: readonly Position[]): Position[] {
  let [west, east] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [south, north] = [west, east]
  for (const [lon, lat] of positions) {
    west = Math.min(west, lon)
    east = Math.max(east, lon)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
  }
  if (west === east && south === north) return [[west, south]]
  return [
    [west, south],
    [west, north],
    [east, south],
    [east, north],
  ]
}

/**
 * The next time after `ts` at which lamps at these places switch by their schedule, epoch ms, at a full minute: sunset or sunrise,
 * for the platform knows no other schedule of a lamp. Lamps of a group switch at slightly different times: it is the time at
 * which the last of them has done what the first of them does next, so that all end together and then follow their schedule.
 * Undefined when no place is given, and where the sun neither rises nor sets as long as an order may last.
 */
export function nextSwitching(positions: readonly Position[], ts: number): number | undefined {
  if (positions.length === 0) return undefined
  const corners = cornersOf(positions)
  const next = corners.flatMap((corner) => switchingAfter(corner, ts) ?? []).sort((a, b) => a.at - b.at)
  const [first] = next
  if (!first) return undefined
  const nearest = corners.flatMap((corner) => {
    const same = switchingsAround(corner, first.at).filter(({ to }) => to === first.to)
    const [closest] = same.sort((a, b) => Math.abs(a.at - first.at) - Math.abs(b.at - first.at))
    return closest && Math.abs(closest.at - first.at) < dayMs / 2 ? [closest.at] : []
  })
  return Math.ceil(Math.max(first.at, ...nearest) / minuteMs) * minuteMs
}
