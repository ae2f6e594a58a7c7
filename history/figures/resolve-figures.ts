import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Grouping, HistoryQuestion } from '#telemetry/history-question.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { earliestTime } from '#telemetry/reading-parts.ts'
import { type Membership, membersOf } from '../members.ts'
import type { Placements } from '../placements.ts'
import { QuestionRefusal } from '../question/refusal.ts'
import {
  checkGroups,
  checkSensorKinds,
  checkSensors,
  type KnownPlaces,
  resolveSpan,
} from '../question/resolve-question.ts'

/** Of whom, and of when, figures are asked for; `from <= ts < to`, epoch ms. */
export type FigureQuestion = Pick<HistoryQuestion, 'from' | 'to' | 'sensors' | 'districts' | 'wards' | 'roads' | 'tags'>

interface ResolveParts {
  placements: Placements
  groupBy: Grouping
  span: Span
  places: KnownPlaces
}

/**
 * The span asked for, none of which is to come: the last so many ms when nothing is said.
 * @param maxDays days that figures are made of at most; absent: what bounds them is something else
 * @throws QuestionRefusal for an empty one, one that is still to come, and one of more days than figures are made of
 */
export function resolveFigureSpan(
  { from, to }: Pick<FigureQuestion, 'from' | 'to'>,
  now: number,
  { usualMs, maxDays = Number.POSITIVE_INFINITY }: { usualMs: number; maxDays?: number },
): Span {
  const asked = resolveSpan({ from: from ?? Math.max((to ?? now) - usualMs, earliestTime), to }, now)
  const span = { from: asked.from, to: Math.min(asked.to, now) }
  if (span.to - span.from > maxDays * dayMs)
    throw new QuestionRefusal('TOO_MUCH_ASKED', { code: 'FIGURES_OF_MORE_DAYS', params: { days: maxDays } })
  return span
}

/** The groups asked for, of sensors of one kind. @throws QuestionRefusal for sensors or groups that there are not */
export function resolveFigureGroups(
  { from: _, to: __, ...selection }: FigureQuestion,
  kind: Kind,
  { placements, places, groupBy, span }: ResolveParts,
): Membership {
  const { sensors = [] } = selection
  checkSensors(sensors, placements)
  checkSensorKinds(sensors, kind, placements, 'FIGURES_OF_OTHER_KIND')
  checkGroups(selection, places, placements)
  return membersOf(placements, { selection: { kind, ...selection }, groupBy, span })
}
