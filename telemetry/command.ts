import { z } from 'zod'
import { dayMs } from './durations.ts'
import { plainText } from './plain-text.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'

const until = { until: timestampSchema.optional().describe('epoch ms at which the lamp goes back to its schedule') }
const level = { level: z.number().min(0).max(1).describe('share of full light') }
const automatic = z.object({ action: z.literal('automatic') }).describe('back to its schedule')

/** An order that overrides the schedule of a lamp. Without `until` it holds until the next command. */
export const manualOrderSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('on'), ...until }),
  z.object({ action: z.literal('off'), ...until }),
  z.object({ action: z.literal('dim'), ...level, ...until }),
])

/** What a lamp may be asked to do. */
export const lampOrderSchema = z.discriminatedUnion('action', [...manualOrderSchema.options, automatic])
export type LampOrder = z.infer<typeof lampOrderSchema>

/** When an order ends that names no time: at the next switching of the lamps' schedule, or with the next command. */
const orderEndSchema = z.enum(['next-switching', 'next-command'])

const end = {
  until: z
    .union([timestampSchema, orderEndSchema])
    .default('next-switching')
    .describe(
      'when the lamps go back to their schedule: epoch ms, `next-switching` (the next sunset or sunrise, by the last of the lamps) or `next-command`',
    ),
}

/** An order as it is asked for: the api reckons when it ends. */
const orderRequestSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('on'), ...end }),
  z.object({ action: z.literal('off'), ...end }),
  z.object({ action: z.literal('dim'), ...level, ...end }),
  automatic,
])
export type OrderRequest = z.infer<typeof orderRequestSchema>

/** Payload of a lamp's `cmd` topic: flat JSON such as `{"id":"…","action":"dim","level":0.4}`. */
export const commandSchema = z.intersection(z.object({ id: idSchema }), lampOrderSchema)
export type Command = z.infer<typeof commandSchema>

/** Payload of the `ack` topic: the device's answer to the command with this id. */
export const acknowledgementSchema = z.discriminatedUnion('ok', [
  z.object({ id: idSchema, ok: z.literal(true) }),
  z.object({ id: idSchema, ok: z.literal(false), error: plainText.min(1).max(200) }),
])
export type Acknowledgement = z.infer<typeof acknowledgementSchema>

/** The share of full light that an order asks for; undefined for the schedule's own. */
export function levelOf(order: LampOrder): number | undefined {
  if (order.action === 'automatic') return undefined
  return order.action === 'dim' ? order.level : order.action === 'on' ? 1 : 0
}

/** Most lamps in one command: what the audit log says of it fits into one event of every store (64 kB in InfluxDB). */
export const maxLampsPerCommand = 500

/** ms that an order may last at most: 30 days */
export const maxOrderMs = 30 * dayMs

/** Body of `POST /api/v1/commands`. */
export const commandRequestSchema = z.object({
  sensors: z
    .array(idSchema)
    .min(1)
    .max(maxLampsPerCommand)
    .refine((ids) => new Set(ids).size === ids.length, {
      message: 'names a lamp twice',
      params: { fault: { code: 'NAMED_TWICE', params: {} } },
    }),
  order: orderRequestSchema,
  comment: plainText.max(500).optional(),
})
export type CommandRequest = z.infer<typeof commandRequestSchema>

/**
 * How far a command has come with one lamp. `sent`: on its way; `timed-out`: the lamp did not answer in time; `unsent`: the
 * broker was lost before it took the command.
 */
export const deliverySchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('sent') }),
  z.object({ state: z.literal('acknowledged'), afterMs: z.number().int().min(0) }),
  z.object({ state: z.literal('refused'), reason: z.string() }),
  z.object({ state: z.literal('timed-out') }),
  z.object({ state: z.literal('unsent') }),
])
export type Delivery = z.infer<typeof deliverySchema>

/** Whether nothing more will come of it. */
export const isOver = ({ state }: Delivery): boolean => state !== 'sent'

/** A command, and how far it has come with each of its lamps. On the live feed `lamps` holds those that have changed. */
export const commandRecordSchema = z.object({
  id: idSchema,
  /** epoch ms */
  at: timestampSchema,
  /** name of the person */
  by: z.string(),
  order: lampOrderSchema,
  comment: z.string().optional(),
  /** by id of the lamp */
  lamps: z.record(idSchema, deliverySchema),
})
export type CommandRecord = z.infer<typeof commandRecordSchema>

/** Answer of `GET /api/v1/commands`, newest first. */
export const commandsResponse = z.object({ commands: z.array(commandRecordSchema) })
