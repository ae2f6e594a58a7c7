import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Member } from '#storage/roll-ups.ts'
import type { QueryContext } from '#storage/store.ts'
import type { HistoryFigure } from '#telemetry/history-question.ts'
import { LocalClock } from '../local-clock.ts'
import { type Expected, expectedOf } from './expectation.ts'
import { figuresOf } from './figures.ts'
import { hoursOfWeek, maxBuckets, type QuestionPlan } from './plan.ts'
import { WeekProfile } from './profile.ts'
import { type RollUpReader, readCells } from './read-cells.ts'
import type { QuestionBucket } from './windows.ts'

/** cells that are held at once, about: groups are asked for in batches */
const maxCells = 50_000
const nothing: Expected = { readings: 0, ms: 0, isSimulated: false }

/** One value of one group, with its figures in order. */
export interface AnsweredSeries {
  value: string
  /** index in the groups of the plan */
  group: number
  figures: HistoryFigure[]
}

/** What is read of a span, and how it is expected to be. */
interface SpanAsked {
  members: readonly Member[]
  buckets: readonly QuestionBucket[]
}

interface AnswerParts {
  store: RollUpReader
  plan: QuestionPlan
  steps: ReportingSteps
  context: QueryContext
}

const hasGroup =
  (from: number, to: number) =>
  ({ group }: Member) =>
    group >= from && group < to

/** Answers a question series by series, as they are read: those of the first value, in order of groups, then those of the next. */
export async function* answerQuestion(parts: AnswerParts): AsyncGenerator<AnsweredSeries, void, undefined> {
  const { plan } = parts
  const size = Math.min(Math.max(plan.buckets.length, 1), maxBuckets)
  const inBatch = Math.max(1, Math.floor(maxCells / size))
  for (const { name } of plan.values)
    for (let from = 0; from < plan.groups.length; from += inBatch) {
      const to = Math.min(from + inBatch, plan.groups.length)
      const answer = plan.window === undefined ? answerProfile : answerBuckets
      const figures = await answer(parts, name, from, to)
      for (let group = from; group < to; group += 1) yield { value: name, group, figures: figures(group) }
    }
}

function expectedIn({ plan, steps }: AnswerParts, { members, buckets }: SpanAsked) {
  const { simulated, now } = plan
  const groups = expectedOf({ steps, members, buckets, simulated, now })
  return (group: number, index: number) => groups.get(group)?.[index] ?? nothing
}

/** Figures of the buckets of some groups. */
async function answerBuckets(parts: AnswerParts, value: string, from: number, to: number) {
  const { store, plan, context } = parts
  const { kind, functions, limit, buckets, earlier } = plan
  const read = async (asked: SpanAsked) => {
    const members = asked.members.filter(hasGroup(from, to))
    const within = { ...asked, members }
    return {
      cells: await readCells(store, { kind, value, functions, limit, ...within }, context),
      expected: expectedIn(parts, within),
    }
  }
  const now = await read(plan)
  const then = earlier && (await read(earlier))
  const indexOf = new Map(earlier?.buckets.map(({ start }, index) => [start, index]))
  const comparedWith = (group: number, index: number) => {
    const bucket = earlier?.aligned[index]
    if (!then || !bucket) return null
    const { start, end } = bucket
    const expected = then.expected(group, indexOf.get(start) ?? -1)
    return figuresOf({ from: start, to: end }, functions, then.cells.get(group, start), { expected, isOpen: false })
  }
  return (group: number): HistoryFigure[] =>
    buckets.flatMap(({ start, end, isOpen }, index) => {
      const cell = now.cells.get(group, start)
      const expected = now.expected(group, index)
      // nobody of the group was there
      if (expected.ms === 0 && !cell.rollUp && start < plan.now) return []
      const figure: HistoryFigure = figuresOf({ from: start, to: end }, functions, cell, { expected, isOpen })
      if (earlier) figure.compared = comparedWith(group, index)
      return figure
    })
}

/** The profiles of some groups over a span. */
async function readProfiles(parts: AnswerParts, value: string, asked: SpanAsked): Promise<Map<number, WeekProfile>> {
  const { store, plan, context } = parts
  const { kind, functions, limit, zone } = plan
  const profiles = new Map<number, WeekProfile>()
  const [first, last] = [asked.buckets[0], asked.buckets.at(-1)]
  if (!first || !last) return profiles
  const clock = new LocalClock(zone, { from: first.start, to: last.end })
  const groups = [...new Set(asked.members.map(({ group }) => group))]
  for (const group of groups) profiles.set(group, new WeekProfile())
  for (let at = 0; at < asked.buckets.length; at += maxBuckets) {
    const buckets = asked.buckets.slice(at, at + maxBuckets)
    const within = { members: asked.members, buckets }
    const cells = await readCells(store, { kind, value, functions, limit, ...within }, context)
    const expected = expectedIn(parts, within)
    for (const group of groups)
      for (const [index, { start, isOpen }] of buckets.entries()) {
        const known = { cell: cells.get(group, start), expected: expected(group, index), isOpen }
        if (known.expected.ms > 0 || known.cell.rollUp) profiles.get(group)?.add(clock.hourOfWeek(start), known)
      }
  }
  return profiles
}

/** Figures of each hour of the week of some groups. */
async function answerProfile(parts: AnswerParts, value: string, from: number, to: number) {
  const { functions, earlier, ...plan } = parts.plan
  const read = ({ members, buckets }: SpanAsked) =>
    readProfiles(parts, value, { buckets, members: members.filter(hasGroup(from, to)) })
  const now = await read(plan)
  const then = earlier && (await read(earlier))
  return (group: number): HistoryFigure[] => {
    const figures: HistoryFigure[] = []
    for (let index = 0; index < hoursOfWeek; index += 1) {
      const at = { weekday: Math.floor(index / 24) + 1, hour: index % 24 }
      const known = now.get(group)?.at(at)
      if (!known) continue
      const figure: HistoryFigure = figuresOf(at, functions, known.cell, known)
      const before = then?.get(group)?.at(at)
      if (earlier) figure.compared = before ? figuresOf({}, functions, before.cell, before) : null
      figures.push(figure)
    }
    return figures
  }
}
