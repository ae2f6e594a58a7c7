import { z } from 'zod'
import { clockFaultSchema } from './clock.ts'
import { connectionWords } from './glossary/connection.ts'
import { wordedEnum } from './glossary/worded-enum.ts'
import { commonMeta } from './kinds/define-kind.ts'
import { kindSchema, metaOfKinds } from './kinds.ts'
import type { Newest, ValueTime } from './newest.ts'
import { newestReadingSchema, type Reading, valuesOf } from './reading.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** What a sensor says of itself once, retained under its `meta` topic. */
export const sensorMetaSchema = z.object({ ...commonMeta, ...metaOfKinds })
export type SensorMeta = z.infer<typeof sensorMetaSchema>

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

/** Assumed period of a sensor that has sent no meta, s. */
export const defaultPeriod = 60

/** `offline`: said so itself, or its last will did. `stale`: silent for more than three periods. `waiting`: no reading yet. */
export type Freshness = 'fresh' | 'stale' | 'offline' | 'waiting'

type Current = Pick<SensorState, 'connection' | 'meta' | 'reading' | 'arrivedAt'>

/** How current a sensor's newest reading is at `now` (epoch ms). Judged by its arrival. */
export function freshness(state: Current, now: number): Freshness {
  if (state.connection === 'offline') return 'offline'
  if (!state.reading) return 'waiting'
  return now > staleAt(state) ? 'stale' : 'fresh'
}

/** The moment (epoch ms) at which a sensor's newest reading stops being fresh. */
export function staleAt(state: Omit<Current, 'connection'>): number {
  if (!state.reading) return patienceOf(state.meta)
  return valueStaleAt({ ts: state.reading.ts, arrivedAt: state.arrivedAt }, state.meta)
}

/** The moment (epoch ms) at which a value stops being fresh. */
export function valueStaleAt({ ts, arrivedAt }: ValueTime, meta: SensorMeta | undefined): number {
  return (arrivedAt ?? ts) + patienceOf(meta)
}

/** ms after which what a sensor has told is stale */
function patienceOf(meta: SensorMeta | undefined): number {
  return 3_000 * (meta?.period ?? defaultPeriod)
}

/** A sensor's newest reading without the values that are stale at `now` (epoch ms) although the sensor goes on. */
export function freshReading(state: Newest & Pick<SensorState, 'meta'>, now: number): Reading | undefined {
  const { reading, valueTimes, meta } = state
  if (!reading || !valueTimes) return reading
  const stale = Object.entries(valueTimes).filter(([, time]) => now > valueStaleAt(time, meta))
  if (stale.length === 0) return reading
  const names = new Set(stale.map(([name]) => name))
  const values = Object.fromEntries(Object.entries(valuesOf(reading)).filter(([name]) => !names.has(name)))
  return { ...reading, values } as Reading // values of the same kind, fewer of them
}
