import { z } from 'zod'
import { valueStateSchema } from './device-state.ts'
import { districtSchema } from './district.ts'
import { hourMs, minuteMs } from './durations.ts'
import { knownFaults } from './faults/fault-table.ts'
import { messageFaultSchema } from './faults/message-faults.ts'
import { requestFaultSchema } from './faults/request-faults.ts'
import { kindSchema } from './kinds.ts'
import { positionSchema } from './position.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { reportingPeriodSchema } from './reporting-period.ts'
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

/** One point of a history. */
const historyPointSchema = z.object({
  /** epoch ms: the reading's time, or the start of the bucket, never before `from` */
  ts: timestampSchema,
  value: z.union([z.number(), z.string()]),
  /** of a reading: what its device said of the value; absent while it was being measured. Buckets are of what was being measured alone */
  state: valueStateSchema.optional(),
  /** a person's correction changed or left out the reading, or some of the bucket's; `value` of a reading stays what was measured */
  corrected: z.literal(true).optional(),
  /** of a reading: what it counts as, where a person corrected it */
  counts: z.union([z.number(), z.string()]).optional(),
  /** of a reading: why a person left it out */
  excluded: z.enum(['invalid', 'calibrating', 'maintenance', 'error', 'clock']).optional(),
  /** epoch ms, of a bucket: its end, never after `to` */
  end: timestampSchema.optional(),
  /** of a bucket: the span cuts it, or it is not over yet; the value is of the readings from `ts` to `end` alone */
  partial: z.literal(true).optional(),
})

export type HistoryPoint = z.infer<typeof historyPointSchema>

/** Answer of `GET /api/v1/sensors/{id}/history`: points in order of time. */
export const historyResponse = z.object({
  sensor: idSchema,
  value: z.string(),
  /** as it is shown, the same in every language; empty for a plain number and for words */
  unit: z.string(),
  /** the same in UCUM, such as ug/m3; absent for words */
  unitCode: z.string().optional(),
  window: z.string(),
  fn: aggregateSchema.optional(),
  /** counts are given as so many an hour, whatever the period they were counted in */
  per: z.literal('hour').optional(),
  /** of values that are counted anew in each period: how long that is, from when on. Buckets are cut where it changes. */
  periods: z.array(reportingPeriodSchema).optional(),
  /** the zone whose days and hours the buckets are; absent when the readings are raw */
  tz: z.string().optional(),
  points: z.array(historyPointSchema),
  /** true when there was more than one answer holds: ask from the last time on */
  truncated: z.boolean(),
})
export type HistoryResponse = z.infer<typeof historyResponse>

/** Code of an entry that stands for refused messages for which the quarantine had no room: they are counted alone. */
export const notKeptCode = 'NOT_KEPT'

/** A message that did not validate. */
export const quarantinedSchema = z.object({
  /** when it was refused, epoch ms */
  ts: timestampSchema,
  topic: z.string(),
  /** the payload, or its first bytes, as text */
  payload: z.string(),
  /** bytes of the whole payload; the message can be given again only when all of them are here */
  payloadBytes: z.number().int(),
  /** stable word for the kind of fault */
  code: z.string(),
  /** what is wrong, as an English sentence */
  reason: z.string(),
  /** what else is wrong with the same message */
  more: z.array(z.string()).optional(),
  /**
   * the same as codes, in the same order: that of `reason`, then those of `more`. Absent in entries of older releases;
   * without the codes of a newer one that are not known here.
   */
  faults: knownFaults(messageFaultSchema),
  /** whether its other values are good and stored */
  partial: z.boolean().optional(),
  /** how many messages with this topic and reason this entry stands for */
  count: z.number().int().min(1),
})
export type Quarantined = z.infer<typeof quarantinedSchema>

/** Answer of `GET /api/v1/quarantine`, newest first; `truncated` when there is more in the span asked for. */
export const quarantineResponse = z.object({
  total: z.number().int(),
  entries: z.array(quarantinedSchema),
  truncated: z.boolean().default(false),
})
export type QuarantineResponse = z.infer<typeof quarantineResponse>

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
