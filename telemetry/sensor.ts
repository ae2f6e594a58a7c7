import { z } from 'zod'
import { kindSchema } from './kinds.ts'
import { idSchema, readingSchema, timestampSchema } from './reading.ts'

/** Longitude and latitude, degrees, WGS 84. */
export const positionSchema = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])

const name = z.string().trim().min(1).max(120)

/** What a sensor says of itself once, retained under its `meta` topic. */
export const sensorMetaSchema = z.object({
  name: z.object({ vi: name, en: name }),
  position: positionSchema,
  /** id of the ward it stands in */
  ward: idSchema.optional(),
  /** id of the road it watches */
  road: idSchema.optional(),
  model: z.string().max(120).optional(),
  /** seconds between two readings; a sensor is stale after three of them */
  period: z.number().min(0.1).max(86_400),
  /** km/h, traffic only: speed of free flow at this place */
  freeFlowSpeed: z.number().min(1).max(200).optional(),
  /** W, lighting only: nominal power at full light */
  nominalPower: z.number().min(1).max(2_000).optional(),
})
export type SensorMeta = z.infer<typeof sensorMetaSchema>

/** Payload of a sensor's retained `status` topic, as plain text; `offline` is its last will. */
export const connectionSchema = z.enum(['online', 'offline'])
export type Connection = z.infer<typeof connectionSchema>

/** All the platform knows of a sensor now. */
export const sensorStateSchema = z.object({
  id: idSchema,
  district: idSchema,
  kind: kindSchema,
  meta: sensorMetaSchema.optional(),
  /** absent until the sensor has said so */
  connection: connectionSchema.optional(),
  /** newest reading; absent until the first */
  reading: readingSchema.optional(),
  /** when the platform took the newest reading in, epoch ms */
  arrivedAt: timestampSchema.optional(),
})
export type SensorState = z.infer<typeof sensorStateSchema>

/** Assumed period of a sensor that has sent no meta, s. */
export const defaultPeriod = 60

/** `offline`: said so itself, or its last will did. `stale`: silent for more than three periods. `waiting`: no reading yet. */
export type Freshness = 'fresh' | 'stale' | 'offline' | 'waiting'

/** How current a sensor's newest reading is at `now` (epoch ms). Judged by the time of measuring. */
export function freshness(state: Pick<SensorState, 'connection' | 'meta' | 'reading'>, now: number): Freshness {
  if (state.connection === 'offline') return 'offline'
  if (!state.reading) return 'waiting'
  return now > staleAt(state) ? 'stale' : 'fresh'
}

/** The moment (epoch ms) at which a sensor's newest reading stops being fresh. */
export function staleAt(state: Pick<SensorState, 'meta' | 'reading'>): number {
  return (state.reading?.ts ?? 0) + 3_000 * (state.meta?.period ?? defaultPeriod)
}
