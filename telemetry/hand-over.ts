import { z } from 'zod'
import { alertIdSchema, alertStateSchema } from './alert.ts'
import { prioritySchema } from './alert-rule.ts'
import { kindSchema } from './kinds.ts'
import { lampOverrideSchema } from './lamp-override.ts'
import { wordsSchema } from './language.ts'
import { callerNameSchema as person } from './people.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

const place = { district: idSchema, ward: idSchema.optional() }

/** Most items of a hand-over's list; of a longer one the first, and how many there are. */
export const maxHandOverItems = 200
/** Most bytes of such a list as JSON: with all of them full a hand-over fits into one request and one event of every store (1 MB). */
export const maxHandOverBytes = { open: 300_000, shelved: 250_000, overridden: 150_000, offline: 100_000 } as const

/** Somebody on duty, since when (epoch ms). */
export const onDutySchema = z.object({ person, since: timestampSchema })
export type OnDuty = z.infer<typeof onDutySchema>

/** An alert as a hand-over lists it. Times are epoch ms. */
const alertItemSchema = z.object({
  id: alertIdSchema,
  name: wordsSchema,
  priority: prioritySchema,
  state: alertStateSchema,
  /** the first of its sensors, and how many there are */
  sensor: idSchema,
  sensors: z.number().int().min(1),
  /** of that sensor, when it has said */
  sensorName: wordsSchema.optional(),
  ...place,
  raisedAt: timestampSchema,
  acknowledged: z.object({ by: person, at: timestampSchema, comment: z.string() }).optional(),
  /** the person or team it was given to, by whom, with what note */
  assigned: z.object({ name: person, by: person, at: timestampSchema, comment: z.string() }).optional(),
  shelved: z.object({ by: person, at: timestampSchema, until: timestampSchema, comment: z.string() }).optional(),
})
export type AlertItem = z.infer<typeof alertItemSchema>

/** A sensor that is offline, or silent for more than three periods. */
const silentSensorSchema = z.object({
  sensor: idSchema,
  name: wordsSchema.optional(),
  kind: kindSchema,
  ...place,
  freshness: z.enum(['stale', 'offline']),
  /** when its newest reading came, epoch ms; absent when it has none */
  heardAt: timestampSchema.optional(),
})
export type SilentSensor = z.infer<typeof silentSensorSchema>

/** A lamp that follows an order instead of its schedule. */
const overriddenLampSchema = lampOverrideSchema.extend({ name: wordsSchema.optional(), ward: idSchema.optional() })
export type OverriddenLamp = z.infer<typeof overriddenLampSchema>

const list = <Item extends z.ZodType>(item: Item) => ({ total: z.number().int(), items: z.array(item) })

/** What a shift hand-over lists, of one moment. */
export const handOverSnapshotSchema = z.object({
  /** epoch ms */
  at: timestampSchema,
  /** when the hand-over before this one was signed; absent when there was none: then notes are of the last 24 h */
  since: timestampSchema.optional(),
  /** whether the part that watches answered: when not, alerts are as they were last known */
  watching: z.boolean(),
  onDuty: z.array(onDutySchema),
  /** open alerts that are not shelved, by priority and then the last raised first; `critical`: how many of priority 1 */
  open: z.object({ ...list(alertItemSchema), critical: z.number().int() }),
  /** by when they return */
  shelved: z.object(list(alertItemSchema)),
  /** those commanded last first; none in hand-overs of older releases */
  overridden: z.object(list(overriddenLampSchema)).default({ total: 0, items: [] }),
  /** those last heard first */
  offline: z.object(list(silentSensorSchema)),
  /** ids of the notes and corrections that the hand-over before does not list, newest first */
  notes: z.object(list(z.string())),
})
export type HandOverSnapshot = z.infer<typeof handOverSnapshotSchema>
