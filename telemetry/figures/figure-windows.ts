import { z } from 'zod'
import { wordsSchema } from '../language.ts'
import { idSchema, timestampSchema } from '../reading-parts.ts'

/** Windows of official figures: hours, and days, months and years of the calendar of the city. */
export const figureWindows = ['1h', '1d', '1mo', '1y'] as const
export type FigureWindow = (typeof figureWindows)[number]

/** By what sensors become one figure. */
export const figureGroupings = ['sensor', 'ward', 'district'] as const
export type FigureGrouping = (typeof figureGroupings)[number]

const count = z.number().int().min(0)

/** What every answer with official figures begins with. */
export const officialSpanShape = {
  /** epoch ms: what was asked for, widened to whole windows */
  from: timestampSchema,
  to: timestampSchema,
  /** the zone of its hours and days */
  tz: z.string(),
  window: z.enum(figureWindows),
  groupBy: z.enum(figureGroupings),
}

/** Of whom official figures are. */
export const officialGroupShape = {
  /** of the sensor, ward or district; null of sensors that stand in no ward */
  id: idSchema.nullable(),
  name: wordsSchema.optional(),
  /** how many sensors were in it at some time of the span */
  sensors: count,
  /** how many of these are simulated: figures of the real city have 0 */
  simulated: count,
}

export type OfficialGroup = z.infer<z.ZodObject<typeof officialGroupShape>>

/** What becomes of readings that a figure does not take as they were measured. */
export const readingStateShape = {
  /** values of readings that a person's correction changed or left out; absent: none */
  corrected: count.optional(),
  /** values left out, by why; absent: none */
  excluded: z.partialRecord(z.enum(['calibrating', 'error', 'maintenance', 'invalid', 'clock']), count).optional(),
}
