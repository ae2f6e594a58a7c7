import { z } from 'zod'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { pollutants } from './vn-aqi.ts'

const index = z.number().int().min(0).max(500)

/** Answer of `GET /api/v1/air-quality`: the hourly VN_AQI of every station that has enough readings for one. */
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
})
export type VnAqiResponse = z.infer<typeof vnAqiResponse>
