import { dayMs } from '#telemetry/durations.ts'
import { defaultPeriod, stalePeriods } from '#telemetry/period.ts'
import { type Backfill, backfillSchema } from '#telemetry/replay.ts'
import { type PeriodEvent, periodEventSchema } from '#telemetry/reporting-period.ts'
import { paginateEvents } from './event-pagination.ts'
import type { QueryContext } from './query-context.ts'
import type { StoredEvent, TelemetryStore } from './store.ts'

/** most backfills that are looked at: an empty store is filled once */
const maxBackfills = 100
/** sensors whose changes are asked for one by one; of more, those of all are */
const maxSensorsAsked = 20
const defaultStepMs = defaultPeriod * 1_000
/** longest time that a reading may hold: three of the longest steps there are, of a day */
export const longestHoldMs = stalePeriods * dayMs

/** From when to when (epoch ms) readings of a sensor were to be expected each so many ms. */
export interface ReportingStretch {
  from: number
  to: number
  stepMs: number
}

type Note = PeriodEvent & { ts: number }

/**
 * How often sensors were to report, over time: by the period they said (stream `period`; before its first word a sensor is taken
 * to have had that one), or more seldom where the store was given its history (stream `backfill`).
 */
export class ReportingSteps {
  /** of each sensor, in order of time */
  readonly #notes: ReadonlyMap<string, readonly Note[]>
  readonly #backfills: readonly Backfill[]

  constructor(notes: readonly Note[], backfills: readonly Backfill[]) {
    const bySensor = new Map<string, Note[]>()
    for (const note of notes.toSorted((a, b) => a.ts - b.ts)) {
      const known = bySensor.get(note.sensor)
      if (known) known.push(note)
      else bySensor.set(note.sensor, [note])
    }
    this.#notes = bySensor
    this.#backfills = backfills
  }

  /** ms between two readings of a sensor, as was in force at a time (epoch ms). */
  at(sensor: string, ts: number): number {
    const period = this.#periodMs(sensor, ts)
    return this.#backfills.reduce((ms, { from, to, step }) => (from <= ts && ts < to ? Math.max(ms, step) : ms), period)
  }

  #periodMs(sensor: string, ts: number): number {
    const notes = this.#notes.get(sensor)
    const [first] = notes ?? []
    if (!notes || !first) return defaultStepMs
    const seconds = notes.findLast((note) => note.ts <= ts)?.seconds ?? first.before ?? first.seconds
    return Math.round(seconds * 1_000)
  }

  /** Longest time (ms) that one of its readings of before a time (epoch ms) may hold which still holds then: three steps. */
  longestHoldMsUntil(sensor: string, ts: number): number {
    const steps = this.stretches(sensor, ts - longestHoldMs, ts).map(({ stepMs }) => stepMs)
    return Math.min(stalePeriods * Math.max(...steps), longestHoldMs)
  }

  /** The longest step (ms) of any sensor at any time. */
  get longestMs(): number {
    const said = [...this.#notes.values()].flat().map(({ seconds, before = 0 }) => Math.max(seconds, before) * 1_000)
    const longest = [...said, ...this.#backfills.map(({ step }) => step)].reduce(
      (a, b) => Math.max(a, b),
      defaultStepMs,
    )
    return Math.min(Math.round(longest), dayMs)
  }

  /** The sensors that ever said how often they report. */
  get sensors(): string[] {
    return [...this.#notes.keys()]
  }

  /** The steps of a sensor over `from <= ts < to`, in order, without a gap. */
  stretches(sensor: string, from: number, to: number): ReportingStretch[] {
    const changes = [
      ...(this.#notes.get(sensor) ?? []).map(({ ts }) => ts),
      ...this.#backfills.flatMap((span) => [span.from, span.to]),
    ]
    return cutStretches(changes, { from, to }, (ts) => this.at(sensor, ts))
  }

  /**
   * Of how many ms each reading of a sensor was over `from <= ts < to`, in order, without a gap: what it counts, it counts in its own
   * period, also where the store was given its history more seldom. `now` (ms) is taken where nothing was ever noted.
   */
  periods(sensor: string, from: number, to: number, now = defaultStepMs): ReportingStretch[] {
    const notes = this.#notes.get(sensor)
    if (!notes) return from < to ? [{ from, to, stepMs: now }] : []
    const changes = notes.map(({ ts }) => ts)
    return cutStretches(changes, { from, to }, (ts) => this.#periodMs(sensor, ts))
  }
}

/** A span cut where its step changes. */
function cutStretches(
  changes: readonly number[],
  { from, to }: { from: number; to: number },
  stepAt: (ts: number) => number,
): ReportingStretch[] {
  const within = changes.filter((ts) => from < ts && ts < to).toSorted((a, b) => a - b)
  const starts = [from, ...new Set(within)]
  const stretches: ReportingStretch[] = []
  for (const [index, start] of starts.entries()) {
    const stretch = { from: start, to: starts[index + 1] ?? to, stepMs: stepAt(start) }
    const last = stretches.at(-1)
    if (last?.stepMs === stretch.stepMs) last.to = stretch.to
    else if (stretch.from < stretch.to) stretches.push(stretch)
  }
  return stretches
}

/** Reads how often these sensors were to report, or all, until `to` (epoch ms). */
export async function readReportingSteps(
  store: Pick<TelemetryStore, 'readEvents'>,
  { sensors, to }: { sensors?: readonly string[]; to: number },
  context?: QueryContext,
): Promise<ReportingSteps> {
  const backfills = await store.readEvents({ stream: 'backfill', limit: maxBackfills }, context)
  const notes: Note[] = []
  const subjects = sensors && sensors.length <= maxSensorsAsked ? sensors : [undefined]
  for (const subject of subjects) {
    // the first word of a sensor may come later than the span
    const query = { stream: 'period', pageSize: 10_000, ...(subject === undefined ? {} : { subject }) } as const
    for await (const page of paginateEvents(store, query, context)) notes.push(...page.flatMap(noteOf))
  }
  return new ReportingSteps(
    notesUntil(to, notes),
    backfills.flatMap(({ body }) => backfillSchema.safeParse(body).data ?? []),
  )
}

/** Notes from before a time (epoch ms), and the first of each sensor: it tells what was before. */
function notesUntil(to: number, notes: readonly Note[]): Note[] {
  const known = new Set<string>()
  return notes
    .toSorted((a, b) => a.ts - b.ts)
    .filter(({ sensor, ts }) => {
      const isFirst = !known.has(sensor)
      known.add(sensor)
      return isFirst || ts < to
    })
}

function noteOf({ ts, body }: StoredEvent): Note[] {
  const { data } = periodEventSchema.safeParse(body)
  return data ? [{ ...data, ts }] : []
}
