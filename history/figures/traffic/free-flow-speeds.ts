import { Temporal } from 'temporal-polyfill'
import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { Member, RollUpStorage } from '#storage/roll-ups.ts'
import { dateOf } from '../../calendar.ts'

/** Local hours of which the speeds are those of free flow: from 22:00 to 5:00. */
export const nightHours: readonly number[] = [22, 23, 0, 1, 2, 3, 4]
const nightFrom = { hour: 22 }
const nightTo = { hour: 5 }
/** the share of night speeds that the free-flow speed is: the 85th percentile, as of speed surveys */
export const nightShare = 0.85
/** nights before the end of a span that are looked at. Own choice: four of each weekday */
const nights = 28
/** readings with a speed in these nights, without which nothing is said. Own choice. */
export const leastNightReadings = 50

/** The free-flow speed of a counter, km/h, and what it stands on. */
export interface FreeFlowSpeed {
  speed: number
  basis: 'meta' | 'nights'
  /** readings of nights that it is of; 0 where the counter says it of itself */
  readings: number
}

/** A counter, with the free-flow speed that it says of itself, km/h. */
export interface Counter {
  sensor: string
  freeFlowSpeed?: number | undefined
}

interface FreeFlowQuery {
  counters: readonly Counter[]
  /** epoch ms: the end of the span that figures are of */
  to: number
  zone: string
}

/** The nights before a moment (epoch ms), from 22:00 to 5:00 by the clock of a zone, the earliest first; the last may be cut. */
export function nightsBefore(to: number, zone: string): Span[] {
  const date = dateOf(to, zone)
  const at = (days: number, time: { hour: number }) =>
    date.add({ days }).toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds
  return Array.from({ length: nights + 1 }, (_, index) => ({
    from: at(index - nights, nightFrom),
    to: Math.min(at(index - nights + 1, nightTo), to),
  })).filter((night) => night.from < night.to)
}

/**
 * The free-flow speed of each counter: what it says of itself, as alerts and the map take it, otherwise the 85th percentile of its
 * readings of the 28 nights before `to` (22:00 to 5:00, when roads are free). Counters of which neither is known are left out.
 */
export async function freeFlowSpeeds(
  store: Pick<RollUpStorage, 'rollUps' | 'percentiles'>,
  { counters, to, zone }: FreeFlowQuery,
  context?: QueryContext,
): Promise<Map<string, FreeFlowSpeed>> {
  const found = new Map<string, FreeFlowSpeed>()
  const asked: string[] = []
  for (const { sensor, freeFlowSpeed } of counters)
    if (freeFlowSpeed === undefined) asked.push(sensor)
    else found.set(sensor, { speed: freeFlowSpeed, basis: 'meta', readings: 0 })
  const spans = nightsBefore(to, zone)
  const [first] = spans
  if (asked.length === 0 || !first) return found
  const members = asked.flatMap((sensor, group) => spans.map((span): Member => ({ sensor, group, ...span })))
  const query = { kind: 'traffic', value: 'averageVehicleSpeed', members, edges: [first.from, to] } as const
  const counts = new Map(
    (await store.rollUps({ ...query, ends: false }, context)).map(({ group, count }) => [group, count]),
  )
  for (const { group, values } of await store.percentiles({ ...query, shares: [nightShare] }, context)) {
    const [sensor, readings, speed] = [asked[group], counts.get(group) ?? 0, values[0]]
    if (sensor !== undefined && speed !== undefined && speed > 0 && readings >= leastNightReadings)
      found.set(sensor, { speed, basis: 'nights', readings })
  }
  return found
}
