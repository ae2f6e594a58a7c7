import type { z } from 'zod'
import { meanOf } from '#storage/roll-up/steps.ts'
import type { freeFlowSchema, HourOfDay, PassengerCarUnits, TypicalDay } from '#telemetry/figures/traffic-figures.ts'
import type { FigureBucket } from '../figure-buckets.ts'
import { rounded } from '../rounding.ts'
import type { FreeFlowSpeed } from './free-flow-speeds.ts'
import { type LocalHour, peakOf } from './hours-of-day.ts'
import { addTraffic, flowFigures, noTraffic, type Speeds, type TrafficSums, trafficFigures } from './traffic-sums.ts'

/** The hours of one group that have a reading, in any order, and where each lies in its local week. */
interface GroupHours {
  hours: ReadonlyMap<number, TrafficSums>
  localHourOf(ts: number): LocalHour
  /** the local day that a moment is in, such as 2026-01-31 */
  dateOf(ts: number): string
  factors: PassengerCarUnits
}

/** The mean weekday, or the mean day of a weekend: its hours, and the hours with the highest flow. */
export function typicalDay({ hours, localHourOf, dateOf, factors }: GroupHours, isWeekend: boolean): TypicalDay {
  const byHour = new Map<number, TrafficSums>()
  const dates = new Set<string>()
  for (const [ts, sums] of hours) {
    const local = localHourOf(ts)
    if (local.isWeekend !== isWeekend) continue
    dates.add(dateOf(ts))
    const held = byHour.get(local.hour) ?? noTraffic()
    byHour.set(local.hour, held)
    addTraffic(held, sums)
  }
  const figures = [...byHour]
    .sort(([a], [b]) => a - b)
    .map(([hour, sums]): HourOfDay => ({ hour, ...flowFigures(sums, factors) }))
  const flows = figures.flatMap(({ vehiclesPerHour }) => vehiclesPerHour ?? [])
  const mean = flows.reduce((sum, flow) => sum + flow, 0) / flows.length
  const [peak, morningPeak, eveningPeak] = [peakOf(figures), peakOf(figures, 0, 12), peakOf(figures, 12, 24)]
  return {
    days: dates.size,
    ...(flows.length > 0 && { vehiclesPerHour: rounded(mean, 1) }),
    ...(peak && { peak }),
    ...(morningPeak && { morningPeak }),
    ...(eveningPeak && { eveningPeak }),
    hours: figures,
  }
}

/** The figures of each bucket of a series; those without a reading have no figures but a coverage of 0. */
export function trafficSeries(
  { hours, factors }: Pick<GroupHours, 'hours' | 'factors'>,
  buckets: readonly FigureBucket[],
  coverageIn: (bucket: number, readings: number) => number | undefined,
) {
  const times = [...hours.keys()].sort((a, b) => a - b)
  let next = 0
  return buckets.map((bucket, at) => {
    const sums = noTraffic()
    for (; (times[next] ?? bucket.end) < bucket.end; next++) {
      const hour = hours.get(times[next] ?? Number.NaN)
      if (hour) addTraffic(sums, hour)
    }
    const coverage = coverageIn(at, sums.readings)
    return { ...bucket, ...trafficFigures(sums, factors), ...(coverage !== undefined && { coverage }) }
  })
}

/** The free-flow speed of a group: the mean of its counters', weighed by their readings in the span. */
export function groupFreeFlow(
  sensors: readonly string[],
  speedOf: ReadonlyMap<string, FreeFlowSpeed>,
  { judgedCount, freeFlow }: Speeds,
): z.infer<typeof freeFlowSchema> {
  const known = sensors.flatMap((sensor) => speedOf.get(sensor) ?? [])
  const speed = judgedCount > 0 ? meanOf({ sum: freeFlow, count: judgedCount }) : known[0]?.speed
  const fromMeta = known.filter(({ basis }) => basis === 'meta').length
  return {
    ...(speed !== undefined && { speed: rounded(speed, 1) }),
    ...{ fromMeta, fromNights: known.length - fromMeta, unknown: sensors.length - known.length },
    nightReadings: known.reduce((sum, { readings }) => sum + readings, 0),
  }
}
