import { type PeriodEvent, periodEventSchema, type ReportingPeriod } from '#telemetry/reporting-period.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** most changes of one sensor's period that are looked at in a span */
export const maxPeriodChanges = 100

/** Which periods to give: those of one sensor with `from <= at < to` (epoch ms). */
export interface PeriodsQuery {
  sensor: string
  from: number
  to: number
  /** s: the period it has now, taken where none was ever noted */
  now: number | undefined
}

/**
 * Of how many seconds the readings of a sensor are, over a span: the first entry begins with the span, each lasts until the next.
 * Empty when nothing is known; undefined when it changed more than {@link maxPeriodChanges} times.
 */
export async function reportingPeriods(
  store: Pick<TelemetryStore, 'readEvents'>,
  { sensor, from, to, now }: PeriodsQuery,
  context?: QueryContext,
): Promise<ReportingPeriod[] | undefined> {
  const query = { stream: 'period', subject: sensor, to, limit: maxPeriodChanges + 1 } as const
  const newest = await store.readEvents(query, context)
  const notes = newest.flatMap(noteOf).reverse()
  const at = notes.findLastIndex(({ ts }) => ts <= from)
  if (at < 0 && newest.length > maxPeriodChanges) return undefined
  const [first] = notes.slice(Math.max(at, 0))
  const changes = notes.slice(at + 1).map(({ ts, seconds }) => ({ from: ts, seconds }))
  if (first === undefined) return now === undefined ? [] : [{ from, seconds: now, assumed: true }]
  if (at >= 0) return [{ from, seconds: first.seconds }, ...changes]
  const begin = { from, seconds: first.before ?? first.seconds }
  return [first.before === undefined ? { ...begin, assumed: true } : begin, ...changes]
}

/** What of an event has the shape of today. */
function noteOf({ ts, body }: StoredEvent): (PeriodEvent & { ts: number })[] {
  const { data } = periodEventSchema.safeParse(body)
  return data ? [{ ...data, ts }] : []
}
