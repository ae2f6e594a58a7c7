import type { LampOrder, OrderRequest } from '#telemetry/command.ts'
import { nextSwitching } from '#telemetry/next-switching.ts'
import type { Position } from '#telemetry/position.ts'

/**
 * An order as the lamps get it, with the time at which it ends. Where the next switching is not known, for no lamp has said where
 * it stands or the sun does not rise there, it holds until the next command.
 */
export function resolveOrderEnd(request: OrderRequest, positions: readonly Position[], now: number): LampOrder {
  if (request.action === 'automatic') return request
  const { until: wanted, ...order } = request
  const until = wanted === 'next-switching' ? nextSwitching(positions, now) : wanted
  return until === undefined || until === 'next-command' ? order : { ...order, until }
}
