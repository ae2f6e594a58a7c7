import { z } from 'zod'
import { hourMs, minuteMs } from './durations.ts'
import { kindSchema } from './kinds.ts'
import { wordsSchema } from './language.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { calendarWindows } from './rest.ts'
import { sensorMetaSchema } from './sensor.ts'
import { timeZoneSchema } from './time-zone.ts'

/** By what sensors are put together to series; `none`: all of them are one. */
export const groupings = ['none', 'sensor', 'district', 'ward', 'road'] as const
export type Grouping = (typeof groupings)[number]

/** Time buckets by the clock of a zone, ms. */
export const clockSteps = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '10m': 10 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '3h': 3 * hourMs,
  '6h': 6 * hourMs,
  '12h': 12 * hourMs,
} as const
export type ClockStep = keyof typeof clockSteps
const clockStepNames = Object.keys(clockSteps) as ClockStep[] // Object.keys forgets the key type

/** Time buckets of a question, the finest first; days, weeks (from Monday), months and years are those of the zone, `all` is the whole span. */
export const questionWindows = [...clockStepNames, ...calendarWindows, 'all'] as const
export type QuestionWindow = (typeof questionWindows)[number]

/** What is computed of the readings of a bucket. */
export const figureFunctions = [
  'mean',
  'timeWeightedMean',
  'min',
  'max',
  'sum',
  'count',
  'p50',
  'p85',
  'p95',
  'increase',
  'shareAbove',
] as const
export type FigureFunction = (typeof figureFunctions)[number]

/** Which share of the readings each of the percentiles is of. */
export const percentileShares = { p50: 0.5, p85: 0.85, p95: 0.95 } as const

/** An earlier span to compare with: the one directly before, or that of a week, a month or a year before. */
export const comparisons = ['previous', 'week', 'month', 'year'] as const
export type Comparison = (typeof comparisons)[number]

/** Most of each in one question. */
export const questionLimits = { ids: 1_000, values: 10, points: 2_000 } as const

const noSuchWindow = `must be one of ${questionWindows.join(', ')}; single readings are those of GET /api/v1/sensors/{id}/history?window=raw`

const ids = z.array(idSchema).min(1).max(questionLimits.ids)

/** What a question about the past is made of, but its times: those are given differently in an address and in JSON. */
export const questionShape = {
  kind: kindSchema.optional().describe('needed unless sensors are named'),
  sensors: ids.optional(),
  districts: ids.optional(),
  wards: ids.optional(),
  roads: ids.optional(),
  tags: ids.optional().describe('sensors with any of these'),
  groupBy: z.enum(groupings).optional().describe('default: sensor where sensors are named, otherwise none'),
  values: z.array(z.string().min(1).max(64)).min(1).max(questionLimits.values),
  functions: z.array(z.enum(figureFunctions)).min(1).default(['mean']),
  limit: z.number().min(-1e9).max(1e9).optional().describe('of shareAbove, in the unit of the value'),
  window: z
    .enum(questionWindows, { error: noSuchWindow })
    .optional()
    .describe('1d, 1w (from Monday), 1mo and 1y are those of the zone'),
  points: z.number().int().min(1).max(questionLimits.points).optional().describe('about so many, instead of window'),
  profile: z.literal('hour-of-week').optional().describe('instead of window: one figure per weekday and hour'),
  compare: z.enum(comparisons).optional().describe('with the span before, or a week, a month, a year before'),
  zone: timeZoneSchema.optional().describe('time zone of hours and days (IANA); TIME_ZONE unless given'),
} as const

/** A question about the past; `from <= ts < to`, epoch ms. */
export interface HistoryQuestion extends z.infer<z.ZodObject<typeof questionShape>> {
  from?: number | undefined
  to?: number | undefined
}

const share = z.number().min(0).max(1)

/** Numbers of one bucket, by function; null where no reading counts. */
const figuresShape = {
  ...(Object.fromEntries(figureFunctions.map((name) => [name, z.number().nullable().optional()])) as Record<
    FigureFunction, // one for each
    z.ZodOptional<z.ZodNullable<z.ZodNumber>>
  >),
  /** of what was to be expected: readings, and the time over which they hold; null where nothing was */
  coverage: z.object({ readings: share.nullable(), time: share.nullable() }),
  /** shares of the readings that are left out, by why */
  states: z.partialRecord(z.enum(['calibrating', 'error', 'maintenance', 'invalid', 'clock']), share),
  /** readings that a person's correction changed or left out */
  corrected: z.number().int(),
  /** it is not over yet */
  open: z.boolean(),
  /** readings may be simulated */
  simulated: z.literal(true).optional(),
}

/** Figures of one bucket of one series. */
export const historyFigureSchema = z.object({
  /** epoch ms; absent in a profile */
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
  /** of a profile: 1 (Monday) to 7, and the hour of the clock */
  weekday: z.number().int().min(1).max(7).optional(),
  hour: z.number().int().min(0).max(23).optional(),
  ...figuresShape,
  /** the same of the earlier span; null where it has no such bucket */
  compared: z
    .object({ from: timestampSchema.optional(), to: timestampSchema.optional(), ...figuresShape })
    .nullable()
    .optional(),
})
export type HistoryFigure = z.infer<typeof historyFigureSchema>

/** One value of one group over time. */
export const historySeriesShape = {
  value: z.string(),
  /** id of the sensor, district, ward or road; null: sensors without one, and all together */
  group: idSchema.nullable(),
  /** of the group, where it has one */
  name: wordsSchema.optional(),
  /** how many sensors are in it, and how many of them are simulated */
  sensors: z.number().int(),
  simulated: z.number().int(),
}

/** What an answer begins with. */
export const historyHeadShape = {
  kind: kindSchema,
  from: timestampSchema,
  to: timestampSchema,
  /** epoch ms: when it was answered */
  now: timestampSchema,
  /** absent in a profile */
  window: z.enum(questionWindows).optional(),
  profile: z.literal('hour-of-week').optional(),
  zone: z.string(),
  groupBy: z.enum(groupings),
  functions: z.array(z.enum(figureFunctions)),
  limit: z.number().optional(),
  /** the earlier span */
  compared: z.object({ with: z.enum(comparisons), from: timestampSchema, to: timestampSchema }).optional(),
  /** `unit` as it is shown, `unitCode` in UCUM: of all functions but count and shareAbove, which have none */
  values: z.array(wordsSchema.extend({ name: z.string(), unit: z.string(), unitCode: z.string().optional() })),
  /** how many sensors are looked at; the first of them by id are described */
  sensorCount: z.number().int(),
  sensors: z.array(z.object({ id: idSchema, district: idSchema, meta: sensorMetaSchema.optional() })),
}
export type HistoryHead = z.infer<z.ZodObject<typeof historyHeadShape>>
export type HistorySeriesHead = z.infer<z.ZodObject<typeof historySeriesShape>>

/** Answer of `/api/v1/history/query`. Series in order of the question's values, and of the ids of groups; figures in order of time. */
export const historyAnswer = z.object({
  ...historyHeadShape,
  series: z.array(z.object({ ...historySeriesShape, figures: z.array(historyFigureSchema) })),
})

/**
 * One line of the same as JSON lines: first a head, then each series followed by its figures, and at the end how many of these there were.
 * A last line that is none of `end` says that the answer was cut.
 */
export const historyLineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('head'), ...historyHeadShape }),
  z.object({ type: z.literal('series'), ...historySeriesShape }),
  z.object({ type: z.literal('figure'), value: z.string(), group: idSchema.nullable(), ...historyFigureSchema.shape }),
  z.object({ type: z.literal('end'), series: z.number().int(), figures: z.number().int() }),
])
export type HistoryLine = z.infer<typeof historyLineSchema>
