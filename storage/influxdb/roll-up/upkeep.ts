import { hourMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { longestHoldMs, readReportingSteps } from '../../reporting-steps.ts'
import { LocalDays } from '../../roll-up/local-days.ts'
import type { ReadingsSource } from '../../roll-up/sensor-values.ts'
import type { Span } from '../../roll-up/spans.ts'
import { floorHour } from '../../roll-up/utc-hours.ts'
import type { UpkeepStep } from '../../roll-ups.ts'
import type { TelemetryStore } from '../../store.ts'
import type { InfluxSession } from '../session.ts'
import { affectedHours } from './affected-hours.ts'
import { rollUpDay } from './day-rows.ts'
import { type DirtyMark, type DirtyMarks, markedAt } from './dirty-marks.ts'
import { type HoursToRoll, hourRows } from './hour-rows.ts'
import { hoursOf } from './measurements.ts'
import { countReadings } from './reading-counts.ts'
import { endOfPart, KindCounts, maxHoursAtOnce, type RecomputeJob, recomputeJobs } from './recompute-jobs.ts'
import { writeRows } from './roll-up-rows.ts'
import type { Progress, UpkeepProgress } from './upkeep-progress.ts'

/** times that hours are recomputed in one step, however few readings they have */
const maxJobs = 20

export interface RollUpUpkeepOptions {
  session: InfluxSession
  source: ReadingsSource & Pick<TelemetryStore, 'firstReadingAt' | 'counts'>
  marks: DirtyMarks
  progress: UpkeepProgress
  /** the zone whose days are rolled up */
  timeZone: string
  /** ms after which what was to be written when a mark was made is written, or has failed */
  settleMs: number
  /** epoch ms */
  clock: () => number
}

/**
 * Makes roll-ups of readings, step by step. Whatever moment it ends at, hours are right: rows come before what says that they are
 * there, and a mark is cleared once the rows are written.
 */
export class RollUpUpkeep {
  readonly #options: RollUpUpkeepOptions
  readonly #days: LocalDays
  /** up to which hour a job that was not done in one step is recomputed, for each of its marks */
  #recomputedTo = new Map<string, number>()

  constructor(options: RollUpUpkeepOptions) {
    this.#options = options
    this.#days = new LocalDays(options.timeZone)
  }

  async step({ until, maxReadings }: { until: number; maxReadings: number }): Promise<UpkeepStep> {
    const progress = await this.#options.progress.read()
    const done = { hours: 0, readings: 0 }
    let jobsLeft = maxJobs
    for (const kind of kinds)
      for await (const job of this.#jobsOf(kind, progress, maxReadings)) {
        if (done.readings >= maxReadings || jobsLeft === 0) return { ...done, more: true }
        if (!(await this.#recompute(job, progress, maxReadings, done))) return { ...done, more: true }
        jobsLeft -= 1
      }
    const more = await this.#advance(progress, floorHour(until), maxReadings, done)
    return { ...done, more }
  }

  /** The dirty hours of a kind, those together that lie close to one another. */
  async *#jobsOf(
    kind: Kind,
    { rolledTo, frozenTo }: Progress,
    maxReadings: number,
  ): AsyncGenerator<RecomputeJob, void, undefined> {
    if (rolledTo === undefined) return
    const { marks, clock, settleMs, source } = this.#options
    const found = await marks.read(kind, { from: Math.max(frozenTo - longestHoldMs, 0), to: rolledTo })
    const settled = found.filter((mark) => markedAt(mark) + settleMs <= clock())
    if (settled.length === 0) return
    const affectedBy = affectedHours(await readReportingSteps(source, { to: rolledTo }))
    const affected = settled.map((mark) => {
      const { from, to } = affectedBy(mark)
      const rest = Math.max(from, this.#recomputedTo.get(keyOf(mark)) ?? 0)
      return { mark, from: Math.max(rest, frozenTo), to: Math.min(to, rolledTo) }
    })
    yield* recomputeJobs(kind, affected, { counts: new KindCounts(source, kind), maxReadings })
  }

  /** Recomputes as much of a job as the step has room for; tells whether that is all. */
  async #recompute(
    job: RecomputeJob,
    progress: Progress,
    maxReadings: number,
    done: { hours: number; readings: number },
  ): Promise<boolean> {
    const end = job.from < job.to ? await this.#endOfJob(job, maxReadings - done.readings) : job.to
    if (job.from < end) {
      const part = { ...job, to: end }
      await this.#rollHours(part, done, { isAgain: true })
      const { rolledTo = 0 } = progress
      for (const day of this.#daysIn(part, progress))
        if (day.to <= rolledTo) await rollUpDay(this.#options.session, job.kind, day, job.sensors)
    }
    await this.#options.marks.clear(job.marks.filter(({ to }) => to <= end).map(({ mark }) => mark))
    if (end >= job.to) return true
    const begun = job.marks.filter(({ from, to }) => from < end && end < to)
    this.#recomputedTo = new Map(begun.map(({ mark }) => [keyOf(mark), end]))
    return false
  }

  async #endOfJob({ kind, from, to, sensors }: RecomputeJob, wanted: number): Promise<number> {
    const { session, source } = this.#options
    if (!sensors) return endOfPart({ from, to }, wanted, new KindCounts(source, kind))
    const readings = await countReadings(session, kind, sensors, [{ from, to }])
    if (readings <= wanted) return to
    const hours = Math.floor((((to - from) / hourMs) * wanted) / readings)
    return from + Math.max(hours, 1) * hourMs
  }

  async #rollHours(
    hours: HoursToRoll,
    done: { hours: number; readings: number },
    { isAgain = false } = {},
  ): Promise<void> {
    const { source, session, progress } = this.#options
    const { rows, readings } = await hourRows(source, hours)
    // readings that are deleted meanwhile are missing in the rows; before they are, it is said that these are frozen
    const frozenTo = isAgain ? (await progress.read()).frozenTo : 0
    await writeRows(
      session,
      hoursOf(hours.kind),
      rows.filter(({ start }) => start >= frozenTo),
    )
    done.hours += rows.length
    done.readings += readings
  }

  /** The local days that have hours of a span, where their roll-ups are kept. */
  #daysIn({ from, to }: Span, { days }: Progress): Span[] {
    if (!days || days.zone !== this.#options.timeZone) return []
    const starts = this.#days.startsOf(from, to - 1)
    return starts.slice(0, -1).flatMap((start, at) => {
      const end = starts[at + 1] ?? start
      return start >= days.from && start < end ? [{ from: start, to: end }] : []
    })
  }

  /** Rolls up the hours that follow, for all kinds; tells whether there are more. */
  async #advance(
    progress: Progress,
    until: number,
    maxReadings: number,
    done: { hours: number; readings: number },
  ): Promise<boolean> {
    const { session, marks, clock, settleMs, timeZone } = this.#options
    const from = await this.#nextHour(progress.rolledTo, until)
    if (from === undefined || from >= until) return false
    const to = await this.#endOfStep(from, until, maxReadings - done.readings)
    const isKept = progress.days?.zone === timeZone
    const days = isKept ? progress.days : { zone: timeZone, from: progress.rolledTo ?? from }
    const next = { ...progress, from: progress.from ?? from, rolledTo: to, ...(days && { days }) }
    // the day that was not over yet when it was left, and those of these hours: there is nothing in between
    const { rolledTo = from } = progress
    const over = [...this.#daysIn({ from: rolledTo - 1, to: rolledTo }, next), ...this.#daysIn({ from, to }, next)]
    const ended = over.filter((day, at) => day.to > rolledTo && day.to <= to && over[at - 1]?.from !== day.from)
    for (const kind of kinds) {
      const known = await marks.read(kind, { from, to })
      await this.#rollHours({ kind, from, to }, done)
      for (const day of ended) await rollUpDay(session, kind, day)
      await marks.clear(known.filter((mark) => markedAt(mark) + settleMs <= clock()))
    }
    await this.#options.progress.writeRolled(next)
    return to < until
  }

  /** The first hour that is to be rolled up; there may be a long time without readings. */
  async #nextHour(rolledTo: number | undefined, until: number): Promise<number | undefined> {
    const first = await this.#options.source.firstReadingAt({ from: rolledTo ?? 0, to: until })
    if (first !== undefined) return floorHour(first)
    return rolledTo === undefined ? undefined : until - hourMs
  }

  /** So many hours further that about as many readings as wanted are read: one at least. */
  async #endOfStep(from: number, until: number, wanted: number): Promise<number> {
    const to = Math.min(until, from + maxHoursAtOnce * hourMs)
    const perHour = new Map<number, number>()
    for (const kind of kinds)
      for (const { ts, count } of await this.#options.source.counts({ kind, from, to, window: hourMs }))
        perHour.set(ts, (perHour.get(ts) ?? 0) + count)
    let end = from + hourMs
    let readings = perHour.get(from) ?? 0
    while (end < to && readings + (perHour.get(end) ?? 0) <= wanted) {
      readings += perHour.get(end) ?? 0
      end += hourMs
    }
    return end
  }
}

const keyOf = ({ kind, sensor, hour, token }: DirtyMark): string => `${kind} ${sensor} ${hour} ${token}`
