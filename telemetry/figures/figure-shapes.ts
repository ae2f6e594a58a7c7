import { z } from 'zod'
import { timestampSchema } from '../reading-parts.ts'
import { travelDirections } from '../travel-direction.ts'
import { officialGroupShape } from './figure-windows.ts'

/** A share, 0 to 1. */
export const shareSchema = z.number().min(0).max(1)

/** Of whom figures are: one sensor, or those that were together in a group. */
export const figureGroupSchema = z.object({
  /** the id is of the sensor, ward, road or district; null of sensors that have none, and of all together */
  ...officialGroupShape,
  /** which way the counters look; absent unless it was asked for, and of counters that do not say */
  direction: z.enum(travelDirections).optional(),
})
export type FigureGroup = z.infer<typeof figureGroupSchema>

/** A time bucket of a series, epoch ms; it never reaches outside the span. */
export const figureBucketShape = {
  start: timestampSchema,
  end: timestampSchema,
  /** the span cuts it, or it is not over yet */
  partial: z.literal(true).optional(),
}

/** What every answer with figures begins with. */
export const figureSpanShape = {
  from: timestampSchema,
  to: timestampSchema,
  /** the zone whose hours and days they are */
  tz: z.string(),
}
