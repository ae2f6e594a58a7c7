import { z } from 'zod'
import { kindOf } from './kinds.ts'
import { measuredReading } from './measured-values.ts'
import { staleAfterMs } from './period.ts'
import type { Reading } from './reading.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import type { SensorMeta } from './sensor.ts'

const share = z.number().min(0).max(1)

/**
 * How good the data of one sensor are in one hour (1709/BKHCN-CĐSQG, 2025: đúng, đủ, sạch, sống). Shares from 0 to 1; a part
 * that nothing can be said of is absent.
 */
export const hourQualitySchema = z.object({
  /** start and end of the hour, epoch ms; the present one ends now */
  from: timestampSchema,
  to: timestampSchema,
  /** đúng: messages that validated / messages that came */
  correct: share.optional(),
  /** đủ: readings of which something was being measured / readings that the sensor's period promises */
  complete: share,
  /** sạch: plausible readings / readings, by its kind */
  clean: share.optional(),
  /** sống: the part of the hour in which the newest reading was not older than three periods */
  live: share,
  /** the least of the four: a chain is as strong as its weakest link */
  score: share,
})
export type HourQuality = z.infer<typeof hourQualitySchema>

/** Answer of `GET /api/v1/sensors/{id}/quality`: the hours of a span, in order. */
export const qualityResponse = z.object({
  sensor: idSchema,
  hours: z.array(hourQualitySchema),
  /** true when there were more readings than one answer looks at: the last hours are missing */
  truncated: z.boolean(),
})
export type QualityResponse = z.infer<typeof qualityResponse>

/** What an hour's quality is reckoned from. */
export interface HourInput {
  from: number
  to: number
  /** s between two readings */
  period: number
  /** those of the hour, in order of time */
  readings: readonly Reading[]
  /** time of the last reading before the hour, epoch ms */
  before?: number | undefined
  /** messages of this sensor that did not validate in this hour */
  refused: number
  meta?: Partial<SensorMeta> | undefined
}

/** ms of a span in which the newest reading was not older than three periods. */
function freshMs({ from, to, period, readings, before }: HourInput): number {
  const lasts = staleAfterMs({ period })
  let fresh = 0
  const times = [...(before === undefined ? [] : [before]), ...readings.map(({ ts }) => ts)]
  for (const [at, ts] of times.entries()) {
    const until = Math.min(ts + lasts, times[at + 1] ?? to, to)
    fresh += Math.max(0, until - Math.max(ts, from))
  }
  return fresh
}

const rounded = (value: number) => Math.round(Math.min(1, value) * 1_000) / 1_000

/** The quality of one hour, or of the part of it that has passed. */
export function hourQuality(input: HourInput): HourQuality {
  const { from, to, period, readings, refused, meta } = input
  const found = readings.length
  const measured = readings.flatMap((reading) => measuredReading(reading) ?? [])
  // a reading more or less is a matter of where the hour begins
  const expected = Math.max(1, Math.floor((to - from) / (1_000 * period)))
  const isPlausible = ({ kind, values }: Reading) => kindOf(kind).isPlausible(values, meta)
  const parts = {
    ...(found + refused > 0 ? { correct: rounded(found / (found + refused)) } : {}),
    complete: rounded(measured.length / expected),
    ...(measured.length > 0 ? { clean: rounded(measured.filter(isPlausible).length / measured.length) } : {}),
    live: rounded(freshMs(input) / (to - from)),
  }
  return { from, to, ...parts, score: Math.min(...Object.values(parts)) }
}
