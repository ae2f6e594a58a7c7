import type { ReportingStretch } from '#storage/reporting-steps.ts'
import type { Span } from '../hour-grid.ts'

/** How many readings a sensor should have sent in each of these spans, which are in order: one a step. May be broken numbers. */
export function expectedPerHour(spans: readonly Span[], stretches: readonly ReportingStretch[]): number[] {
  let at = 0
  return spans.map(({ start, end }) => {
    while (at < stretches.length - 1 && (stretches[at]?.to ?? start) <= start) at += 1
    let expected = 0
    for (let next = at; next < stretches.length; next += 1) {
      const { from, to, stepMs } = stretches[next] ?? { from: end, to: end, stepMs: 1 }
      if (from >= end) break
      expected += Math.max(0, Math.min(to, end) - Math.max(from, start)) / stepMs
    }
    return expected
  })
}
