import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { backfillSchema } from '#telemetry/replay.ts'
import { periodEventSchema } from '#telemetry/reporting-period.ts'
import { floorHour } from '../../roll-up/utc-hours.ts'
import type { SensorCorrections } from '../../roll-ups.ts'
import type { StoredEvent, TelemetryStore } from '../../store.ts'
import type { InfluxSession } from '../session.ts'
import { type DirtyMark, type DirtyMarks, everySensor } from './dirty-marks.ts'
import { hoursOf as hoursMeasurement } from './measurements.ts'
import type { Progress, UpkeepProgress } from './upkeep-progress.ts'

/** ms since the end of an hour within which what is written into it needs no mark: it is rolled up a quarter of an hour after its end */
const openMs = 5 * minuteMs
/** sensors whose steps change at once beyond which the hours of all are marked */
const maxSensorsMarked = 20

/** ms that the upkeep goes on in while an event is written, at the most */
const maxAheadMs = 10 * dayMs

interface DirtyMarkingOptions {
  session: InfluxSession
  marks: DirtyMarks
  progress: UpkeepProgress
  source: Pick<TelemetryStore, 'firstReadingAt'>
  /** epoch ms */
  clock: () => number
}

type Hour = Pick<DirtyMark, 'kind' | 'sensor' | 'hour'>

/** Marks hours that are rolled up already, or may be soon, before something changes what they are of. */
export class DirtyMarking {
  readonly #session: InfluxSession
  readonly #marks: DirtyMarks
  readonly #progress: UpkeepProgress
  readonly #source: Pick<TelemetryStore, 'firstReadingAt'>
  readonly #clock: () => number

  constructor({ session, marks, progress, source, clock }: DirtyMarkingOptions) {
    this.#session = session
    this.#marks = marks
    this.#progress = progress
    this.#source = source
    this.#clock = clock
  }

  /** Before these readings are written. */
  async beforeWrite(readings: readonly Reading[]): Promise<void> {
    const span = this.#changing(await this.#progress.readRoughly())
    const late = readings.filter(({ ts }) => ts >= span.from && ts < span.to)
    if (late.length > 0)
      await this.#marks.mark(late.map(({ kind, sensor, ts }) => ({ kind, sensor, hour: floorHour(ts) })))
  }

  /** Before it is put down what is decided about a sensor. */
  async beforeCorrections({ kind, sensor, from, to }: SensorCorrections): Promise<void> {
    const span = this.#changing(await this.#progress.read())
    await this.#marks.mark(hoursOf([kind], sensor, Math.max(from, span.from), Math.min(to, span.to)))
  }

  /** Before events are appended that say how often sensors report. */
  async beforeEvents(events: readonly StoredEvent[]): Promise<void> {
    const told = events.filter(({ stream }) => stream === 'period' || stream === 'backfill')
    if (told.length === 0) return
    const progress = await this.#progress.read()
    const rolledTo = progress.rolledTo ?? (await this.#firstHour())
    if (rolledTo === undefined) return
    // what is rolled up while the events are written counts as rolled up
    const to = Math.min(this.#changing(progress).to, rolledTo + maxAheadMs)
    const changes = told.flatMap(changedSteps)
    const isMany = new Set(changes.map(({ sensor }) => sensor)).size > maxSensorsMarked
    const earliest = Math.max(progress.from ?? rolledTo, progress.frozenTo)
    if (isMany) {
      const first = changes.reduce((ts, change) => Math.min(ts, change.from), to)
      await this.#marks.mark(hoursOf(kinds, everySensor, Math.max(first, earliest), to))
    } else
      for (const { sensor, ...change } of changes)
        for (const kind of kinds) {
          // a sensor without roll-ups gets its first by what is told now
          const since = sensor === everySensor ? 0 : await this.#firstRow(kind, sensor)
          const begin = Math.max(change.from, earliest, Math.min(since, rolledTo))
          await this.#marks.mark(hoursOf([kind], sensor, begin, Math.min(change.to, to)))
        }
  }

  /** When the first hour of a sensor begins that is rolled up. */
  async #firstRow(kind: Kind, sensor: string): Promise<number> {
    const query = {
      text: `SELECT * FROM "${hoursMeasurement(kind)}" WHERE "sensor" = $sensor ORDER BY time ASC LIMIT 1`,
      params: { sensor },
    }
    const [series] = await this.#session.query(query)
    return Number(series?.values[0]?.[0] ?? Number.POSITIVE_INFINITY)
  }

  /** Where the upkeep begins when it has not begun yet. */
  async #firstHour(): Promise<number | undefined> {
    const first = await this.#source.firstReadingAt({ from: 0, to: this.#clock() })
    return first === undefined ? undefined : floorHour(first)
  }

  /** The times whose hours are marked: rolled up, or over for so long that they may be rolled up while something is written. */
  #changing({ frozenTo, rolledTo = 0 }: Progress): { from: number; to: number } {
    return { from: frozenTo, to: Math.max(rolledTo, floorHour(this.#clock() - openMs)) }
  }
}

/** Of which sensor the steps of which time an event changes. */
function changedSteps({ stream, ts, body }: StoredEvent): { sensor: string; from: number; to: number }[] {
  if (stream === 'backfill') {
    const { data } = backfillSchema.safeParse(body)
    return data ? [{ sensor: everySensor, from: data.from, to: data.to }] : []
  }
  const { data } = periodEventSchema.safeParse(body)
  // the first word of a sensor is taken to have been so before
  return data ? [{ sensor: data.sensor, from: 0, to: Number.POSITIVE_INFINITY, ...(data.before && { from: ts }) }] : []
}

/** Every hour of a span, of each kind. */
function* hoursOf(whose: readonly Kind[], sensor: string, from: number, to: number): Generator<Hour> {
  for (const kind of whose) for (let hour = floorHour(from); hour < to; hour += hourMs) yield { kind, sensor, hour }
}
