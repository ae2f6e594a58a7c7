import { z } from 'zod'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { sensorMetaSchema } from './sensor.ts'

const seconds = sensorMetaSchema.shape.period

/**
 * Body of an event of the stream `period`: from the event's time on a sensor's readings are of so many seconds. `before` is what
 * they were of until then; absent in the first one of a sensor.
 */
export const periodEventSchema = z.object({ sensor: idSchema, seconds, before: seconds.optional() })
export type PeriodEvent = z.infer<typeof periodEventSchema>

/** From when on (epoch ms) the readings of a sensor are of so many seconds. */
export const reportingPeriodSchema = z.object({
  from: timestampSchema,
  seconds,
  /** nobody noted it then: it is the first that is known of the sensor */
  assumed: z.literal(true).optional(),
})
export type ReportingPeriod = z.infer<typeof reportingPeriodSchema>
