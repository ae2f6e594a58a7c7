import { z } from 'zod'
import { stretchesOf } from '#history/flow.ts'
import { readPoints } from '#history/points.ts'
import { maxPeriodChanges, reportingPeriods } from '#storage/reporting-periods.ts'
import type { QueryContext } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import { type HistoryResponse, historyResponse } from '#telemetry/history-rest.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { aggregateSchema, calendarWindows, clockWindows, type Window } from '#telemetry/rest.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { timeZoneSchema } from '#telemetry/time-zone.ts'
import { givenUnit, type ValueInfo, valueInfo, valuesOfKind } from '#telemetry/values.ts'
import { sensorsStillRead } from '../history/known-places.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

/** points in one answer */
export const maxPoints = 10_000

/** what a count of readings is measured in */
const readings = { type: 'number', unit: '' } as const
const hourly = { type: 'number', unit: 'vehicles/h' } as const
const windowNames = [...(Object.keys(clockWindows) as Window[]), ...calendarWindows] // Object.keys forgets the key type
const historyQuery = z.object({
  value: z.string().min(1).max(64).describe('name of the value, such as pm25'),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  window: z
    .enum(['raw', ...windowNames])
    .optional()
    .describe('raw: every reading; 1d, 1w (from Monday), 1mo and 1y are those of the zone'),
  fn: aggregateSchema.optional(),
  tz: timeZoneSchema
    .optional()
    .describe('time zone of the buckets (IANA), such as Asia/Ho_Chi_Minh; TIME_ZONE unless given'),
  per: z
    .literal('hour')
    .optional()
    .describe('hour: counts of vehicles as so many an hour, whatever the period of the sensor was'),
})
type Query = z.infer<typeof historyQuery>

interface PeriodsAsked {
  info: ValueInfo
  isPerHour: boolean
  from: number
  to: number
}

/** A sensor of an address. Throws ApiProblem when it is not known. */
export function findSensor({ sensors, isSeeded }: ServerParts, id: string): SensorState {
  const sensor = sensors.get(id)
  if (sensor) return sensor
  if (!isSeeded()) throw sensorsStillRead()
  throw new ApiProblem('UNKNOWN_SENSOR', { code: 'NO_SUCH_SENSOR', params: { id } })
}

function findValue({ kind }: SensorState, name: string): ValueInfo {
  const info = valueInfo(kind, name)
  if (info) return info
  const values = valuesOfKind[kind].map((value) => value.name)
  throw new ApiProblem('UNKNOWN_VALUE', { code: 'NO_SUCH_VALUE', params: { kind, name, values } })
}

/** Last 24 hours unless asked otherwise, epoch ms. */
function spanOf({ from, to }: Query, now: number): { from: number; to: number } {
  const end = to ?? now
  const span = { from: from ?? end - dayMs, to: end }
  if (span.from >= span.to) throw new ApiProblem('EMPTY_SPAN', { code: 'FROM_NOT_BEFORE_TO', params: {} })
  return span
}

/** Numbers come as 5-minute means unless asked otherwise, words as they were reported. */
function windowOf({ window, fn, tz }: Query, { name, type }: ValueInfo): Window | 'raw' {
  if (type !== 'number' && ((window ?? 'raw') !== 'raw' || fn !== undefined))
    throw new ApiProblem('NOT_NUMERIC', { code: 'NO_AGGREGATES', params: { name } })
  const chosen = window ?? (type === 'number' ? '5m' : 'raw')
  if (chosen === 'raw' && (fn !== undefined || tz !== undefined))
    throw new ApiProblem('INVALID_REQUEST', { path: 'querystring', code: 'RAW_HAS_NO_BUCKETS', params: {} })
  return chosen
}

/** Whether counts are asked for as so many an hour. Throws ApiProblem where that makes no sense. */
function isPerHourOf({ per, fn }: Query, { name, perPeriod }: ValueInfo): boolean {
  if (per === undefined) return false
  if (!perPeriod)
    throw new ApiProblem('INVALID_REQUEST', { path: 'querystring', code: 'NOT_A_COUNT', params: { name } })
  if (fn === 'count')
    throw new ApiProblem('INVALID_REQUEST', { path: 'querystring', code: 'COUNT_IS_OF_READINGS', params: {} })
  return true
}

/** How long the periods were in which a value was counted; undefined when it is not counted. Throws ApiProblem. */
async function periodsOf(
  { store }: ServerParts,
  { id, meta }: SensorState,
  query: PeriodsAsked,
  queryContext: QueryContext,
) {
  const { info, isPerHour, ...span } = query
  if (!info.perPeriod) return undefined
  const periods = await reportingPeriods(store, { sensor: id, ...span, now: meta?.period }, queryContext)
  if (!periods)
    throw new ApiProblem('SPAN_TOO_LONG', {
      code: 'PERIOD_CHANGED_OFTEN',
      params: { sensor: id, most: maxPeriodChanges },
    })
  if (isPerHour && periods.length === 0)
    throw new ApiProblem('NO_PERIOD', { code: 'PERIOD_UNKNOWN', params: { sensor: id } })
  return periods
}

async function answer(
  parts: ServerParts,
  id: string,
  query: Query,
  queryContext: QueryContext,
): Promise<HistoryResponse> {
  const { store, web } = parts
  const sensor = findSensor(parts, id)
  const info = findValue(sensor, query.value)
  const window = windowOf(query, info)
  const isPerHour = isPerHourOf(query, info)
  const { fn = 'mean', tz = web.timeZone } = query
  const now = parts.clock()
  const span = spanOf(query, now)
  const isCount = window !== 'raw' && fn === 'count'
  const periods = isCount ? undefined : await periodsOf(parts, sensor, { info, isPerHour, ...span }, queryContext)
  // one more than an answer holds shows whether there is more
  const asked = { kind: sensor.kind, sensor: id, value: info.name, ...span, limit: maxPoints + 1 }
  const stretches = stretchesOf(periods ?? [], span)
  const corrections = await parts.corrections.reader.of(sensor.kind, id, queryContext)
  const request = { ...asked, window, fn, zone: tz, stretches, isPerHour, now }
  const points = await readPoints(store, request, queryContext, corrections)
  return {
    sensor: id,
    value: info.name,
    ...givenUnit(isCount ? readings : isPerHour ? hourly : info),
    window,
    ...(window === 'raw' ? {} : { fn, tz }),
    ...(isPerHour ? { per: 'hour' as const } : {}),
    ...(periods ? { periods } : {}),
    points: points.slice(0, maxPoints),
    truncated: points.length > maxPoints,
  }
}

/** The history of one value of one sensor. */
export function historyRoutes(app: ApiServer, parts: ServerParts): void {
  app.get(
    '/api/v1/sensors/:id/history',
    {
      config: {
        ...{ right: 'see', cost: 4 },
        errors: ['UNKNOWN_SENSOR', 'UNKNOWN_VALUE', 'NOT_NUMERIC', 'EMPTY_SPAN', 'SPAN_TOO_LONG', 'NO_PERIOD'],
      },
      schema: {
        operationId: 'getSensorHistory',
        summary: 'History of one value, raw or per time bucket',
        description:
          'Defaults: the last 24 hours, 5-minute means. window=raw gives every reading. Buckets are those of the zone’s clock and calendar and never reach outside from and to: one that the span cuts, or that is not over yet, is marked partial. Counts of vehicles are of one period of the sensor each: periods says how long that was, buckets are cut where it changes, and per=hour gives vehicles per hour.',
        tags: ['sensors'],
        params: z.object({ id: idSchema }),
        querystring: historyQuery,
        response: { 200: historyResponse },
      },
    },
    async ({ params, query, queryContext }) => answer(parts, params.id, query, queryContext),
  )
}
