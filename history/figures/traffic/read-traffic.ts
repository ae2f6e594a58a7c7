import type { QueryContext } from '#storage/query-context.ts'
import { meanOf, toSteps } from '#storage/roll-up/steps.ts'
import type { Member, RollUpCell, RollUpStorage } from '#storage/roll-ups.ts'
import { Lots } from '../lots.ts'
import { addStates } from '../reading-state.ts'
import { isPeak, type LocalHour } from './hours-of-day.ts'
import { addCounted, type VehicleClass, vehicleClasses } from './passenger-car-units.ts'
import { noTraffic, type TrafficSums } from './traffic-sums.ts'
import { travelTimeRatio } from './travel-time.ts'

/** the kind that these figures are of */
export const trafficKind = 'traffic'

/** A span in which the readings of a counter count the vehicles of so many ms each. */
interface ObservationStretch {
  from: number
  to: number
  stepMs: number
}

/** Which traffic to read. */
export interface TrafficQuery {
  members: readonly Member[]
  /** starts of the hours of the local clock, and the end of the last, epoch ms */
  hours: readonly number[]
  /** of how many ms the readings of a counter were, over a span */
  periodsOf(sensor: string, from: number, to: number): readonly ObservationStretch[]
  /** km/h, as far as it is known */
  freeFlowOf(sensor: string): number | undefined
  localHourOf(ts: number): LocalHour
}

/** Sums by group, and by the start of the hour (epoch ms); hours without a reading are left out. */
export type HourlyTraffic = Map<number, Map<number, TrafficSums>>

/** Counters of one group with the same period: a count means nothing without it. */
function lotsByPeriod({ members, hours, periodsOf }: Pick<TrafficQuery, 'members' | 'hours' | 'periodsOf'>) {
  const lots = new Lots<{ group: number; stepMs: number }>()
  const [begin = 0, end = 0] = [hours[0], hours.at(-1)]
  for (const { sensor, group, from = begin, to = end } of members)
    for (const { stepMs, ...stretch } of periodsOf(sensor, from, to)) {
      const span = { ...(stretch.from > begin && { from: stretch.from }), ...(stretch.to < end && { to: stretch.to }) }
      lots.add(`${group}/${stepMs}`, { group, stepMs }, { sensor, ...span })
    }
  return lots
}

/** Each counter by itself: the speed of each hour is judged by its own free-flow speed. */
function lotsByCounter({ members }: Pick<TrafficQuery, 'members'>) {
  const lots = new Lots<{ group: number; sensor: string }>()
  for (const { group, ...member } of members)
    lots.add(`${group}/${member.sensor}`, { group, sensor: member.sensor }, member)
  return lots
}

/** What the store is asked for: what is counted, of counters with one period, and the speed of each counter. */
export function trafficQueries(query: Omit<TrafficQuery, 'freeFlowOf' | 'localHourOf'>) {
  const [counted, counters] = [lotsByPeriod(query), lotsByCounter(query)]
  const ask = (value: string, members: readonly Member[]) =>
    ({ kind: 'traffic', value, members, edges: query.hours, ends: false }) as const
  const countedValues = ['intensity', ...vehicleClasses] as const
  return {
    counted: countedValues.map((value) => ({ value, lots: counted.all, query: ask(value, counted.members) })),
    speeds: { lots: counters.all, query: ask('averageVehicleSpeed', counters.members) },
    /** hours of lots and values: as many cells as there may be */
    cells: (query.hours.length - 1) * (countedValues.length * counted.all.length + counters.all.length),
  }
}

/** What counters counted and how fast it went, hour by hour. */
export async function readTraffic(
  store: Pick<RollUpStorage, 'rollUps'>,
  query: TrafficQuery,
  context?: QueryContext,
): Promise<HourlyTraffic> {
  const found: HourlyTraffic = new Map()
  const sumsOf = (group: number, hour: number) => {
    const hours = found.get(group) ?? new Map<number, TrafficSums>()
    found.set(group, hours)
    const sums = hours.get(hour) ?? noTraffic()
    hours.set(hour, sums)
    return sums
  }
  const { counted, speeds } = trafficQueries(query)
  for (const { value, lots, query: asked } of counted)
    for (const cell of await store.rollUps(asked, context)) {
      const lot = lots[cell.group]
      if (lot) addCounts(sumsOf(lot.group, cell.start), value, cell, lot.stepMs)
    }
  for (const cell of await store.rollUps(speeds.query, context)) {
    const counter = speeds.lots[cell.group]
    if (!counter) continue
    const isInPeak = isPeak(query.localHourOf(cell.start))
    addSpeeds(sumsOf(counter.group, cell.start), cell, query.freeFlowOf(counter.sensor), isInPeak)
  }
  return found
}

function addCounts(sums: TrafficSums, value: 'intensity' | VehicleClass, cell: RollUpCell, stepMs: number): void {
  const more = { sum: cell.sum, observedMs: cell.count * stepMs }
  sums.state = addStates([sums.state, cell])
  if (value === 'intensity') {
    sums.readings += cell.count
    sums.vehicles = addCounted(sums.vehicles, more)
  } else sums.classes[value] = addCounted(sums.classes[value], more)
}

function addSpeeds(sums: TrafficSums, cell: RollUpCell, freeFlow: number | undefined, isPeakHour: boolean): void {
  const { speeds, ratios } = sums
  sums.state = addStates([sums.state, cell])
  speeds.count += cell.count
  speeds.sum += cell.sum
  const speed = meanOf(cell)
  if (freeFlow === undefined || speed === undefined) return
  speeds.judgedCount += cell.count
  speeds.judged += cell.sum
  speeds.freeFlow += BigInt(toSteps(freeFlow)) * BigInt(cell.count)
  if (isPeakHour) ratios.push(travelTimeRatio(speed, freeFlow))
}
