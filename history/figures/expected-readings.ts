import type { ReportingSteps } from '#storage/reporting-steps.ts'
import type { Member } from '#storage/roll-ups.ts'
import { expectedOf } from '../question/expectation.ts'
import type { FigureBucket } from './figure-buckets.ts'
import { rounded } from './rounding.ts'

interface CoverageQuery {
  steps: Pick<ReportingSteps, 'stretches'>
  members: readonly Member[]
  /** in order */
  buckets: readonly FigureBucket[]
  /** epoch ms */
  now: number
}

/**
 * The share of readings that were to be expected of a group in a bucket (by its index) which there are, at most 1; undefined
 * where none was to be expected.
 */
export function coverageReader(
  query: CoverageQuery,
): (group: number, bucket: number, readings: number) => number | undefined {
  const buckets = query.buckets.map(({ start, end }) => ({ start, end, isOpen: false }))
  const expected = expectedOf({ ...query, buckets, simulated: new Set() })
  return (group, bucket, readings) => {
    const { readings: all = 0, ms = 0 } = expected.get(group)?.[bucket] ?? {}
    if (ms === 0) return undefined
    // a reading more or less is a matter of where the bucket begins
    return rounded(Math.min(1, readings / Math.max(1, Math.floor(all + 1e-6))), 4)
  }
}
