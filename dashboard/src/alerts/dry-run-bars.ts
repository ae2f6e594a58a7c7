import type { DryRunResponse } from '#telemetry/alert-rest.ts'
import { hourMs } from '#telemetry/durations.ts'

/** ms of one bar: a quarter of a day */
export const barMs = 6 * hourMs

/** How many alerts began in each bar of a dry run's span, the earliest first. */
export function barsOf({ from, to, alerts }: Pick<DryRunResponse, 'from' | 'to' | 'alerts'>): number[] {
  const bars = Array.from({ length: Math.max(1, Math.ceil((to - from) / barMs)) }, () => 0)
  for (const { raisedAt } of alerts) {
    const at = Math.floor((raisedAt - from) / barMs)
    const held = bars[at]
    if (held !== undefined) bars[at] = held + 1
  }
  return bars
}
