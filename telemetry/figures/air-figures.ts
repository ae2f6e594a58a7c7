import { z } from 'zod'
import { airStandards, averagingPeriods, periodWords, standardWords } from '../air-standards.ts'
import { wordedEnum } from '../glossary/worded-enum.ts'
import { idSchema, timestampSchema } from '../reading-parts.ts'
import { pollutants } from '../vn-aqi.ts'
import { noVnAqiSchema } from '../vn-aqi-rest.ts'
import { figureBucketShape, figureGroupShape, readingStateShape, wholeWindowsShape } from './figure-shapes.ts'

const count = z.number().int().min(0)
const index = z.number().int().min(0).max(500)
/** µg/m³ */
const concentration = z.number()
const pollutant = z.enum(pollutants)

export const airStandardSchema = wordedEnum(airStandards, standardWords)
const averagingPeriodSchema = wordedEnum(averagingPeriods, periodWords)

/** What a sub-index is made of. */
const indexPartSchema = z.object({
  /** which mean the sub-index stands on; of ozone in a daily index the one that is worse */
  over: z.enum(['nowcast', '1h', '8h', '24h']).describe('which mean it stands on: Nowcast, an hour, 8 hours, a day'),
  /** µg/m³; absent when too few hours are there */
  concentration: concentration.optional(),
  subIndex: index.optional(),
  /** hours with enough readings (75 %) among those that are looked at */
  hours: count,
  /** hours that are looked at */
  of: count,
})
export type IndexPart = z.infer<typeof indexPartSchema>

const indexFigureShape = {
  /** VN_AQI; absent when there is none, and `none` says why */
  index: index.optional(),
  /** the parameter that gave the index */
  worst: pollutant.optional(),
  /** of every parameter that was measured */
  parts: z.partialRecord(pollutant, indexPartSchema),
  /** why there is no index */
  none: noVnAqiSchema.optional(),
}
const indexFigureSchema = z.object(indexFigureShape)
/** VN_AQI of an hour or a day with what it is made of. */
export type IndexFigure = z.infer<typeof indexFigureSchema>

/** Days per band of VN_AQI; `none`: days without an index. */
const bandDaysSchema = z
  .object({
    good: count,
    moderate: count,
    sensitive: count,
    unhealthy: count,
    'very-unhealthy': count,
    hazardous: count,
    none: count,
  })
  .describe('days per band of VN_AQI, which are described where the index is; `none`: days without an index')
export type BandDays = z.infer<typeof bandDaysSchema>

/** Consecutive means above a limit. */
const episodeSchema = z.object({
  /** epoch ms: of means of 8 h the beginning of the first hour whose trailing mean is above */
  start: timestampSchema,
  end: timestampSchema,
  /** means above the limit: hours, days or years */
  exceedances: count,
  /** the largest mean, µg/m³, and by how much it is above */
  highest: concentration,
  over: concentration,
  /** µg/m³ */
  limit: concentration,
})
export type Episode = z.infer<typeof episodeSchema>

/** How the means of one parameter compare with one limit of a standard. */
const limitFigureSchema = z.object({
  pollutant,
  period: averagingPeriodSchema,
  /** those in force in the span; from, until: days */
  limits: z.array(z.object({ limit: concentration, from: z.string().optional(), until: z.string().optional() })),
  /** means that could be judged: 75 % of their hours (of a year: of its days) are there */
  judged: count,
  /** means that there would be of a station that was always measuring, as far as the time is over */
  of: count,
  /** means above the limit */
  exceedances: count,
  /** days of the city's clock on which a mean was above */
  days: count,
  /** the largest mean, above the limit or not */
  highest: z.object({ start: timestampSchema, end: timestampSchema, mean: concentration }).optional(),
  /** in order of time; of more than an answer holds those furthest above */
  episodes: z.array(episodeSchema),
  moreEpisodes: count,
})
export type LimitFigure = z.infer<typeof limitFigureSchema>

const exceedanceCount = z.object({ pollutant, period: averagingPeriodSchema, count })

const airBucketSchema = z.object({
  ...figureBucketShape,
  /** of an hour or a day */
  aqi: indexFigureSchema.optional(),
  /** of a ward or district, an hour or a day: the station whose own index is the highest */
  highest: z.object({ sensor: idSchema, index, worst: pollutant }).optional(),
  /** of a month or a year: days per band of the daily index, of days that are over */
  bands: bandDaysSchema.optional(),
  /** of a month or a year: mean of the days' means (75 % of a day's hours needed), of so many days */
  means: z.partialRecord(pollutant, z.object({ mean: concentration, days: count, of: count })).optional(),
  /** means above a limit of the standard that began in it; absent when there are none */
  exceedances: z.array(exceedanceCount).optional(),
  ...readingStateShape,
})
export type AirBucket = z.infer<typeof airBucketSchema>

const airGroupSchema = z.object({
  ...figureGroupShape,
  buckets: z.array(airBucketSchema),
  /** over the whole span, of days that are over; absent with window=1h */
  bands: bandDaysSchema.optional(),
  limits: z.array(limitFigureSchema),
  ...readingStateShape,
})
export type AirGroup = z.infer<typeof airGroupSchema>

/** How many stations become one figure. */
export const groupMethod = 'mean-of-stations' as const

/** Answer of `GET /api/v1/figures/air-quality`. */
export const airFiguresResponse = z.object({
  ...wholeWindowsShape,
  /** the end of the newest hour that is over: what is later counts in none of the figures */
  asOf: timestampSchema,
  standard: airStandardSchema,
  /**
   * mean-of-stations: an hour of a ward or district is the mean of its stations' hourly means, of those that have enough readings;
   * `highest` names the station whose own index is the highest
   */
  method: z.literal(groupMethod),
  groups: z.array(airGroupSchema),
})
export type AirFiguresResponse = z.infer<typeof airFiguresResponse>
