import { z } from 'zod'
import { alertEventSchema, alertIdSchema, alertSchema } from './alert.ts'
import { clockFaultSchema } from './clock.ts'
import type { CommandRecord } from './command.ts'
import { knownFaults } from './faults/fault-table.ts'
import { requestFaultSchema } from './faults/request-faults.ts'
import { kindSchema } from './kinds.ts'
import { lampOverrideSchema } from './lamp-override.ts'
import type { Right } from './people.ts'
import { unitedReadingSchema } from './reading.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { connectionSchema, newestShape, sensorMetaSchema, sensorStateSchema } from './sensor.ts'
import type { ShiftState } from './shift-rest.ts'

/** A reading on its way to the screens, perhaps united of several messages, with the time it arrived at the broker (epoch ms). */
export const liveReadingSchema = z.object({ reading: unitedReadingSchema, arrivedAt: timestampSchema })
export type LiveReading = z.infer<typeof liveReadingSchema>

/** What ingest publishes on `city/v1/live/{district}`, at most every 100 ms. */
export const liveBatchSchema = z.array(liveReadingSchema)

const ids = z.array(idSchema).max(5_000)

/** Client → server: what to send. A list that is absent means all; the lists narrow one another. */
export const subscribeSchema = z.object({
  districts: ids.optional(),
  kinds: z.array(kindSchema).optional(),
  sensors: ids.optional(),
})
export type Subscription = z.infer<typeof subscribeSchema>

/** Server → client, once after each `subscribe`: everything known of the sensors asked for. */
export const snapshotSchema = z.object({
  /** the server's clock, epoch ms; a screen measures ages with it */
  now: timestampSchema,
  sensors: z.array(sensorStateSchema),
  /** those of them that follow a command instead of their schedule; absent from an older release */
  overrides: z.array(lampOverrideSchema).default([]),
})
export type Snapshot = z.infer<typeof snapshotSchema>

/** The newest of every value of a sensor that has a new one; it replaces what the client holds. */
export const liveNewestSchema = z.object({
  reading: newestShape.reading.unwrap(),
  arrivedAt: timestampSchema,
  valueTimes: newestShape.valueTimes,
})
export type LiveNewest = z.infer<typeof liveNewestSchema>

/** Server → client, at most ten times a second: the newest values of each sensor that has a new one. */
export const readingsSchema = z.object({ now: timestampSchema, readings: z.array(liveNewestSchema) })
export type Readings = z.infer<typeof readingsSchema>

/** Server → client: a sensor came, left, or told something new of itself. */
export const statusSchema = z.object({
  id: idSchema,
  district: idSchema,
  kind: kindSchema,
  connection: connectionSchema.optional(),
  meta: sensorMetaSchema.optional(),
  /** what is wrong with its clock; absent when nothing is */
  clock: clockFaultSchema.optional(),
})
export type Status = z.infer<typeof statusSchema>

/** Server → client: whether the platform's own parts are well. */
export const healthSchema = z.object({
  now: timestampSchema,
  broker: z.boolean(),
  store: z.boolean(),
  /** ms by which the clock of the server's machine has jumped ahead or (negative) back, as far as nobody knows that it is right; absent when it has not */
  clockOffMs: z.number().int().optional(),
})
export type Health = z.infer<typeof healthSchema>

/**
 * Server → client, once after each `subscribe` and whenever there may have been a hole: every open alert of the districts and
 * kinds asked for. It replaces what the client holds.
 */
export const alertsSchema = z.object({
  now: timestampSchema,
  /** whether the part that watches answers; when not, the alerts are as they were last known */
  watching: z.boolean(),
  alerts: z.array(alertSchema),
})
export type Alerts = z.infer<typeof alertsSchema>

/** Server → client: what happened to alerts since, in order. `mergeAlerts` puts it into the list held. */
export const alertChangesSchema = z.object({ now: timestampSchema, events: z.array(alertEventSchema) })
export type AlertChanges = z.infer<typeof alertChangesSchema>

/** Server → client: manual overrides of lamps that have begun or are different, and lamps whose override is over, since the snapshot. */
export const overrideChangesSchema = z.object({
  now: timestampSchema,
  set: z.array(lampOverrideSchema),
  /** ids of lamps */
  ended: z.array(idSchema),
})
export type OverrideChanges = z.infer<typeof overrideChangesSchema>

/** Client → server: alerts that were on the screen of the person, each for a second at least. */
export const seenSchema = z.object({ ids: z.array(alertIdSchema).min(1).max(200) })
export type Seen = z.infer<typeof seenSchema>

/** why an event is refused, as codes: what `error` says in English; absent from an older release */
const faults = knownFaults(requestFaultSchema)

/** Answer to an event of a client that asked for one. */
export const eventAnswerSchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string(), faults }),
])
export type EventAnswer = z.infer<typeof eventAnswerSchema>

/** Server → client: an event that was refused and had not asked for an answer. */
export const refusedSchema = z.object({ event: z.string(), error: z.string(), faults })
export type Refused = z.infer<typeof refusedSchema>

/** Events a client may send on namespace `/live`. */
export interface ClientEvents {
  subscribe: (subscription: Subscription, answer?: (answer: EventAnswer) => void) => void
  seen: (seen: Seen, answer?: (answer: EventAnswer) => void) => void
}

/** What each event asks of who sends it. */
export const rightOfClientEvent = { subscribe: 'see', seen: 'see' } as const satisfies Record<keyof ClientEvents, Right>

/** Events the server sends on namespace `/live`. `health` comes at least every 2 s, so silence means a lost connection. */
export interface ServerEvents {
  snapshot: (snapshot: Snapshot) => void
  readings: (readings: Readings) => void
  status: (status: Status) => void
  health: (health: Health) => void
  alerts: (alerts: Alerts) => void
  alert: (changes: AlertChanges) => void
  /** once after each `subscribe` and whenever it changes: who is on duty, and the newest entry of the shift log */
  shift: (state: ShiftState) => void
  /** which lamps follow a command instead of their schedule, since the snapshot */
  overrides: (changes: OverrideChanges) => void
  refused: (refused: Refused) => void
  /** to who may command lamps: a command, with those of its lamps that have something new */
  command: (progress: CommandRecord) => void
}
