import type { QueryContext } from '#storage/query-context.ts'
import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { RollUpStorage } from '#storage/roll-ups.ts'
import type { PassengerCarUnits, TrafficFiguresResponse } from '#telemetry/figures/traffic-figures.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import type { Window } from '#telemetry/rest.ts'
import { dateOf } from '../../calendar.ts'
import { edgesOf } from '../../time-buckets.ts'
import { coverageReader } from '../expected-readings.ts'
import { bucketsOf, type FigureBucket } from '../figure-buckets.ts'
import { describeFigureGroup, type FigureMembership, type NameOf, type SensorFacts } from '../groups-of-figures.ts'
import { checkCells, checkWeight, weighQueries } from '../weigh-figures.ts'
import { type Counter, freeFlowSpeeds, nightHours, nightShare, nightsBefore } from './free-flow-speeds.ts'
import { localHourOf, peakHours } from './hours-of-day.ts'
import { leastShares } from './level-of-service.ts'
import { readTraffic, type TrafficQuery, trafficQueries } from './read-traffic.ts'
import { groupFreeFlow, trafficSeries, typicalDay } from './traffic-report.ts'
import { addTraffic, noTraffic, trafficFigures } from './traffic-sums.ts'

/** What traffic figures are asked for. */
export interface TrafficRequest {
  membership: FigureMembership
  /** epoch ms */
  from: number
  to: number
  /** of the series; none when absent */
  window: Window | undefined
  /** the zone of hours and days, of the IANA database */
  zone: string
  /** where free-flow speeds are from: what counters say of themselves and otherwise their nights, or their nights alone */
  freeFlow: 'meta' | 'nights'
  factors: PassengerCarUnits
  factsOf(
    sensor: string,
  ): (SensorFacts & { freeFlowSpeed?: number | undefined; period?: number | undefined }) | undefined
  nameOf: NameOf
  steps: ReportingSteps
  /** epoch ms */
  now: number
}

type Store = Pick<RollUpStorage, 'rollUps' | 'percentiles'>

const memoized = <Value>(of: (ts: number) => Value) => {
  const known = new Map<number, Value>()
  return (ts: number): Value => {
    const held = known.get(ts)
    if (held !== undefined) return held
    const value = of(ts)
    known.set(ts, value)
    return value
  }
}

/** What the roll-ups are asked for, but for the free-flow speeds. */
function queryOf({
  membership,
  from,
  to,
  zone,
  steps,
  factsOf,
  now,
}: TrafficRequest): Omit<TrafficQuery, 'freeFlowOf'> {
  return {
    members: membership.members,
    hours: edgesOf(bucketsOf('1h', zone, { from, to }, now)),
    periodsOf: (sensor, begin, end) => {
      const { period = defaultPeriod } = factsOf(sensor) ?? {}
      return steps.periods(sensor, begin, end, Math.round(period * 1_000))
    },
    localHourOf: memoized((ts) => localHourOf(ts, zone)),
  }
}

/** Counters of the members, with the free-flow speed that counts as theirs. */
function countersOf({ membership, freeFlow, factsOf }: TrafficRequest): Counter[] {
  const sensors = [...new Set(membership.members.map(({ sensor }) => sensor))]
  const speedOf = (sensor: string) => (freeFlow === 'meta' ? factsOf(sensor)?.freeFlowSpeed : undefined)
  return sensors.map((sensor) => ({ sensor, freeFlowSpeed: speedOf(sensor) }))
}

/**
 * How many readings and roll-ups the figures would look at, about.
 * @throws QuestionRefusal when they are too many
 */
export async function weighTraffic(store: Pick<RollUpStorage, 'weigh'>, request: TrafficRequest): Promise<number> {
  const { steps, to } = request
  const { counted, speeds, cells } = trafficQueries(queryOf(request))
  checkCells(cells)
  const queries = [...counted.map(({ query }) => query), speeds.query]
  // percentiles are of the readings of nights
  const nightMs = nightsBefore(to, request.zone).reduce((sum, night) => sum + night.to - night.from, 0)
  const unknown = countersOf(request).filter(({ freeFlowSpeed }) => freeFlowSpeed === undefined)
  const read = unknown.reduce((sum, { sensor }) => sum + nightMs / steps.at(sensor, to), 0)
  const weight = Math.round(read) + (await weighQueries(store, queries))
  checkWeight(weight, request)
  return weight
}

/** Traffic figures of a span for each group, and of each bucket of it. */
export async function answerTraffic(
  store: Store,
  request: TrafficRequest,
  context?: QueryContext,
): Promise<TrafficFiguresResponse> {
  const { membership, from, to, window, zone, factors, steps, now } = request
  const counters = countersOf(request)
  const speeds = await freeFlowSpeeds(store, { counters, to, zone }, context)
  const query = { ...queryOf(request), freeFlowOf: (sensor: string) => speeds.get(sensor)?.speed }
  const traffic = await readTraffic(store, query, context)
  const shownDateOf = memoized((ts) => dateOf(ts, zone).toString())
  const whole: FigureBucket[] = [{ start: from, end: to }]
  const buckets = window && bucketsOf(window, zone, { from, to }, now)
  const expected = { steps, members: membership.members, now }
  const wholeCoverage = coverageReader({ ...expected, buckets: whole })
  const bucketCoverage = coverageReader({ ...expected, buckets: buckets ?? [] })
  const isFromNights = [...speeds.values()].some(({ basis }) => basis === 'nights')
  return {
    ...{ from, to, tz: zone },
    ...(window && { window }),
    method: {
      passengerCarUnits: factors,
      peakHours: [...peakHours],
      nightHours: [...nightHours],
      nightShare,
      ...(isFromNights && { nightsFrom: nightsBefore(to, zone)[0]?.from ?? from }),
      levelsOfService: leastShares,
    },
    groups: membership.groups.map((group, index) => {
      const hours = traffic.get(index) ?? new Map()
      const sums = noTraffic()
      for (const hour of hours.values()) addTraffic(sums, hour)
      const coverage = wholeCoverage(index, 0, sums.readings)
      const parts = { hours, localHourOf: query.localHourOf, dateOf: shownDateOf, factors }
      return {
        ...describeFigureGroup(group, request),
        freeFlow: groupFreeFlow(group.sensors, speeds, sums.speeds),
        ...trafficFigures(sums, factors),
        ...(coverage !== undefined && { coverage }),
        weekdays: typicalDay(parts, false),
        weekends: typicalDay(parts, true),
        ...(buckets && {
          series: trafficSeries({ hours, factors }, buckets, (at, readings) => bucketCoverage(index, at, readings)),
        }),
      }
    }),
  }
}
