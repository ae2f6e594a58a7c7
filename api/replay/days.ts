import { Temporal } from 'temporal-polyfill'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { earliestTime, latestTime } from '#telemetry/reading-parts.ts'
import type { ReplayDaysResponse } from '#telemetry/replay.ts'

/** The local days of a zone that a span (epoch ms) touches, each with whether anything was measured on it; the first and the last of all times are cut. */
export async function replayDays(
  store: TelemetryStore,
  { from, to, zone }: { from: number; to: number; zone: string },
  queryContext: QueryContext,
): Promise<ReplayDaysResponse> {
  const first = await store.firstReadingAt({ from: 0, to: Number.MAX_SAFE_INTEGER }, queryContext)
  const days: ReplayDaysResponse['days'] = []
  let day = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).startOfDay()
  while (day.epochMilliseconds < to) {
    const next = day.add({ days: 1 }).startOfDay()
    const span = {
      from: Math.max(day.epochMilliseconds, earliestTime),
      to: Math.min(next.epochMilliseconds, latestTime),
    }
    const mayHave = first !== undefined && first < span.to
    const found = mayHave ? await store.firstReadingAt(span, queryContext) : undefined
    days.push({ ...span, hasReadings: found !== undefined })
    day = next
  }
  return { ...(first === undefined ? {} : { first }), days }
}
