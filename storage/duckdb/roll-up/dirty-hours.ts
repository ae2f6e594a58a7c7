import { BIGINT, type DuckDBConnection, VARCHAR } from '@duckdb/node-api'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { byKind, type Kind, kinds } from '#telemetry/kinds.ts'
import { defaultPeriod, stalePeriods } from '#telemetry/period.ts'
import type { Reading } from '#telemetry/reading.ts'
import { backfillSchema } from '#telemetry/replay.ts'
import { periodEventSchema } from '#telemetry/reporting-period.ts'
import { type ReportingSteps, readReportingSteps } from '../../reporting-steps.ts'
import type { Span } from '../../roll-up/spans.ts'
import type { StoredEvent } from '../../store.ts'
import { appendColumns } from '../append-columns.ts'
import { readEventsOn } from '../event-sql.ts'
import { readProgress } from './progress.ts'

/** marks of one kind that are remembered; when there are more, whole days of all sensors are marked */
const defaultMaxMarks = 20_000

const types = [BIGINT, VARCHAR, VARCHAR, BIGINT, BIGINT, BIGINT]

/** A span of whole hours of a sensor, of all when its name is empty, that is to be recomputed. */
interface Mark extends Span {
  sensor: string
}

/** What is known of a kind. */
interface KindState {
  /** whatever is written before becomes dirty: all before is rolled up, or just being so */
  rolledTo: number
  frozenTo: number
  /** what is marked in the table, by itself in words */
  marked: Map<string, Span>
}

interface State {
  kinds: Readonly<Record<Kind, KindState>>
  nextId: number
}

const floorTo = (length: number, ts: number) => Math.floor(ts / length) * length

/**
 * Marks hours as dirty that are written to after they were rolled up, in the table `dirty_hours` and in the transaction that
 * writes. What was marked is remembered, so that it is not marked again for each reading.
 */
export class DirtyHours {
  readonly #maxMarks: number
  readonly #now: () => number
  #state: State | undefined
  #steps: ReportingSteps | undefined
  #forgotten = 0

  constructor({ maxMarks = defaultMaxMarks, now = Date.now }: { maxMarks?: number; now?: () => number } = {}) {
    this.#maxMarks = maxMarks
    this.#now = now
  }

  /** How often what is known was forgotten: a step of the upkeep during which it was has to begin again, for writes were not marked for it. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Forgets what is known: after a transaction that failed it may not be true. */
  forget(): void {
    this.#forgotten += 1
    this.#state = undefined
    this.#steps = undefined
  }

  /** To be called within the transaction that writes these readings of a kind. */
  async markReadings(connection: DuckDBConnection, kind: Kind, readings: readonly Reading[]): Promise<void> {
    const { rolledTo } = (await this.#known(connection)).kinds[kind]
    const late = readings.filter(({ ts }) => ts < rolledTo)
    if (late.length === 0) return
    const steps = await this.#stepsOn(connection)
    const marks = late.map(({ sensor, ts }) =>
      // it holds for a while, and ends how long the one before it holds, perhaps of a longer step
      changedBy(
        sensor,
        { from: ts, to: ts },
        Math.max(stalePeriods * steps.at(sensor, ts), steps.longestHoldMsUntil(sensor, ts)),
      ),
    )
    await this.#mark(connection, kind, marks)
  }

  /** To be called within the transaction that changes what is decided about values of a sensor. */
  async markSpan(connection: DuckDBConnection, kind: Kind, sensor: string, span: Span): Promise<void> {
    const steps = await this.#stepsOn(connection)
    const stretches = steps.stretches(sensor, span.from, Math.max(span.to, span.from + 1))
    const stepMs = stretches.reduce((longest, stretch) => Math.max(longest, stretch.stepMs), 0)
    const holdMs = Math.max(stalePeriods * stepMs, steps.longestHoldMsUntil(sensor, span.from))
    await this.#mark(connection, kind, [changedBy(sensor, span, holdMs)])
  }

  /** To be called within the transaction that appends these events, before that: some change for how long readings hold. */
  async markEvents(connection: DuckDBConnection, events: readonly StoredEvent[]): Promise<void> {
    const about = events.filter(({ stream }) => stream === 'period' || stream === 'backfill')
    if (about.length === 0) return
    this.#steps = undefined
    const known = (await this.#known(connection)).kinds
    if (kinds.every((kind) => known[kind].rolledTo === Number.NEGATIVE_INFINITY)) return
    const sensors = await sensorsWithPeriod(connection)
    const spans = about.flatMap((event) => spanOf(event, sensors) ?? [])
    for (const kind of kinds) await this.#mark(connection, kind, spans)
  }

  /**
   * Begins to recompute a span of hours of a kind: what is written into it from now on is marked, or marked again. Answers the id
   * that these marks have at least. To be called between two transactions, and {@link forget} when it comes to nothing.
   */
  async beginUpkeep(connection: DuckDBConnection, kind: Kind, span: Span): Promise<number> {
    const state = await this.#known(connection)
    const known = state.kinds[kind]
    known.rolledTo = Math.max(known.rolledTo, span.to)
    for (const [key, marked] of known.marked)
      if (marked.from < span.to && span.from < marked.to) known.marked.delete(key)
    return state.nextId
  }

  async #mark(connection: DuckDBConnection, kind: Kind, marks: readonly Mark[]): Promise<void> {
    const state = await this.#known(connection)
    const { marked, rolledTo, frozenTo } = state.kinds[kind]
    const fresh = new Map<string, Mark>()
    for (const mark of marks) {
      const within = { ...mark, from: Math.max(mark.from, frozenTo), to: Math.min(mark.to, rolledTo) }
      if (within.from >= within.to) continue
      const bounded =
        marked.size + fresh.size < this.#maxMarks ? within : wholeDays(within, { from: frozenTo, to: rolledTo })
      const key = `${bounded.sensor} ${bounded.from} ${bounded.to}`
      if (!marked.has(key)) fresh.set(key, bounded)
    }
    const rows = [...fresh.values()]
    const since = BigInt(this.#now())
    const ids = rows.map((_, index) => BigInt(state.nextId + index))
    await appendColumns(connection, 'dirty_hours', types, [
      ...[ids, rows.map(() => kind), rows.map(({ sensor }) => sensor)],
      ...[rows.map(({ from }) => BigInt(from)), rows.map(({ to }) => BigInt(to)), rows.map(() => since)],
    ])
    state.nextId += rows.length
    for (const [key, mark] of fresh) marked.set(key, mark)
  }

  async #stepsOn(connection: DuckDBConnection): Promise<ReportingSteps> {
    this.#steps ??= await readReportingSteps({ readEvents: readEventsOn(connection) }, { to: Number.MAX_SAFE_INTEGER })
    return this.#steps
  }

  async #known(connection: DuckDBConnection): Promise<State> {
    this.#state ??= await readState(connection)
    return this.#state
  }
}

/** Hours that a change in a span may change: readings in it hold for a while. */
function changedBy(sensor: string, { from, to }: Span, holdMs: number): Mark {
  return { sensor, from: floorTo(hourMs, from), to: floorTo(hourMs, to + holdMs) + hourMs }
}

/** The whole days of a span, as far as they may be recomputed. */
function wholeDays({ from, to }: Span, within: Span): Mark {
  const last = floorTo(dayMs, to - 1) + dayMs
  return { sensor: '', from: Math.max(floorTo(dayMs, from), within.from), to: Math.min(last, within.to) }
}

async function readState(connection: DuckDBConnection): Promise<State> {
  const progress = await readProgress(connection, '')
  const sql = 'SELECT id, kind, sensor, "from", "to" FROM dirty_hours'
  const rows = (await connection.runAndReadAll(sql)).getRows()
  const state = byKind((kind): KindState => {
    const { rolledTo = Number.NEGATIVE_INFINITY, frozenTo } = progress[kind]
    const own = rows.filter((row) => row[1] === kind)
    const marked = own.map(([, , sensor, from, to]): [string, Span] => [
      `${sensor} ${from} ${to}`,
      { from: Number(from), to: Number(to) },
    ])
    return { rolledTo, frozenTo, marked: new Map(marked) }
  })
  const nextId = rows.reduce((highest, [id]) => Math.max(highest, Number(id)), 0) + 1
  return { kinds: state, nextId }
}

async function sensorsWithPeriod(connection: DuckDBConnection): Promise<Map<string, number>> {
  const sql = "SELECT subject, min(ts) FROM events WHERE stream = 'period' GROUP BY subject"
  const rows = (await connection.runAndReadAll(sql)).getRows()
  return new Map(rows.map(([sensor, ts]) => [String(sensor), Number(ts)]))
}

/** The hours in which an event changes for how long readings hold. Before its first word a sensor is taken to have had that period. */
function spanOf({ stream, ts, body }: StoredEvent, firstWords: ReadonlyMap<string, number>): Mark | undefined {
  if (stream === 'backfill') {
    const { data } = backfillSchema.safeParse(body)
    return data && changedBy('', data, stalePeriods * data.step)
  }
  const { data } = periodEventSchema.safeParse(body)
  if (!data) return undefined
  const { sensor, seconds, before = seconds } = data
  const since = { sensor, from: floorTo(hourMs, ts), to: Number.POSITIVE_INFINITY }
  const first = firstWords.get(sensor)
  if (first === undefined) {
    if (before !== defaultPeriod) return { ...since, from: 0 }
    return seconds === defaultPeriod ? undefined : since
  }
  return first < ts ? since : { ...since, from: 0 }
}
