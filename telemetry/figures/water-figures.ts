import { z } from 'zod'
import { idSchema, timestampSchema } from '../reading-parts.ts'
import { figureBucketShape, figureGroupShape, readingStateShape, wholeWindowsShape } from './figure-shapes.ts'

const count = z.number().int().min(0)
/** m above the gauge's zero */
const level = z.number()
/** h */
const hours = z.number().min(0)

/** Warning levels of a gauge: báo động I, II, III. */
export const warningNumbers = [1, 2, 3] as const
const warningNumber = z
  .literal(warningNumbers)
  .describe('`1`, `2`, `3`: báo động I, II, III / warning level I, II, III')

/** m above the gauge's zero; those that its authority has set, as the gauge says them now. */
const warningLevelsSchema = z.object({ 1: level.optional(), 2: level.optional(), 3: level.optional() })
export type WarningLevels = z.infer<typeof warningLevelsSchema>

const reading = { sensor: idSchema, level }

const peakSchema = z.object({
  ...reading,
  /** epoch ms: of the first reading of this level, or, `toTheHour`, the beginning of the hour that it is in */
  at: timestampSchema,
  toTheHour: z.literal(true).optional(),
  /** m above the gauge's báo động I, negative below it; absent when the gauge has none */
  aboveWarning1: z.number().optional(),
})
export type WaterPeak = z.infer<typeof peakSchema>

const aboveSchema = z.object({
  warning: warningNumber,
  /** for how long the level was at or above it: of several gauges the longest */
  hours,
  /** the gauge that was above for so long; absent when none was */
  sensor: idSchema.optional(),
  /** gauges that reached it, and gauges that have such a level */
  gauges: count,
  of: count,
})
export type AboveWarning = z.infer<typeof aboveSchema>

const riseSchema = z.object({
  sensor: idSchema,
  /** h: the two readings are at most so far apart */
  within: z.literal([1, 3, 24]),
  /** m */
  rise: level,
  from: z.object({ at: timestampSchema, level }),
  to: z.object({ at: timestampSchema, level }),
  /** not all readings of a long span were looked at: it may have been more */
  atLeast: z.literal(true).optional(),
})
export type WaterRise = z.infer<typeof riseSchema>

const waterFiguresShape = {
  /** the highest level; of several gauges that of the one highest above its own báo động I */
  peak: peakSchema.optional(),
  /** the lowest level and the mean of all readings; of one gauge alone, for gauges have zeros of their own */
  lowest: level.optional(),
  mean: level.optional(),
  /** one entry for each warning level that a gauge has */
  above: z.array(aboveSchema),
  /** the largest rise to a reading in the span; absent where the water did not rise. Not with window=1h, but of the whole span */
  rises: z.array(riseSchema).optional(),
  /** hours of gauges that readings hold, and hours of gauges that are over */
  hours,
  of: hours,
  ...readingStateShape,
}

const waterBucketSchema = z.object({
  ...figureBucketShape,
  ...waterFiguresShape,
})
export type WaterBucket = z.infer<typeof waterBucketSchema>

const waterGroupSchema = z.object({
  ...figureGroupShape,
  /** the gauges, and the warning levels that figures stand on */
  gauges: z.array(z.object({ sensor: idSchema, warningLevels: warningLevelsSchema })),
  buckets: z.array(waterBucketSchema),
  ...waterFiguresShape,
})
export type WaterGroup = z.infer<typeof waterGroupSchema>
export type WaterFigures = Omit<WaterBucket, 'start' | 'end' | 'partial'>

/** Answer of `GET /api/v1/figures/water-level`. */
export const waterFiguresResponse = z.object({
  ...wholeWindowsShape,
  /** the end of the newest hour that is over: what is later counts in none of the figures */
  asOf: timestampSchema,
  groups: z.array(waterGroupSchema),
})
export type WaterFiguresResponse = z.infer<typeof waterFiguresResponse>
