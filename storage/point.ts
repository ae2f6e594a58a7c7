import { valueStateSchema } from '#telemetry/device-state.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import type { Point } from './store.ts'

/** A point of a history with the state that a store found, if it is one. */
export function pointOf(ts: number, value: Value, state: unknown): Point {
  if (state === null || state === undefined) return { ts, value }
  const { data } = valueStateSchema.safeParse(state)
  return data === undefined ? { ts, value } : { ts, value, state: data }
}
