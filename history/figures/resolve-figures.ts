import { dayMs } from '#telemetry/durations.ts'
import type { Grouping, HistoryQuestion } from '#telemetry/history-question.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { earliestTime } from '#telemetry/reading-parts.ts'
import { type Membership, membersOf } from '../members.ts'
import type { Placements } from '../placements.ts'
import { QuestionRefusal } from '../question/refusal.ts'
import { checkGroups, type KnownPlaces, resolveSpan } from '../question/resolve-question.ts'
import type { Span } from '../question/windows.ts'

/** ids that a refusal names */
const maxNamed = 10

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
 * @throws QuestionRefusal for an empty one, one that is still to come, and one of more days than figures are made of
 */
export function resolveFigureSpan(
  { from, to }: FigureQuestion,
  now: number,
  { usualMs, maxDays }: { usualMs: number; maxDays: number },
): Span {
  const asked = resolveSpan({ from: from ?? Math.max((to ?? now) - usualMs, earliestTime), to }, now)
  const span = { from: asked.from, to: Math.min(asked.to, now) }
  if (span.to - span.from > maxDays * dayMs)
    throw new QuestionRefusal('TOO_MUCH_ASKED', { code: 'FIGURES_OF_MORE_DAYS', params: { days: maxDays } })
  return span
}

/** @throws QuestionRefusal */
function checkSensors(sensors: readonly string[], kind: Kind, placements: Placements): void {
  const named = (ids: readonly string[]) => ({ ids: ids.slice(0, maxNamed), more: Math.max(0, ids.length - maxNamed) })
  const unknown = sensors.filter((id) => !placements.has(id))
  if (unknown.length > 0)
    throw new QuestionRefusal('UNKNOWN_SENSOR', { path: 'sensors', code: 'NO_SUCH_SENSORS', params: named(unknown) })
  const others = sensors.filter((id) => !placements.get(id)?.some((placed) => placed.kind === kind))
  if (others.length > 0)
    throw new QuestionRefusal('INVALID_REQUEST', {
      ...{ path: 'sensors', code: 'FIGURES_OF_OTHER_KIND' },
      params: { kind, ...named(others) },
    })
}

/** The groups asked for, of sensors of one kind. @throws QuestionRefusal for sensors or groups that there are not */
export function resolveFigureGroups(
  { from: _, to: __, ...selection }: FigureQuestion,
  kind: Kind,
  { placements, places, groupBy, span }: ResolveParts,
): Membership {
  checkSensors(selection.sensors ?? [], kind, placements)
  checkGroups(selection, places, placements)
  return membersOf(placements, { selection: { kind, ...selection }, groupBy, span })
}
