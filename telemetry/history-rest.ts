import { z } from 'zod'
import { valueStateSchema } from './device-state.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { reportingPeriodSchema } from './reporting-period.ts'
import { aggregateSchema } from './rest.ts'

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
