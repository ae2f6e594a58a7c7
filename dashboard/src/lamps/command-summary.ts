import type { CommandRecord, Delivery } from '#telemetry/command.ts'

/** How far one order has come, over all the commands it took. */
export interface CommandSummary {
  total: number
  acknowledged: number
  /** lamps that have not answered yet */
  awaited: number
  /** lamps that will not do it, and why, in the order they were named */
  failed: { lamp: string; delivery: Extract<Delivery, { state: 'refused' | 'timed-out' | 'unsent' }> }[]
  /** ms until the slowest lamp that has answered did */
  slowestMs: number
}

/** Sums up the commands of one order. */
export function summarize(records: readonly CommandRecord[]): CommandSummary {
  const summary: CommandSummary = { total: 0, acknowledged: 0, awaited: 0, failed: [], slowestMs: 0 }
  for (const [lamp, delivery] of records.flatMap(({ lamps }) => Object.entries(lamps))) {
    summary.total += 1
    if (delivery.state === 'sent') summary.awaited += 1
    else if (delivery.state === 'acknowledged') {
      summary.acknowledged += 1
      summary.slowestMs = Math.max(summary.slowestMs, delivery.afterMs)
    } else summary.failed.push({ lamp, delivery })
  }
  return summary
}
