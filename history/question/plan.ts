import type { Span } from '#storage/roll-up/spans.ts'
import type { Member } from '#storage/roll-ups.ts'
import type {
  Comparison,
  FigureFunction,
  Grouping,
  HistoryHead,
  HistoryQuestion,
  QuestionWindow,
} from '#telemetry/history-question.ts'
import { figureFunctions } from '#telemetry/history-question.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { ValueInfo } from '#telemetry/values.ts'
import { type Group, type Membership, membersOf } from '../members.ts'
import type { Placements } from '../placements.ts'
import { type EarlierSpan, earlierSpan } from './comparison.ts'
import { QuestionRefusal } from './refusal.ts'
import {
  checkFunctions,
  checkGroups,
  type KnownPlaces,
  resolveKind,
  resolveSpan,
  resolveValues,
} from './resolve-question.ts'
import { bucketsOf, coarserWindows, countBuckets, type QuestionBucket, windowOfPoints } from './windows.ts'

/** Buckets in one question to a store. */
export const maxBuckets = 20_000
/** figures of a series of a profile */
export const hoursOfWeek = 7 * 24
/** points where neither window nor points are asked for */
const defaultPoints = 200

/** How much an answer may hold. */
export interface AnswerLimits {
  series: number
  figures: number
}

/** The same of an earlier span. */
export interface EarlierPlan extends EarlierSpan {
  compare: Comparison
  /** of a profile its hours, otherwise those that buckets are compared with; gaps between them are of nobody */
  buckets: readonly QuestionBucket[]
  /** of the groups of the span */
  members: readonly Member[]
}

/** What is asked of the store for a question, and what its answer is made of. */
export interface QuestionPlan {
  kind: Kind
  values: readonly ValueInfo[]
  /** each once, in a fixed order */
  functions: readonly FigureFunction[]
  limit: number | undefined
  groupBy: Grouping
  /** undefined: a profile */
  window: QuestionWindow | undefined
  zone: string
  span: Span
  now: number
  /** of a profile its hours */
  buckets: readonly QuestionBucket[]
  groups: readonly Group[]
  members: readonly Member[]
  /** of the sensors asked for, those that are simulated */
  simulated: ReadonlySet<string>
  earlier: EarlierPlan | undefined
}

interface PlanParts {
  placements: Placements
  places: KnownPlaces
  limits: AnswerLimits
  /** zone of the installation */
  zone: string
  /** epoch ms */
  now: number
}

/** Makes the plan of a question. @throws QuestionRefusal for one that cannot be answered as it is */
export function planQuestion(
  question: HistoryQuestion,
  { placements, places, limits, now, ...home }: PlanParts,
): QuestionPlan {
  const span = resolveSpan(question, now)
  const kind = resolveKind(question, placements)
  const values = resolveValues(question.values, kind)
  checkFunctions(question, values, kind)
  checkGroups(question, places, placements)
  const { sensors, districts, wards, roads, tags, compare, limit, zone = home.zone } = question
  const groupBy = question.groupBy ?? (sensors === undefined ? 'none' : 'sensor')
  const past = { from: span.from, to: Math.min(span.to, now + 1) }
  const window = question.profile
    ? undefined
    : (question.window ?? windowOfPoints(question.points ?? defaultPoints, past))
  const asked = { selection: { kind, sensors, districts, wards, roads, tags }, groupBy } as const
  const membership = membersOf(placements, { ...asked, span })
  checkSize({ window, span: past, series: membership.groups.length * values.length, limits })
  const buckets = bucketsOf(window ?? '1h', zone, span, now)
  const plan = {
    ...{ kind, values, limit, groupBy, window, zone, span, now, buckets, ...membership },
    functions: figureFunctions.filter((name) => question.functions.includes(name)),
    simulated: simulatedOf(membership, placements),
  }
  if (compare === undefined) return { ...plan, earlier: undefined }
  const before = earlierSpan(compare, window, { ...span, buckets, zone })
  const then = membersOf(placements, { ...asked, span: before })
  const earlierBuckets =
    window === undefined ? bucketsOf('1h', zone, before, now) : before.aligned.filter((bucket) => bucket !== undefined)
  return {
    ...plan,
    earlier: { ...before, compare, buckets: earlierBuckets, members: inGroupsOf(membership, then) },
  }
}

interface Size {
  window: QuestionWindow | undefined
  span: Span
  series: number
  limits: AnswerLimits
}

/** @throws QuestionRefusal with the coarser form that would do */
function checkSize({ window, span, series, limits }: Size): void {
  if (series > limits.series)
    throw new QuestionRefusal('TOO_MUCH_ASKED', { code: 'TOO_MANY_SERIES', params: { series, most: limits.series } })
  const figuresOf = (one: QuestionWindow | undefined) =>
    series * (one === undefined ? hoursOfWeek : countBuckets(one, span))
  const isTooLarge = (one: QuestionWindow | undefined) =>
    figuresOf(one) > limits.figures || (one !== undefined && countBuckets(one, span) > maxBuckets)
  if (!isTooLarge(window)) return
  const coarser = window && coarserWindows(window).find((one) => !isTooLarge(one))
  throw new QuestionRefusal('TOO_MUCH_ASKED', {
    code: 'TOO_MANY_FIGURES',
    params: {
      figures: figuresOf(window),
      most: Math.min(limits.figures, maxBuckets * series),
      ...(coarser && { window: coarser }),
    },
  })
}

/** Members of other groups with the same ids, as members of these; of who is in none of these nothing is asked. */
function inGroupsOf({ groups }: Membership, other: Membership): Member[] {
  const indexOf = new Map(groups.map(({ id }, index) => [id, index]))
  return other.members.flatMap((member) => {
    const group = indexOf.get(other.groups[member.group]?.id ?? null)
    return group === undefined ? [] : [{ ...member, group }]
  })
}

function simulatedOf({ groups }: Membership, placements: Placements): Set<string> {
  const sensors = groups.flatMap((group) => group.sensors)
  return new Set(sensors.filter((id) => placements.get(id)?.some(({ simulated }) => simulated)))
}

/** What an answer says of its question. */
export function headOf(plan: QuestionPlan): Omit<HistoryHead, 'sensors' | 'sensorCount' | 'values'> {
  const { kind, span, now, window, zone, groupBy, functions, limit, earlier } = plan
  return {
    ...{ kind, ...span, now },
    ...(window === undefined ? { profile: 'hour-of-week' as const } : { window }),
    ...{ zone, groupBy, functions: [...functions] },
    ...(limit === undefined ? {} : { limit }),
    ...(earlier && { compared: { with: earlier.compare, from: earlier.from, to: earlier.to } }),
  }
}
