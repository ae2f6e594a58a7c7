import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import { transition } from './alarm-state.ts'

/** An alert was on somebody's screen: who, and when that is noted (epoch ms). Undefined when it has been seen before. */
export function markSeen(alert: Alert, by: string, now: number): AlertEvent | undefined {
  return alert.seen ? undefined : transition('seen', alert, now, { seen: { by, at: now } })
}
