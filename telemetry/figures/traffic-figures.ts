import { z } from 'zod'
import { timestampSchema } from '../reading-parts.ts'
import {
  figureBucketShape,
  figureGroupSchema,
  figureSpanShape,
  readingStateShape,
  shareSchema,
} from './figure-shapes.ts'

const factor = z.number().min(0).max(20)
/** Passenger-car units of one vehicle of each class. */
export const passengerCarUnitsSchema = z.object({
  motorbikes: factor,
  cars: factor,
  buses: factor,
  trucks: factor,
})
export type PassengerCarUnits = z.infer<typeof passengerCarUnitsSchema>

/** Levels of service of urban streets (HCM 2010), the best first. */
export const levelsOfService = ['A', 'B', 'C', 'D', 'E', 'F'] as const
export type LevelOfService = (typeof levelsOfService)[number]

const flow = z.number().min(0)
const index = z.number().min(0)

const flowShape = {
  /** of one counter, or of each counter on the mean; absent when none counted */
  vehiclesPerHour: flow.optional(),
  /** the same in passenger-car units; absent unless all four classes were counted */
  passengerCarUnitsPerHour: flow.optional(),
  /** km/h, of the readings that have one */
  averageSpeed: z.number().min(0).optional(),
  /** mean free-flow speed / mean speed; absent where either is not known */
  congestionIndex: index.optional(),
}

const trafficFiguresShape = {
  ...flowShape,
  /** readings that count vehicles */
  readings: z.number().int(),
  /** vehicles in these readings, of all counters: one that passes two is counted twice */
  vehicles: z.number().min(0),
  congestion: z.enum(['free', 'slow', 'jammed']).optional(),
  levelOfService: z.enum(levelsOfService).optional(),
  /** mean travel time of the peak hours / that at free flow; absent when there is no such hour */
  travelTimeIndex: index.optional(),
  /** 95th percentile of the travel times of the peak hours / that at free flow */
  planningTimeIndex: index.optional(),
  /** hours of counters that these two stand on */
  peakHours: z.number().int(),
  /** readings that there are / readings that were to be expected */
  coverage: shareSchema.optional(),
  ...readingStateShape,
}
export const trafficFiguresSchema = z.object(trafficFiguresShape)
export type TrafficFigures = z.infer<typeof trafficFiguresSchema>

const hourOfDaySchema = z.object({
  /** of the local day: 6 is from 6:00 to 7:00 */
  hour: z.number().int().min(0).max(23),
  ...flowShape,
})
export type HourOfDay = z.infer<typeof hourOfDaySchema>

/** The mean day of one type. */
const typicalDaySchema = z.object({
  /** days that have a reading */
  days: z.number().int(),
  /** of the mean hour of the day */
  vehiclesPerHour: flow.optional(),
  /** of the day, before noon, and from noon on: the hour with the highest flow */
  peak: hourOfDaySchema.optional(),
  morningPeak: hourOfDaySchema.optional(),
  eveningPeak: hourOfDaySchema.optional(),
  /** hours that have a reading, in order */
  hours: z.array(hourOfDaySchema),
})
export type TypicalDay = z.infer<typeof typicalDaySchema>

/** The free-flow speed that indices stand on. */
export const freeFlowSchema = z.object({
  /** km/h; of several counters the mean, by their readings */
  speed: z.number().positive().optional(),
  /** how many counters' speed is what they say of themselves, is the 85th percentile of their night speeds, or is not known */
  fromMeta: z.number().int(),
  fromNights: z.number().int(),
  unknown: z.number().int(),
  /** readings of the nights that the percentiles are of */
  nightReadings: z.number().int(),
})

/** Answer of `GET /api/v1/figures/traffic`. */
export const trafficFiguresResponse = z.object({
  ...figureSpanShape,
  /** length of the buckets of `series`; absent when none were asked for */
  window: z.string().optional(),
  /** what the figures are reckoned with */
  method: z.object({
    passengerCarUnits: passengerCarUnitsSchema,
    /** local hours of weekdays whose travel times count */
    peakHours: z.array(z.number().int()),
    /** local hours of night speeds, the share of these that the free-flow speed is, and the first night looked at, epoch ms */
    nightHours: z.array(z.number().int()),
    nightShare: shareSchema,
    nightsFrom: timestampSchema.optional(),
    /** share of the free-flow speed above which the level of service is A, B … */
    levelsOfService: z.record(z.enum(levelsOfService), shareSchema),
  }),
  groups: z.array(
    z.object({
      ...figureGroupSchema.shape,
      freeFlow: freeFlowSchema,
      ...trafficFiguresShape,
      weekdays: typicalDaySchema,
      weekends: typicalDaySchema,
      series: z.array(z.object({ ...figureBucketShape, ...trafficFiguresShape })).optional(),
    }),
  ),
})
export type TrafficFiguresResponse = z.infer<typeof trafficFiguresResponse>
