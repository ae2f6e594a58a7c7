import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ReportingSteps, readReportingSteps } from '#storage/reporting-steps.ts'
import type { Member } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import type { AirStandard } from '#telemetry/air-standards.ts'
import { type AirBucket, type AirFiguresResponse, type AirGroup, groupMethod } from '#telemetry/figures/air-figures.ts'
import { nowcastHours } from '#telemetry/vn-aqi-periods.ts'
import type { Group } from '../../members.ts'
import { spanOf } from '../../time-buckets.ts'
import { describeGroup } from '../groups-of-figures.ts'
import { asOfGrid, type HourGrid, hoursIn } from '../hour-grid.ts'
import type { HourlyFiguresAsked } from '../plan-hourly-figures.ts'
import { StateCounts } from '../reading-state.ts'
import { type PlaceAsked, placeFigures } from './air-place.ts'
import { GroupHours } from './group-hours.ts'
import { readStationHours } from './station-hours.ts'
import { WorstStations } from './worst-stations.ts'

/** Hours before the span that figures look at: Nowcast, and means of 8 h. */
export const leadHours = nowcastHours - 1

type Store = Pick<TelemetryStore, 'rollUps' | 'readEvents'>

/** What figures of air are asked for; the grid begins {@link leadHours} before the span. */
export interface AirAsked extends HourlyFiguresAsked {
  grid: HourGrid
  standard: AirStandard
}

/** VN_AQI, days per band and exceedances of groups of stations. Rejects as the store does. */
export async function airFigures(
  store: Store,
  { standard, membership, window, windows, grid, ...named }: AirAsked,
  context?: QueryContext,
): Promise<Pick<AirFiguresResponse, 'asOf' | 'standard' | 'method' | 'groups'>> {
  const span = spanOf(windows)
  const asOf = asOfGrid(grid, span)
  const sensors = [...new Set(membership.members.map(({ sensor }) => sensor))]
  const steps = await readReportingSteps(store, { sensors, to: span.to }, context)
  const asked: PlaceAsked = { window, windows, grid, standard, asOf }
  const groups: AirGroup[] = []
  for (const [index, group] of membership.groups.entries()) {
    const members = membership.members.filter((member) => member.group === index)
    const figures = await groupFigures(store, { group, members, steps, asked }, context)
    groups.push({ ...describeGroup(group, named), ...figures })
  }
  return { asOf, standard, method: groupMethod, groups }
}

interface GroupAsked {
  group: Group
  members: readonly Member[]
  steps: ReportingSteps
  asked: PlaceAsked
}

/** The figures of one group. Its stations are read and added one after the other: only their sum is held. */
async function groupFigures(store: Store, { group, members, steps, asked }: GroupAsked, context?: QueryContext) {
  const { grid, window } = asked
  const { length } = grid.hours
  const sum = new GroupHours(length)
  const states = new StateCounts(length)
  const isOfOne = group.sensors.length === 1 || (window !== '1h' && window !== '1d')
  const worst = isOfOne ? undefined : new WorstStations(asked)
  const query = { store, sensors: group.sensors, hours: grid.hours, steps }
  for await (const station of readStationHours(query, context)) {
    const isIn = stayOf(station.sensor, members, grid)
    sum.add(station.hours, isIn)
    states.addAll(station.states, isIn)
    worst?.add(station.sensor, station.hours, isIn)
    await nextTurn() // others are served between two stations
  }
  const place = placeFigures(sum.end(), asked)
  const ranges = hoursIn(asked.windows, grid)
  const buckets = place.buckets.map((bucket, at): AirBucket => {
    const highest = worst?.in(at)
    const { first, last } = ranges[at] ?? { first: 0, last: 0 }
    return { ...bucket, ...(highest ? { highest } : {}), ...states.between(first, last) }
  })
  return { ...place, buckets, ...states.between(grid.lead, length) }
}

/** Whether a sensor was in its group when hour `at` began. */
function stayOf(sensor: string, members: readonly Member[], { hours }: HourGrid): (at: number) => boolean {
  const own = members.filter((member) => member.sensor === sensor)
  if (own.some(({ from, to }) => from === undefined && to === undefined)) return () => true
  const isThere = (ts: number) => own.some(({ from = ts, to = ts + 1 }) => from <= ts && ts < to)
  return (at) => isThere(hours[at]?.start ?? 0)
}
