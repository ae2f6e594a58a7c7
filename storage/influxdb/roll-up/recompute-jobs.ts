import { hourMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Span } from '../../roll-up/spans.ts'
import type { TelemetryStore } from '../../store.ts'
import { type DirtyMark, everySensor } from './dirty-marks.ts'
import type { HoursToRoll } from './hour-rows.ts'

/** hours that are recomputed, or rolled up, at once at the most */
export const maxHoursAtOnce = 24
/** sensors that are recomputed one by one at once; of more, all of the kind are */
const maxSensorsAtOnce = 20
/** readings of an hour of a sensor that are reckoned with before they are counted */
const readingsOfHour = 60

/** A mark, and the hours that are to be recomputed for it. */
export interface AffectedMark extends Span {
  mark: DirtyMark
}

/** Hours to recompute together, and the marks they are recomputed for. */
export interface RecomputeJob extends HoursToRoll {
  marks: AffectedMark[]
}

/** Counts the readings of all sensors of a kind, a day of hours at a time. */
export class KindCounts {
  readonly #source: Pick<TelemetryStore, 'counts'>
  readonly #kind: Kind
  #known: Span = { from: 0, to: 0 }
  #perHour = new Map<number, number>()

  constructor(source: Pick<TelemetryStore, 'counts'>, kind: Kind) {
    this.#source = source
    this.#kind = kind
  }

  /** The readings of whole hours. */
  async of({ from, to }: Span): Promise<number> {
    if (from < this.#known.from || to > this.#known.to) {
      this.#known = { from, to: Math.max(to, from + (maxHoursAtOnce + 1) * hourMs) }
      const counted = await this.#source.counts({ kind: this.#kind, ...this.#known, window: hourMs })
      this.#perHour = new Map(counted.map(({ ts, count }) => [ts, count]))
    }
    let readings = 0
    for (let hour = from; hour < to; hour += hourMs) readings += this.#perHour.get(hour) ?? 0
    return readings
  }
}

/**
 * Puts marks of a kind together whose hours lie close to one another: where it costs little more than to recompute each alone. What is
 * dirty of every sensor is one job as far as it reaches without a gap; such a job is longer than a step, and is done in parts.
 */
export async function* recomputeJobs(
  kind: Kind,
  affected: readonly AffectedMark[],
  { counts, maxReadings }: { counts: KindCounts; maxReadings: number },
): AsyncGenerator<RecomputeJob> {
  const isOfAll = ({ mark }: AffectedMark) => mark.sensor === everySensor
  let job: (Span & { marks: AffectedMark[]; sensors: Set<string> }) | undefined
  const isNear = async (next: AffectedMark) => {
    if (!job) return false
    if (job.sensors.has(everySensor)) return next.to <= job.to || (isOfAll(next) && next.from <= job.to)
    if (isOfAll(next)) return false
    const span = { from: job.from, to: Math.max(job.to, next.to) }
    const hours = (span.to - span.from) / hourMs
    if (hours > maxHoursAtOnce) return false
    const { size } = new Set(job.sensors).add(next.mark.sensor)
    return size > maxSensorsAtOnce
      ? (await counts.of(span)) <= maxReadings
      : hours * size * readingsOfHour <= maxReadings
  }
  const asJob = ({ sensors, ...found }: NonNullable<typeof job>): RecomputeJob => {
    const isAll = sensors.has(everySensor) || sensors.size > maxSensorsAtOnce
    return { kind, ...found, ...(!isAll && { sensors: [...sensors] }) }
  }
  for (const next of affected.toSorted((a, b) => a.from - b.from || Number(isOfAll(b)) - Number(isOfAll(a)))) {
    if (job && (await isNear(next))) {
      job.to = Math.max(job.to, next.to)
      job.sensors.add(next.mark.sensor)
      job.marks.push(next)
      continue
    }
    if (job) yield asJob(job)
    job = { from: next.from, to: next.to, marks: [next], sensors: new Set([next.mark.sensor]) }
  }
  if (job) yield asJob(job)
}

/** The end of so many hours from the first on that about as many readings as wanted are read, those that may hold into them too: one at least. */
export async function endOfPart({ from, to }: Span, wanted: number, counts: Pick<KindCounts, 'of'>): Promise<number> {
  const latest = Math.min(to, from + maxHoursAtOnce * hourMs)
  let end = from + hourMs
  while (end < latest && (await counts.of({ from: from - hourMs, to: end + hourMs })) <= wanted) end += hourMs
  return Math.min(end, to)
}
