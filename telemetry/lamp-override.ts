import { z } from 'zod'
import { lampOrderSchema, levelOf, manualOrderSchema } from './command.ts'
import type { Cause, Failure } from './conditions/conditions.ts'
import { type KindCause, kindOf, kindSchema } from './kinds.ts'
import { measuredValuesOf } from './measured-values.ts'
import { staleAfterMs } from './period.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import type { SensorState } from './sensor.ts'

/** An order that a lamp has acknowledged: body of an event of the stream `lamp-order`. Of two of one lamp the later one counts. */
export const acknowledgedOrderSchema = z.object({
  sensor: idSchema,
  district: idSchema,
  kind: kindSchema,
  /** id of the command */
  command: idSchema,
  order: lampOrderSchema,
  /** name of the person or program */
  by: z.string(),
  /** when the lamp acknowledged it, epoch ms */
  since: timestampSchema,
  comment: z.string().optional(),
})
export type AcknowledgedOrder = z.infer<typeof acknowledgedOrderSchema>

/**
 * A lamp that does not follow its schedule but an order: a manual override. It begins when the lamp has acknowledged the order and ends at
 * the order's `until`, when the lamp has acknowledged that it is back on its schedule, or with the next order.
 */
export const lampOverrideSchema = acknowledgedOrderSchema.extend({ order: manualOrderSchema })
export type LampOverride = z.infer<typeof lampOverrideSchema>

/** The manual override that an acknowledged order is at a time (epoch ms); undefined when the lamp follows its schedule. */
export function overrideOf(acknowledged: AcknowledgedOrder | undefined, now: number): LampOverride | undefined {
  if (!acknowledged || acknowledged.order.action === 'automatic') return undefined
  const { order } = acknowledged
  return order.until === undefined || order.until > now ? { ...acknowledged, order } : undefined
}

/** Whether an override is why an alert of this cause is raised, a sensor fails in this way or has this finding: its kind says so. */
export function explainsCause(
  { order, kind }: Pick<LampOverride, 'order' | 'kind'>,
  cause: Cause | Failure | KindCause,
) {
  return kindOf(kind).isExplainedByOrder?.(cause, levelOf(order) ?? 0) ?? false
}

/**
 * Whether the newest reading of a lamp contradicts the order that it acknowledged: it forgot it, or does not obey. A lamp has three of
 * its periods to begin.
 */
export function contradictsOrder(
  { order, since, kind }: LampOverride,
  { reading, meta }: Pick<SensorState, 'reading' | 'meta'>,
): boolean {
  if (!reading || reading.kind !== kind || reading.ts <= since + staleAfterMs(meta)) return false
  return kindOf(kind).isFollowingOrder?.(measuredValuesOf(reading), meta, levelOf(order) ?? 0) === false
}

/** Most overrides in one answer of `GET /api/v1/lamps/overrides`. */
export const maxOverridesOfAnswer = 5_000

/** Answer of `GET /api/v1/lamps/overrides`, the newest first; `total` counts all that fit. */
export const lampOverridesResponse = z.object({
  now: timestampSchema,
  total: z.number().int(),
  overrides: z.array(lampOverrideSchema),
})
export type LampOverridesResponse = z.infer<typeof lampOverridesResponse>
