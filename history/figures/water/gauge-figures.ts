import { meanOf, toSteps } from '#storage/roll-up/steps.ts'
import { type RollUpCell, stepsPerUnit } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import {
  type AboveWarning,
  type WarningLevels,
  type WaterFigures,
  type WaterPeak,
  warningNumbers,
} from '#telemetry/figures/water-figures.ts'
import type { TimeBucket } from '../../time-buckets.ts'
import { difference } from '../difference.ts'
import type { HourRange } from '../hour-grid.ts'
import { addStates, StateCounts } from '../reading-state.ts'
import { bucketMsFor, type GaugeAsked, readAbove, readHours, readLevels } from './gauge-hours.ts'
import { LevelReader, readRises } from './read-rises.ts'

/** What figures of a gauge are asked for. */
export interface GaugeQuery {
  gauge: GaugeAsked
  warningLevels: WarningLevels
  /** in order, without a gap; those before the first bucket are for rises that began there */
  hours: readonly TimeBucket[]
  /** the buckets as far as they are over, and their hours */
  buckets: readonly (TimeBucket & HourRange)[]
  /** whether buckets get their own rises */
  withRises: boolean
  /** hours of which single readings may be looked at */
  mostRead: number
}

/** The figures of each bucket, and of all together. */
export interface GaugeFigures {
  buckets: WaterFigures[]
  all: WaterFigures
}

type Store = Pick<TelemetryStore, 'rollUps' | 'above'>

/**
 * Peak, rise, and hours at or above báo động I, II and III of one gauge (Decision 05/2020/QĐ-TTg: a gauge's levels are set for it, and
 * are what the gauge says of itself now). A reading holds until the next, at most three times the reporting step.
 */
export async function gaugeFigures(store: Store, query: GaugeQuery, context?: QueryContext): Promise<GaugeFigures> {
  const { gauge, hours, buckets } = query
  const cells = await readHours(store, gauge, hours, context)
  const above = await readWarnings(store, query, context)
  const bucketMs = bucketMsFor(cells.reduce((most, cell) => Math.max(most, cell?.count ?? 0), 0))
  const read = (asked: readonly number[]) => {
    const wanted = asked.map((at) => hours[at]).filter((hour) => hour !== undefined)
    return readLevels(store, gauge, { hours: wanted, bucketMs }, context)
  }
  const levels = new LevelReader(read, query.mostRead)
  const whole: HourRange = { first: buckets[0]?.first ?? 0, last: buckets.at(-1)?.last ?? 0 }
  const ranges = [...buckets, whole]
  await levels.load(ranges.flatMap((range) => highestHour(cells, range) ?? []))
  const known = hours.map((hour, at) => {
    const { min, max } = cells[at] ?? {}
    return min === undefined || max === undefined ? hour : { ...hour, lowest: min, highest: max }
  })
  const rises = await readRises(gauge.sensor, known, query.withRises ? ranges : [whole], levels)
  const states = new StateCounts(cells.length)
  for (const [at, cell] of cells.entries()) if (cell) states.add(at, cell)
  const figures = ranges.map((range, at): WaterFigures => {
    const isWhole = at === buckets.length
    const spans = isWhole ? buckets : buckets.slice(at, at + 1)
    const own = cells.slice(range.first, range.last).filter((cell) => cell !== undefined)
    const aboveMs = warningNumbers.map((warning) => {
      const found = above[warning]
      return isWhole ? found?.reduce((sum, ms) => sum + ms, 0) : found?.[at]
    })
    return {
      ...levelsOf(own),
      ...peakOf(cells, range, query, levels.known),
      above: warningNumbers.flatMap((warning, index) => aboveOf(gauge.sensor, warning, aboveMs[index])),
      ...(isWhole || query.withRises ? { rises: rises[query.withRises ? at : 0] ?? [] } : {}),
      hours: own.reduce((sum, { coveredMs }) => sum + coveredMs, 0) / hourMs,
      of: spans.reduce((sum, span) => sum + heldMs(gauge, span), 0) / hourMs,
      ...addStates([states.between(range.first, range.last)]),
    }
  })
  const all = figures.pop()
  if (!all) throw new RangeError('there is no whole of the buckets')
  return { buckets: figures, all }
}

type Warnings = Partial<Record<(typeof warningNumbers)[number], number[]>>

/** ms at or above each warning level that the gauge has, by bucket. */
async function readWarnings(
  store: Store,
  { gauge, buckets, warningLevels }: GaugeQuery,
  context?: QueryContext,
): Promise<Warnings> {
  const found: Warnings = {}
  for (const warning of warningNumbers) {
    const level = warningLevels[warning]
    if (level === undefined || buckets.length === 0) continue
    // at the level is at it, and the store tells what is above
    const limit = (toSteps(level) - 1) / stepsPerUnit
    found[warning] = await readAbove(store, gauge, { spans: buckets, limit }, context)
  }
  return found
}

function aboveOf(sensor: string, warning: AboveWarning['warning'], aboveMs: number | undefined): AboveWarning[] {
  if (aboveMs === undefined) return []
  return [{ warning, hours: aboveMs / hourMs, ...(aboveMs > 0 ? { sensor } : {}), gauges: aboveMs > 0 ? 1 : 0, of: 1 }]
}

/** ms of a span in which the gauge was in its group. */
function heldMs({ members }: GaugeAsked, { start, end }: TimeBucket): number {
  return members.reduce(
    (sum, { from = start, to = end }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)),
    0,
  )
}

function levelsOf(cells: readonly RollUpCell[]): Pick<WaterFigures, 'lowest' | 'mean'> {
  const lowest = cells.flatMap(({ min }) => min ?? [])
  const mean = meanOf({
    sum: cells.reduce((sum, cell) => sum + cell.sum, 0n),
    count: cells.reduce((sum, cell) => sum + cell.count, 0),
  })
  if (mean === undefined) return {}
  return { lowest: lowest.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY), mean }
}

/** The first hour that holds the highest level. */
function highestHour(cells: readonly (RollUpCell | undefined)[], { first, last }: HourRange): number | undefined {
  let highest: number | undefined
  for (let at = first; at < last; at += 1) {
    const max = cells[at]?.max
    if (max !== undefined && max > (cells[highest ?? -1]?.max ?? Number.NEGATIVE_INFINITY)) highest = at
  }
  return highest
}

function peakOf(
  cells: readonly (RollUpCell | undefined)[],
  range: HourRange,
  { gauge: { sensor }, hours, warningLevels }: GaugeQuery,
  known: LevelReader['known'],
): { peak?: WaterPeak } {
  const hour = highestHour(cells, range)
  const level = cells[hour ?? -1]?.max
  if (hour === undefined || level === undefined) return {}
  const reached = known.get(hour)?.find(({ value }) => value === level)
  const first = warningLevels[1]
  return {
    peak: {
      ...{ sensor, level },
      ...(reached ? { at: reached.ts } : { at: hours[hour]?.start ?? 0, toTheHour: true as const }),
      ...(first === undefined ? {} : { aboveWarning1: difference(level, first) }),
    },
  }
}
