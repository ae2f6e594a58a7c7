import type { ReportingStretch } from '#storage/reporting-steps.ts'
import type { TimeBucket } from '../../time-buckets.ts'

/**
 * How many readings a sensor should have sent in each of these spans, which are in order: one a step. May be broken numbers. What
 * `question/expectation.ts` adds up for whole groups is rounded on the way: an hour that has 75 % of its readings must not fail by that.
 */
export function expectedPerHour(spans: readonly TimeBucket[], stretches: readonly ReportingStretch[]): number[] {
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
