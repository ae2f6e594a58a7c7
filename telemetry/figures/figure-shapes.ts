import { z } from 'zod'
import { wordsSchema } from '../language.ts'
import { idSchema, timestampSchema } from '../reading-parts.ts'
import { travelDirections } from '../travel-direction.ts'
import { figureGroupings, figureWindows } from './figure-windows.ts'

const count = z.number().int().min(0)

/** A share, 0 to 1. */
export const shareSchema = z.number().min(0).max(1)

/** Of whom figures are: one sensor, or those that were together in a group. */
export const figureGroupShape = {
  /** of the sensor, ward, road or district; null of sensors that have none, and of all together */
  id: idSchema.nullable(),
  name: wordsSchema.optional(),
  /** how many sensors were in it at some time of the span */
  sensors: count,
  /** how many of these are simulated: figures of the real city have 0 */
  simulated: count,
}
export type DescribedGroup = z.infer<z.ZodObject<typeof figureGroupShape>>

/** The same of a group whose sensors may look one way. */
export const figureGroupSchema = z.object({
  ...figureGroupShape,
  /** which way the counters look; absent unless it was asked for, and of counters that do not say */
  direction: z.enum(travelDirections).optional(),
})
export type FigureGroup = z.infer<typeof figureGroupSchema>

/** A time bucket, epoch ms. Those of a series never reach outside the span; those of air and water are whole windows. */
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

/** What answers of whole windows begin with: from and to are what was asked for, widened to them. */
export const wholeWindowsShape = {
  ...figureSpanShape,
  window: z.enum(figureWindows),
  groupBy: z.enum(figureGroupings),
}

/** What becomes of readings that a figure does not take as they were measured. */
export const readingStateShape = {
  /** values of readings that a person's correction changed or left out; absent: none */
  corrected: count.optional(),
  /** values left out, by why; absent: none */
  excluded: z.partialRecord(z.enum(['calibrating', 'error', 'maintenance', 'invalid', 'clock']), count).optional(),
}
