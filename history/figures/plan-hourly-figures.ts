import { dayMs } from '#telemetry/durations.ts'
import type { FigureGrouping, FigureWindow } from '#telemetry/figures/figure-windows.ts'
import { figureWindows } from '#telemetry/figures/figure-windows.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { earliestTime } from '#telemetry/reading-parts.ts'
import { membersOf } from '../members.ts'
import type { Placements } from '../placements.ts'
import { checkGroups, type KnownPlaces, resolveKind, resolveSpan } from '../question/resolve-question.ts'
import { windowsOf } from './hour-grid.ts'
import type { HourlyFiguresAsked } from './official-figures.ts'
import { checkBuckets, windowCounts } from './weigh-figures.ts'

/** ms that are looked at unless it is said from when on */
const usualMs: Readonly<Record<FigureWindow, number>> = {
  '1h': dayMs,
  '1d': 30 * dayMs,
  '1mo': 365 * dayMs,
  '1y': 1_095 * dayMs,
}

/** Which official figures somebody asks for; times are epoch ms. */
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
export type HourlyFiguresPlan = Omit<HourlyFiguresAsked, 'nameOf'> & { kind: Kind }

/**
 * Checks a question and widens its span to whole windows; those that have not begun are left out.
 * @throws QuestionRefusal that says what to ask instead
 */
export function planHourlyFigures(
  question: HourlyFiguresQuestion,
  { placements, places, zone, now }: PlanParts,
): HourlyFiguresPlan {
  const { kind, sensors, districts, wards, groupBy, window } = question
  const list = (ids: readonly string[] | undefined) => (ids ? [...ids] : undefined)
  resolveKind({ kind, sensors: list(sensors) }, placements)
  checkGroups({ districts: list(districts), wards: list(wards) }, places, placements)
  const span = figuresSpan(question, now)
  const membership = membersOf(placements, { selection: { kind, sensors, districts, wards }, groupBy, span })
  checkBuckets(membership.groups.length, windowCounts(figureWindows, window, span))
  const windows = windowsOf(window, zone, { start: span.from, end: span.to })
  const whole = { from: windows[0]?.start ?? span.from, to: windows.at(-1)?.end ?? span.to }
  const simulated = new Set(
    [...placements].filter(([, placed]) => placed.some((each) => each.simulated)).map(([sensor]) => sensor),
  )
  return {
    ...{ kind, window, windows, zone, now },
    membership: membersOf(placements, { selection: { kind, sensors, districts, wards }, groupBy, span: whole }),
    isSimulated: (sensor) => simulated.has(sensor),
  }
}

function figuresSpan({ window, ...given }: HourlyFiguresQuestion, now: number) {
  const end = Math.min(given.to ?? now, now)
  const usual = Math.max(end - usualMs[window], earliestTime)
  const { from, to } = resolveSpan({ from: given.from ?? usual, to: given.to }, now)
  return { from, to: Math.min(to, now) }
}
