import { z } from 'zod'
import { timestampSchema } from '../reading-parts.ts'
import {
  figureBucketShape,
  figureGroupSchema,
  figureSpanShape,
  readingStateShape,
  shareSchema,
} from './figure-shapes.ts'

/** Buckets of a series of lighting figures: nights from noon to noon, or those of the calendar. */
export const lightingWindows = ['night', '1w', '1mo', '1y'] as const
export type LightingWindow = (typeof lightingWindows)[number]

/** Lamps are dimmed between two times of the local clock, such as 23:00 and 5:00. */
export const dimmingSchema = z.object({
  /** minutes of the local day */
  from: z.number().int().min(0).max(1_439),
  to: z.number().int().min(0).max(1_439),
  /** share of full light */
  level: shareSchema,
})
export type Dimming = z.infer<typeof dimmingSchema>

const hours = z.number().min(0)
const lampHours = hours
const count = z.number().int().min(0)

const lightingFiguresShape = {
  /** kWh by the lamps' meters */
  energy: z.number().min(0).optional(),
  /** kWh by the plan, and kWh by the meters of the same lamps: those whose nominal power is known */
  plannedEnergy: z.number().min(0).optional(),
  energyOfPlanned: z.number().min(0).optional(),
  /** energyOfPlanned / plannedEnergy */
  energyShare: z.number().min(0).optional(),
  /** lamps × hours of night, by the sun */
  nightHours: lampHours,
  /** of these, those of which it is known whether the lamp burned, and none was ordered off */
  knownNightHours: lampHours,
  /** lamps × hours of night in which a lamp was dark, and nobody had ordered it off */
  darkHours: lampHours,
  /** the same in which it was ordered off */
  darkByOrderHours: lampHours,
  /** lamps × hours of day in which a lamp burned, and nobody had ordered it on */
  burningByDayHours: lampHours,
  /** the same in which it was ordered on */
  burningByOrderHours: lampHours,
  /** lamps × hours in which a lamp burned, at any time */
  burntHours: lampHours,
  /** share of the known night in which lamps burned; absent when nothing is known */
  availability: shareSchema.optional(),
  /** share of the night of which it is known */
  coverage: shareSchema.optional(),
  /** failures that began; absent when there were too many alerts to look at */
  failures: count.optional(),
  /** failures that ended, and h that they lasted on the mean */
  repairs: count.optional(),
  meanRepairHours: hours.optional(),
  /** failures that had not ended at the end of it */
  openFailures: count.optional(),
  /** of energies and powers */
  ...readingStateShape,
}
export const lightingFiguresSchema = z.object(lightingFiguresShape)
export type LightingFigures = z.infer<typeof lightingFiguresSchema>

/** How much of their lives lamps have burned, by the newest counter of the span. */
export const lampLifeSchema = z.object({
  /** lamps whose counter is known */
  lamps: count,
  /** h, of these on the mean */
  meanHours: hours.optional(),
  /** hours burned / rated life, of these on the mean and of the oldest */
  meanShare: hours.optional(),
  highestShare: hours.optional(),
  /** lamps that have burned 80 % of their rated life or more, and all of it */
  nearEnd: count,
  beyondEnd: count,
})
export type LampLife = z.infer<typeof lampLifeSchema>

/** Answer of `GET /api/v1/figures/lighting`. */
export const lightingFiguresResponse = z.object({
  ...figureSpanShape,
  window: z.enum(lightingWindows).optional(),
  method: z.object({
    /** the plan: nominal power × level from sunset to sunrise; full light but for these times */
    dimming: z.array(dimmingSchema),
    /** degrees of the sun over the horizon below which it is night, and above which it is day */
    nightBelow: z.number(),
    dayAbove: z.number(),
    /** whether nights and days are those of the sun to the minute, or the whole hours (UTC) within them */
    edges: z.enum(['sun', 'hours']),
    /** a lamp whose power is at most this share of its nominal power is dark */
    darkShare: shareSchema,
    /** h of a lamp that does not say its rated life */
    ratedHours: hours,
    /** causes of alerts that are failures */
    failureCauses: z.array(z.string()),
    /** up to when failures are known, epoch ms: earlier than the span when there were too many alerts */
    failuresTo: timestampSchema,
  }),
  groups: z.array(
    z.object({
      ...figureGroupSchema.shape,
      /** lamps with a nominal power, without which there is no plan */
      withNominalPower: count,
      ...lightingFiguresShape,
      life: lampLifeSchema,
      series: z.array(z.object({ ...figureBucketShape, ...lightingFiguresShape })).optional(),
    }),
  ),
})
export type LightingFiguresResponse = z.infer<typeof lightingFiguresResponse>
