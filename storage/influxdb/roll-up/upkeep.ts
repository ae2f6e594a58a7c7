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
import { type DirtyMark, type DirtyMarks, everySensor, markedAt } from './dirty-marks.ts'
import { type HoursToRoll, hourRows } from './hour-rows.ts'
import { hoursOf } from './measurements.ts'
import { writeRows } from './roll-up-rows.ts'
import type { Progress, UpkeepProgress } from './upkeep-progress.ts'

/** hours that are recomputed, or rolled up, at once at the most */
const maxHoursAtOnce = 24
/** times that hours are recomputed in one step, however few readings they have */
const maxJobs = 20
/** sensors that are recomputed at once; of more, all of the kind are */
const maxSensorsAtOnce = 20
/** readings of an hour of a sensor that are reckoned with */
const readingsOfHour = 60

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

/** Hours to recompute, and the marks that are done with then. */
interface Job extends HoursToRoll {
  marks: DirtyMark[]
}

/**
 * Makes roll-ups of readings, step by step. Whatever moment it ends at, hours are right: rows come before what says that they are
 * there, and a mark is cleared once the rows are written.
 */
export class RollUpUpkeep {
  readonly #options: RollUpUpkeepOptions
  readonly #days: LocalDays

  constructor(options: RollUpUpkeepOptions) {
    this.#options = options
    this.#days = new LocalDays(options.timeZone)
  }

  async step({ until, maxReadings }: { until: number; maxReadings: number }): Promise<UpkeepStep> {
    const progress = await this.#options.progress.read()
    const done = { hours: 0, readings: 0 }
    let jobsLeft = maxJobs
    for (const kind of kinds)
      for (const job of await this.#jobsOf(kind, progress, maxReadings)) {
        if (done.readings >= maxReadings || jobsLeft === 0) return { ...done, more: true }
        await this.#recompute(job, progress, done)
        jobsLeft -= 1
      }
    const more = await this.#advance(progress, floorHour(until), maxReadings, done)
    return { ...done, more }
  }

  /** The dirty hours of a kind, those together that lie close to one another. */
  async #jobsOf(kind: Kind, { rolledTo, frozenTo }: Progress, maxReadings: number): Promise<Job[]> {
    if (rolledTo === undefined) return []
    const { marks, clock, settleMs, source } = this.#options
    const found = await marks.read(kind, { from: Math.max(frozenTo - longestHoldMs, 0), to: rolledTo })
    const settled = found.filter((mark) => markedAt(mark) + settleMs <= clock())
    if (settled.length === 0) return []
    const affectedBy = affectedHours(await readReportingSteps(source, { to: rolledTo }))
    const jobs: (Job & { whom: Set<string> })[] = []
    for (const mark of settled.toSorted((a, b) => a.hour - b.hour)) {
      const affected = affectedBy(mark)
      const [from, to] = [Math.max(affected.from, frozenTo), Math.min(affected.to, rolledTo)]
      const job = jobs.at(-1)
      const whom = new Set(job?.whom).add(mark.sensor)
      const hours = job ? (Math.max(to, job.to) - job.from) / hourMs : 0
      const isNear = hours <= maxHoursAtOnce && hours * whom.size * readingsOfHour <= maxReadings
      if (job && isNear) {
        job.to = Math.max(job.to, to)
        job.whom = whom
        job.marks.push(mark)
      } else jobs.push({ kind, from, to, marks: [mark], whom: new Set([mark.sensor]) })
    }
    return jobs.map(({ whom, ...job }) => {
      const isAll = whom.has(everySensor) || whom.size > maxSensorsAtOnce
      return isAll ? job : { ...job, sensors: [...whom] }
    })
  }

  async #recompute(job: Job, progress: Progress, done: { hours: number; readings: number }): Promise<void> {
    if (job.from < job.to) {
      await this.#rollHours(job, done, { isAgain: true })
      const { rolledTo = 0 } = progress
      for (const day of this.#daysIn(job, progress))
        if (day.to <= rolledTo) await rollUpDay(this.#options.session, job.kind, day, job.sensors)
    }
    await this.#options.marks.clear(job.marks)
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
