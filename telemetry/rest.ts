import { z } from 'zod'
import { districtSchema } from './district.ts'
import { hourMs, minuteMs } from './durations.ts'
import { knownFaults } from './faults/fault-table.ts'
import { requestFaultSchema } from './faults/request-faults.ts'
import { kindSchema } from './kinds.ts'
import { positionSchema } from './position.ts'
import { idSchema } from './reading-parts.ts'
import { sensorStateSchema } from './sensor.ts'

/** Answer of `GET /api/v1/districts`. */
export const districtsResponse = z.object({ districts: z.array(districtSchema) })

/** Answer of `GET /api/v1/sensors`: GeoJSON (RFC 7946); a sensor without meta has a null geometry. */
export const sensorsResponse = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: idSchema,
      geometry: z.object({ type: z.literal('Point'), coordinates: positionSchema }).nullable(),
      properties: sensorStateSchema,
    }),
  ),
})

/** Aggregates of a time bucket. */
export const aggregates = ['mean', 'min', 'max', 'count', 'p50', 'p95'] as const
export const aggregateSchema = z.enum(aggregates)
export type Aggregate = z.infer<typeof aggregateSchema>

/** Lengths of a time bucket by the clock, ms. */
export const clockWindows = { '1m': minuteMs, '5m': 5 * minuteMs, '15m': 15 * minuteMs, '1h': hourMs } as const
export type ClockWindow = keyof typeof clockWindows

/** Time buckets of the calendar of a zone: a day there has 23, 24 or 25 hours, a week begins on Monday. */
export const calendarWindows = ['1d', '1w', '1mo', '1y'] as const
export type CalendarWindow = (typeof calendarWindows)[number]
export type Window = ClockWindow | CalendarWindow

/** Query of `GET /api/v1/sensors` and of `GET /api/v1/readings/latest`. */
export const sensorsQuery = z.object({ district: idSchema.optional(), kind: kindSchema.optional() })

/** An error answer, application/problem+json (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  /** the kind of refusal */
  code: z.string(),
  /**
   * why, as codes with their params, each with the `path` of the field it is about: what `detail` says in English. Absent where there is no
   * more to tell; without the codes of a newer release that are not known here.
   */
  faults: knownFaults(requestFaultSchema),
  /** names this request in the answer's header `x-request-id` and in the log */
  requestId: z.string(),
})
export type Problem = z.infer<typeof problemSchema>
