import { z } from 'zod'
import { correctedReadings } from '#history/corrections/corrected-readings.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import { hourMs } from '#telemetry/durations.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import { type HourQuality, hourQuality, type QualityResponse, qualityResponse } from '#telemetry/quality.ts'
import type { Reading } from '#telemetry/reading.ts'
import { earliestTime, idSchema } from '#telemetry/reading-parts.ts'
import { type Backfill, backfillAt } from '#telemetry/replay.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { readBackfills } from '../replay/backfills.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'
import { findSensor } from './history.ts'

/** most readings looked at in one answer */
const maxReadings = 50_000
/** ms: refused messages are counted in these, of which every hour of a clock is made up */
const countedMs = hourMs / 4
const longestMs = 24 * hourMs

const qualityQuery = z.object({ from: timeParameter.optional(), to: timeParameter.optional() })

interface Span {
  from: number
  to: number
}

/** All readings of one sensor in a span, the earliest first, at most one more than an answer looks at. */
async function readingsOf(
  store: Pick<TelemetryStore, 'readings'>,
  { id, kind }: SensorState,
  span: Span,
  queryContext: QueryContext,
) {
  const found: Reading[] = []
  const query = { kind, sensor: id, ...span, limit: maxReadings + 1 }
  for await (const page of store.readings(query, queryContext)) found.push(...page)
  return found
}

/** How many messages of one sensor did not validate in each quarter of an hour, however many there are. */
async function refusalsOf(
  store: TelemetryStore,
  { id, kind, district }: SensorState,
  span: Span,
  queryContext: QueryContext,
) {
  const subject = sensorTopic({ district, kind, sensor: id, channel: 'reading' })
  return store.eventAmounts({ stream: 'quarantine', subject, ...span, window: countedMs }, queryContext)
}

interface Found {
  readings: readonly Reading[]
  refusals: readonly { ts: number; amount: number }[]
  backfills: readonly Backfill[]
}

function hoursOf(
  { meta }: SensorState,
  { readings, refusals, backfills }: Found,
  from: number,
  to: number,
  clockHours: ClockHours,
): HourQuality[] {
  const hours: HourQuality[] = []
  for (let start = from, end = from; start < to; start = end) {
    end = Math.min(clockHours.of(start).to, to)
    const backfill = backfillAt(backfills, start)
    const period = Math.max(meta?.period ?? defaultPeriod, (backfill?.step ?? 0) / 1_000)
    const refused = refusals.reduce((sum, { ts, amount }) => (ts >= start && ts < end ? sum + amount : sum), 0)
    hours.push(
      hourQuality({
        ...{ from: start, to: end, period, refused, meta },
        readings: readings.filter(({ ts }) => ts >= start && ts < end),
        before: readings.findLast(({ ts }) => ts < start)?.ts,
      }),
    )
  }
  return hours
}

async function answer(
  parts: ServerParts,
  clockHours: ClockHours,
  id: string,
  query: z.infer<typeof qualityQuery>,
  queryContext: QueryContext,
): Promise<QualityResponse> {
  const sensor = findSensor(parts, id)
  const to = query.to ?? parts.clock()
  const given = query.from ?? Math.max(to - longestMs + hourMs, earliestTime)
  const { from } = clockHours.of(given)
  if (given >= to) throw new ApiProblem('EMPTY_SPAN', { code: 'FROM_NOT_BEFORE_TO', params: {} })
  if (to - from > longestMs)
    throw new ApiProblem('SPAN_TOO_LONG', { code: 'LONGER_THAN_HOURS', params: { hours: longestMs / hourMs } })
  const { store } = parts
  // the hour before shows how fresh the sensor was when the first one began
  const [readings, refusals, backfills] = await Promise.all([
    readingsOf(correctedReadings(store, parts.corrections.reader), sensor, { from: from - hourMs, to }, queryContext),
    refusalsOf(store, sensor, { from, to }, queryContext),
    readBackfills(store, queryContext),
  ])
  const truncated = readings.length > maxReadings
  const last = readings.at(-1)?.ts ?? to
  // an hour that is not seen whole is left out
  const end = truncated ? Math.max(from, clockHours.of(last).from) : to
  return { sensor: id, hours: hoursOf(sensor, { readings, refusals, backfills }, from, end, clockHours), truncated }
}

/** How good one sensor's data are. */
export function qualityRoutes(app: ApiServer, parts: ServerParts): void {
  const clockHours = new ClockHours(parts.web.timeZone)
  app.get(
    '/api/v1/sensors/:id/quality',
    {
      config: { right: 'see', cost: 4, errors: ['UNKNOWN_SENSOR', 'EMPTY_SPAN', 'SPAN_TOO_LONG'] },
      schema: {
        operationId: 'getSensorQuality',
        summary: 'Data quality per hour: correct, complete, clean, live',
        description:
          'đúng, đủ, sạch, sống (1709/BKHCN-CĐSQG). Hours of the city’s clock (`TIME_ZONE`). At most 24; default: the last 24, the present one included.',
        tags: ['sensors'],
        params: z.object({ id: idSchema }),
        querystring: qualityQuery,
        response: { 200: qualityResponse },
      },
    },
    async ({ params, query, queryContext }) => answer(parts, clockHours, params.id, query, queryContext),
  )
}
