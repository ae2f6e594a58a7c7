import { z } from 'zod'
import { clockFaultSchema } from './clock.ts'
import { connectionWords } from './glossary/connection.ts'
import { wordedEnum } from './glossary/worded-enum.ts'
import { commonMeta, refuseIn } from './kinds/define-kind.ts'
import { kindOf, kindSchema, kinds, metaOfKinds } from './kinds.ts'
import { newestReadingSchema } from './reading.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** What a sensor says of itself once, retained under its `meta` topic. */
export const sensorMetaSchema = z.object({ ...commonMeta, ...metaOfKinds })
export type SensorMeta = z.infer<typeof sensorMetaSchema>

/** The same as it must be when a sensor says it anew: what it holds agrees. */
export const consistentMetaSchema = sensorMetaSchema.superRefine((meta, context) => {
  for (const kind of kinds) {
    const { checkMeta, refusals } = kindOf(kind)
    checkMeta?.(meta, refuseIn(context, refusals))
  }
})

/** Payload of a sensor's retained `status` topic, as plain text; `offline` is its last will. */
export const connectionSchema = wordedEnum(['online', 'offline'], connectionWords)
export type Connection = z.infer<typeof connectionSchema>

/** What is held of a sensor's values. */
export const newestShape = {
  /** the newest of every value, with the time of the newest; absent until the first */
  reading: newestReadingSchema.optional(),
  /** when the platform took the newest of them in, epoch ms */
  arrivedAt: timestampSchema.optional(),
  /** when each value was measured, and arrived, that is older than the newest; absent when none is */
  valueTimes: z.record(z.string(), z.object({ ts: timestampSchema, arrivedAt: timestampSchema.optional() })).optional(),
}

/** All the platform knows of a sensor now. */
export const sensorStateSchema = z.object({
  id: idSchema,
  district: idSchema,
  kind: kindSchema,
  meta: sensorMetaSchema.optional(),
  /** absent until the sensor has said so */
  connection: connectionSchema.optional(),
  ...newestShape,
  /** absent while its clock is right; readings of one that is ahead are never the newest */
  clock: clockFaultSchema.optional(),
})
export type SensorState = z.infer<typeof sensorStateSchema>
