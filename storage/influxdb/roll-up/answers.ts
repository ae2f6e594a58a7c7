import { hourMs } from '#telemetry/durations.ts'
import type { QueryContext } from '../../query-context.ts'
import { longestHoldMs } from '../../reporting-steps.ts'
import { Cells } from '../../roll-up/cells.ts'
import { rollUpsFromReadings } from '../../roll-up/from-readings.ts'
import { LocalDays } from '../../roll-up/local-days.ts'
import { type Buckets, checkedBuckets } from '../../roll-up/pieces.ts'
import { type Decided, type ReadingsSource, readDecided, ValuesReader } from '../../roll-up/sensor-values.ts'
import { clipSpans, type Span } from '../../roll-up/spans.ts'
import type { Member, RollUpCell, RollUpQuery } from '../../roll-ups.ts'
import type { InfluxSession } from '../session.ts'
import { affectedHours } from './affected-hours.ts'
import { CounterStarts } from './counter-starts.ts'
import type { DirtyMarks } from './dirty-marks.ts'
import { gridOfBuckets, gridOfDays, gridOfHours, readGroupedSums } from './grouped-sums.ts'
import { daysOf, hoursOf } from './measurements.ts'
import { QuestionPlan } from './question-plan.ts'
import { readRows } from './roll-up-rows.ts'
import { SensorTimeline } from './sensor-timeline.ts'
import type { Progress, UpkeepProgress } from './upkeep-progress.ts'

export interface AnswersOptions {
  session: InfluxSession
  source: ReadingsSource
  marks: DirtyMarks
  progress: UpkeepProgress
  /** the zone whose days are rolled up */
  timeZone: string
}

/** A question, and what is known to answer it. */
interface Planned {
  query: RollUpQuery
  buckets: Buckets
  sensors: string[]
  progress: Progress
  decided: Decided
  plan: QuestionPlan
}

/** Answers questions from roll-ups that are kept, and from readings where there are none or they are dirty. */
export class RollUpAnswers {
  readonly #options: AnswersOptions
  readonly #days: LocalDays

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#days = new LocalDays(options.timeZone)
  }

  async rollUps(query: RollUpQuery, context?: QueryContext): Promise<RollUpCell[]> {
    const planned = await this.#plan(query, context)
    if (!planned) return rollUpsFromReadings(this.#options.source, query, context)
    const timelines = new Map(planned.sensors.map((sensor) => [sensor, new SensorTimeline()]))
    const cells = new Cells(planned.buckets)
    const groups = sensorsOfGroups(planned)
    for (const [group, sensors] of groups) await this.#addGroup(planned, group, sensors, cells, context)
    // what is not added up by InfluxDB
    const added = new Set([...groups.values()].flat())
    const others = { ...planned, sensors: planned.sensors.filter((sensor) => !added.has(sensor)) }
    if (others.sensors.length > 0) {
      await this.#addDays(others, timelines, context)
      await this.#addHours(others, timelines, context)
    }
    await this.#readOthers(planned, timelines, context)
    await this.#addMembers(planned, timelines, cells, context)
    return cells.all
  }

  /** Lets InfluxDB add up the roll-ups of sensors that are in one group all the time. */
  async #addGroup(
    { query, buckets, plan }: Planned,
    group: number,
    sensors: readonly string[],
    cells: Cells,
    context?: QueryContext,
  ): Promise<void> {
    const { kind, value } = query
    const uniform = gridOfBuckets(buckets)
    const grid = uniform ?? gridOfDays(plan.days)
    const levels = [
      { measurement: daysOf(kind), spans: joined(plan.days), grid: grid ?? gridOfHours },
      { measurement: hoursOf(kind), spans: plan.hours, grid: uniform ?? gridOfHours },
    ]
    for (const level of levels)
      for (const { start, rollUp } of await readGroupedSums(
        this.#options.session,
        { ...level, value, sensors },
        context,
      ))
        cells.add(group, [{ bucket: buckets.bucketAt(start), rollUp }], undefined)
  }

  /** Which readings a question looks at, and how many roll-ups at the most. */
  async weigh(query: RollUpQuery): Promise<{ readings: Span[]; rollUps: number }> {
    const planned = await this.#plan(query)
    if (!planned) return { readings: [checkedBuckets(query)], rollUps: 0 }
    const { plan, sensors } = planned
    const hours = plan.hours.reduce((sum, { from, to }) => sum + (to - from) / hourMs, 0)
    return { readings: [...plan.readings], rollUps: sensors.length * (plan.days.length + hours) }
  }

  /** How a question is answered; undefined when all of it is from readings. Marks are read before roll-ups are: whoever clears one has written the roll-up. */
  async #plan(query: RollUpQuery, context?: QueryContext): Promise<Planned | undefined> {
    const buckets = checkedBuckets(query)
    const { source, progress: upkeep, timeZone } = this.#options
    const progress = await upkeep.read()
    const { rolledTo, days } = progress
    if (rolledTo === undefined || rolledTo <= buckets.from) return undefined
    const { kind, members } = query
    const sensors = [...new Set(members.map(({ sensor }) => sensor))]
    const decided = await readDecided(source, { kind, sensors, to: buckets.to }, context)
    const dirty = await this.#dirtyHours({ query, buckets, sensors, progress, decided }, buckets, context)
    const kept = days?.zone === timeZone ? { calendar: this.#days, from: days.from } : undefined
    const plan = new QuestionPlan({ buckets, members, dirty, rolledTo, days: kept })
    return { query, buckets, sensors, progress, decided, plan }
  }

  /** Hours of a span that changed since they were rolled up. */
  async #dirtyHours(
    { query, sensors, progress, decided }: Omit<Planned, 'plan'>,
    { from, to }: Span,
    context?: QueryContext,
  ): Promise<(Span & { sensor: string })[]> {
    const { frozenTo, rolledTo = 0 } = progress
    // what was written before them may hold into them
    const span = { from: Math.max(from, frozenTo) - longestHoldMs, to: Math.min(to, rolledTo), sensors }
    const marks = await this.#options.marks.read(query.kind, span, context)
    const affectedBy = affectedHours(decided.steps)
    return marks.flatMap((mark) =>
      clipSpans([affectedBy(mark)], { from: frozenTo, to: rolledTo }).map((hours) => ({
        ...hours,
        sensor: mark.sensor,
      })),
    )
  }

  async #addDays({ query, sensors, plan }: Planned, timelines: Timelines, context?: QueryContext): Promise<void> {
    const { session } = this.#options
    const { kind, value, ends = true } = query
    const ending = new Map(plan.days.map(({ from, to }) => [from, to]))
    const spans = joined(plan.days)
    const rows = await readRows(session, { measurement: daysOf(kind), value, sensors, spans, ends }, context)
    for (const { sensor, start, rollUp } of rows) {
      const day = { from: start, to: ending.get(start) ?? start }
      if (day.from < day.to && plan.of(sensor).takes(day)) timelines.get(sensor)?.addKept({ ...day, rollUp })
    }
  }

  async #addHours({ query, sensors, plan }: Planned, timelines: Timelines, context?: QueryContext): Promise<void> {
    const { session } = this.#options
    const { kind, value, ends = true } = query
    const asked = [{ sensors, spans: plan.hours }]
    // sensors of which the same days are split are asked for at once
    const bySplit = new Map<string, { sensors: string[]; spans: Span[] }>()
    for (const sensor of sensors) {
      const spans = joined(plan.of(sensor).splitDays)
      const same = bySplit.get(JSON.stringify(spans)) ?? { sensors: [], spans }
      same.sensors.push(sensor)
      if (spans.length > 0) bySplit.set(JSON.stringify(spans), same)
    }
    for (const whose of [...asked, ...bySplit.values()])
      for (const { sensor, start, rollUp } of await readRows(
        session,
        { measurement: hoursOf(kind), value, ends, ...whose },
        context,
      )) {
        const hour = { from: start, to: start + hourMs }
        if (plan.of(sensor).takes(hour)) timelines.get(sensor)?.addKept({ ...hour, rollUp })
      }
  }

  async #readOthers(planned: Planned, timelines: Timelines, context?: QueryContext): Promise<void> {
    const { query, sensors, plan, decided } = planned
    const { kind, value } = query
    const asked = [
      ...plan.readings.map((span) => ({ sensors, span })),
      ...sensors.flatMap((sensor) => plan.of(sensor).readings.map((span) => ({ sensors: [sensor], span }))),
    ]
    for (const { sensors: whose, span } of asked) {
      const reader = new ValuesReader(this.#options.source, { kind, value, sensors: whose, ...span }, decided, context)
      for (const found of await reader.read()) timelines.get(found.sensor)?.read(span, found)
    }
  }

  async #addMembers(planned: Planned, timelines: Timelines, cells: Cells, context?: QueryContext): Promise<void> {
    const { query, buckets } = planned
    const whole = query.members.map((member) => {
      const timeline = timelines.get(member.sensor)
      const pieces = timeline?.piecesOf(member, buckets) ?? []
      const known = timeline?.valueBefore(Math.max(member.from ?? buckets.from, buckets.from), buckets)
      return { member, pieces, known }
    })
    const starts = new CounterStarts(this.#options, planned)
    const isUnknown = ({ pieces, known }: (typeof whole)[number]) =>
      query.ends !== false && known === undefined && pieces.some(({ rollUp }) => rollUp.first)
    const before = await starts.read([...new Set(whole.filter(isUnknown).map(({ member }) => member.sensor))], context)
    for (const { member, pieces, known } of whole) cells.add(member.group, pieces, known ?? before.get(member.sensor))
  }
}

type Timelines = ReadonlyMap<string, SensorTimeline>

/** sensors of a group below which a query for it alone costs more than its rows do, unless there are few groups */
const fewSensors = 8
const maxSmallGroups = 20

/**
 * The sensors of each group that InfluxDB may add up: where nobody needs the ends of buckets, of those that are in their groups all the
 * time, once, and whose roll-ups are all as they should be.
 */
function sensorsOfGroups({ query, buckets, plan }: Planned): Map<number, string[]> {
  const groups = new Map<number, string[]>()
  if (query.ends !== false || (!gridOfBuckets(buckets) && !gridOfDays(plan.days))) return groups
  const isWhole = ({ sensor, from = buckets.from, to = buckets.to }: Member) => {
    const { readings, splitDays } = plan.of(sensor)
    return from <= buckets.from && to >= buckets.to && readings.length === 0 && splitDays.length === 0
  }
  const counted = new Set<string>()
  const isSplit = (member: Member) => {
    const key = `${member.sensor} ${member.group}`
    const isTwice = counted.has(key)
    counted.add(key)
    return isTwice || !isWhole(member)
  }
  const split = new Set(query.members.filter(isSplit).map(({ sensor }) => sensor))
  for (const { sensor, group } of query.members) {
    if (split.has(sensor)) continue
    const sensors = groups.get(group)
    if (sensors) sensors.push(sensor)
    else groups.set(group, [sensor])
  }
  const isWorth = (sensors: readonly string[]) => groups.size <= maxSmallGroups || sensors.length >= fewSensors
  return new Map([...groups].filter(([, sensors]) => isWorth(sensors)))
}

/** Days that follow one another as one span. */
function joined(days: readonly Span[]): Span[] {
  const spans: Span[] = []
  for (const { from, to } of days) {
    const last = spans.at(-1)
    if (last?.to === from) last.to = to
    else spans.push({ from, to })
  }
  return spans
}
