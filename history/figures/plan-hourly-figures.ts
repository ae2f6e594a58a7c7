import { dayMs } from '#telemetry/durations.ts'
import { type FigureGrouping, type FigureWindow, figureWindows } from '#telemetry/figures/figure-windows.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { windowsOf } from '../calendar.ts'
import { type Membership, membersOf } from '../members.ts'
import type { Placements } from '../placements.ts'
import { checkGroups, type KnownPlaces, resolveKind } from '../question/resolve-question.ts'
import { spanOf, type TimeBucket } from '../time-buckets.ts'
import type { NameOf } from './groups-of-figures.ts'
import { resolveFigureSpan } from './resolve-figures.ts'
import { checkBuckets, windowCounts } from './weigh-figures.ts'

/** ms that are looked at unless it is said from when on */
const usualMs: Readonly<Record<FigureWindow, number>> = {
  '1h': dayMs,
  '1d': 30 * dayMs,
  '1mo': 365 * dayMs,
  '1y': 1_095 * dayMs,
}

/** Which figures of air or water somebody asks for; times are epoch ms. */
export interface HourlyFiguresQuestion {
  kind: Kind
  sensors?: readonly string[] | undefined
  districts?: readonly string[] | undefined
  wards?: readonly string[] | undefined
  groupBy: FigureGrouping
  window: FigureWindow
  from?: number | undefined
  to?: number | undefined
}

interface PlanParts {
  placements: Placements
  places: KnownPlaces
  /** the zone of hours and days, of the IANA database */
  zone: string
  /** epoch ms */
  now: number
}

/** Whose figures, and which buckets, are asked for. */
export interface HourlyFiguresPlan {
  kind: Kind
  membership: Membership
  window: FigureWindow
  /** the buckets: whole windows of the zone, in order, at least one; the last one may not be over */
  windows: readonly TimeBucket[]
  /** of the IANA database */
  zone: string
  /** epoch ms */
  now: number
  isSimulated(sensor: string): boolean
}

/** What figures are made for: a plan, and what groups are called. */
export interface HourlyFiguresAsked extends Omit<HourlyFiguresPlan, 'kind'> {
  nameOf: NameOf
}

/**
 * Checks a question about air or water and widens its span to whole windows; those that have not begun are left out. Their figures are
 * those of whole hours, days, months and years, as their standards want them. Those of traffic, lighting and data quality are of any
 * span (resolve-figures.ts): their buckets are cut where it begins and ends, and nothing before it is looked at.
 * @throws QuestionRefusal that says what to ask instead
 */
export function planHourlyFigures(
  question: HourlyFiguresQuestion,
  { placements, places, zone, now }: PlanParts,
): HourlyFiguresPlan {
  const { kind, groupBy, window } = question
  const list = (ids: readonly string[] | undefined) => (ids ? [...ids] : undefined)
  const groups = { districts: list(question.districts), wards: list(question.wards) }
  const selection = { kind, sensors: list(question.sensors), ...groups }
  resolveKind(selection, placements)
  checkGroups(groups, places, placements)
  // the usual span ends now, where the end is still to come
  const to = question.to === undefined ? undefined : Math.min(question.to, now)
  const span = resolveFigureSpan({ from: question.from, to }, now, { usualMs: usualMs[window] })
  const asked = membersOf(placements, { selection, groupBy, span })
  checkBuckets(asked.groups.length, windowCounts(figureWindows, window, span))
  const windows = windowsOf(window, zone, span)
  const simulated = new Set(
    [...placements].filter(([, placed]) => placed.some((each) => each.simulated)).map(([sensor]) => sensor),
  )
  return {
    ...{ kind, window, windows, zone, now },
    membership: membersOf(placements, { selection, groupBy, span: spanOf(windows) }),
    isSimulated: (sensor) => simulated.has(sensor),
  }
}
