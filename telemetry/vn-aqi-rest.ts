import { z } from 'zod'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { pollutants } from './vn-aqi.ts'

const index = z.number().int().min(0).max(500)

const hours = z.number().int().min(0)

/** Why a station has no hourly VN_AQI. */
export const noVnAqiSchema = z.discriminatedUnion('code', [
  /** it sent nothing in the last hours that the index looks at */
  z.object({ code: z.literal('NO_READINGS'), params: z.object({ hours }) }),
  /** it measures neither PM2.5 nor PM10, one of which the decision asks for */
  z.object({ code: z.literal('NO_PARTICULATES'), params: z.object({}) }),
  /** so many of the newest hours (`of`) have enough readings of PM2.5 or PM10, and `needed` must have them */
  z.object({ code: z.literal('TOO_FEW_HOURS'), params: z.object({ complete: hours, needed: hours, of: hours }) }),
])
export type NoVnAqi = z.infer<typeof noVnAqiSchema>

/** Answer of `GET /api/v1/air-quality`: the hourly VN_AQI of every station that has enough readings for one, and why others have none. */
export const vnAqiResponse = z.object({
  /** the end of the newest whole hour that it is made of, epoch ms */
  asOf: timestampSchema,
  stations: z.array(
    z.object({
      sensor: idSchema,
      index,
      /** the parameter that gave the index */
      worst: z.enum(pollutants),
      subIndices: z.partialRecord(z.enum(pollutants), index),
    }),
  ),
  /** stations without an index, and why; absent from an older release */
  without: z.array(z.object({ sensor: idSchema, reason: noVnAqiSchema })).default([]),
})
export type VnAqiResponse = z.infer<typeof vnAqiResponse>
