import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Member } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import {
  type AboveWarning,
  type WarningLevels,
  type WaterBucket,
  type WaterFigures,
  type WaterFiguresResponse,
  type WaterGroup,
  warningNumbers,
} from '#telemetry/figures/water-figures.ts'
import { spanOf, type TimeBucket } from '../../time-buckets.ts'
import { describeGroup } from '../groups-of-figures.ts'
import { asOfGrid, type HourGrid, hoursIn } from '../hour-grid.ts'
import type { HourlyFiguresAsked } from '../plan-hourly-figures.ts'
import { addStates } from '../reading-state.ts'
import { type GaugeFigures, gaugeFigures } from './gauge-figures.ts'
import type { GaugeAsked } from './gauge-hours.ts'
import { riseHours } from './rises.ts'

/** Hours of gauges of which single readings are looked at in one answer, for the times of peaks and the rises between readings. */
export const mostRead = 1_000
/** of them at least for each gauge */
const leastRead = 24

/** Hours before the span that figures look at: a rise may have begun there. */
export const leadHours = Math.max(...riseHours)

/** What figures of water are asked for; the grid begins {@link leadHours} before the span. */
export interface WaterAsked extends HourlyFiguresAsked {
  grid: HourGrid
  warningLevelsOf(sensor: string): WarningLevels
}

/** Peak, rise and hours at or above báo động I, II and III of groups of gauges. Rejects as the store does. */
export async function waterFigures(
  store: Pick<TelemetryStore, 'rollUps' | 'above'>,
  { membership, window, windows, grid, warningLevelsOf, ...named }: WaterAsked,
  context?: QueryContext,
): Promise<Pick<WaterFiguresResponse, 'asOf' | 'groups'>> {
  const asOf = asOfGrid(grid, spanOf(windows))
  const buckets = begunWindows(windows, grid, asOf)
  const gauges = new Set(membership.members.map(({ sensor, group }) => `${group}/${sensor}`)).size
  const groups: WaterGroup[] = []
  for (const [index, group] of membership.groups.entries()) {
    const found: GaugeFigures[] = []
    const members = membership.members.filter((member) => member.group === index)
    for (const sensor of group.sensors) {
      const query = {
        ...{ gauge: gaugeOf(sensor, members), warningLevels: warningLevelsOf(sensor), hours: grid.hours, buckets },
        ...{ withRises: window !== '1h', mostRead: Math.max(leastRead, Math.floor(mostRead / gauges)) },
      }
      found.push(await gaugeFigures(store, query, context))
      await nextTurn() // others are served between two gauges
    }
    groups.push({
      ...describeGroup(group, named),
      gauges: group.sensors.map((sensor) => ({ sensor, warningLevels: warningLevelsOf(sensor) })),
      buckets: windows.map((each, at): WaterBucket => {
        const partial = each.end > asOf ? { partial: true as const } : {}
        return { ...each, ...partial, ...together(found.flatMap((gauge) => gauge.buckets[at] ?? [])) }
      }),
      ...together(found.map(({ all }) => all)),
    })
  }
  return { asOf, groups }
}

/** The windows as far as they are over, with their hours. */
function begunWindows(windows: readonly TimeBucket[], grid: HourGrid, asOf: number) {
  const begun = windows.filter(({ start }) => start < asOf)
  const ranges = hoursIn(begun, grid)
  return begun.map(({ start, end }, at) => ({
    ...{ start, end: Math.min(end, asOf) },
    ...(ranges[at] ?? { first: 0, last: 0 }),
  }))
}

function gaugeOf(sensor: string, members: readonly Member[]): GaugeAsked {
  return { sensor, members: members.filter((member) => member.sensor === sensor).map(({ group: _, ...stay }) => stay) }
}

/**
 * The figures of several gauges as one. Levels of gauges are not compared with one another, for each has a zero of its own: the peak is
 * that of the gauge which stood highest above its own báo động I, hours and rises are those of the gauge that had the most.
 */
function together(gauges: readonly WaterFigures[]): WaterFigures {
  const [only] = gauges
  if (only && gauges.length === 1) return only
  const peaks = gauges.flatMap(({ peak }) => (peak?.aboveWarning1 === undefined ? [] : [peak]))
  const [peak] = peaks.toSorted((a, b) => (b.aboveWarning1 ?? 0) - (a.aboveWarning1 ?? 0))
  const rises = riseHours.flatMap((within) => {
    const found = gauges.flatMap((gauge) => gauge.rises?.filter((rise) => rise.within === within) ?? [])
    return found.toSorted((a, b) => b.rise - a.rise).slice(0, 1)
  })
  return {
    ...(peak ? { peak } : {}),
    above: warningNumbers.flatMap((warning) =>
      longest(gauges.flatMap(({ above }) => above.filter((each) => each.warning === warning))),
    ),
    ...(gauges.some((gauge) => gauge.rises) ? { rises } : {}),
    hours: gauges.reduce((sum, { hours }) => sum + hours, 0),
    of: gauges.reduce((sum, { of }) => sum + of, 0),
    ...addStates(gauges),
  }
}

function longest(above: readonly AboveWarning[]): AboveWarning[] {
  const [most] = above.toSorted((a, b) => b.hours - a.hours)
  if (!most) return []
  const sum = (of: 'gauges' | 'of') => above.reduce((all, each) => all + each[of], 0)
  return [{ ...most, gauges: sum('gauges'), of: sum('of') }]
}
