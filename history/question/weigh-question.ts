import type { ReportingSteps } from '#storage/reporting-steps.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { QuestionWindow } from '#telemetry/history-question.ts'
import { edgesOf } from '../time-buckets.ts'
import { expectedOf } from './expectation.ts'
import { maxBuckets, type QuestionPlan } from './plan.ts'
import type { RollUpReader } from './read-cells.ts'
import { QuestionRefusal } from './refusal.ts'
import { isPercentile } from './resolve-question.ts'
import { bucketsOf, coarserWindows, type QuestionBucket } from './windows.ts'

/** readings and roll-ups that one question may look at */
export const maxLookedAt = 10_000_000

/** Windows whose buckets are answered from roll-ups: coarser ones cost about the same as one of these. */
const rolledUp: readonly QuestionWindow[] = ['1h', '1d', '1mo']

/** Readings that were to be expected in all: as many as a question that goes by readings alone looks at, about. */
function expectedReadings({ members, buckets, now }: QuestionPlan, steps: ReportingSteps): number {
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (!first || !last) return 0
  const whole = [{ start: first.start, end: last.end, isOpen: false }]
  const groups = expectedOf({ steps, members, buckets: whole, simulated: new Set(), now })
  return [...groups.values()].reduce((sum, [one]) => sum + (one?.readings ?? 0), 0)
}

/** What the store says that it would look at for one value, in runs of at most so many buckets as it answers at once. */
async function weighBuckets(store: RollUpReader, plan: QuestionPlan, buckets: readonly QuestionBucket[]) {
  const [info] = plan.values
  let sum = 0
  for (let at = 0; at < buckets.length && info; at += maxBuckets) {
    const edges = edgesOf(buckets.slice(at, at + maxBuckets))
    const { readings, rollUps } = await store.weigh({ kind: plan.kind, value: info.name, members: plan.members, edges })
    sum += readings + rollUps
  }
  return sum
}

/**
 * How many readings and roll-ups a question will look at, about.
 * @throws QuestionRefusal when they are too many, with the coarser window or the shorter span that would do
 */
export async function weighQuestion(store: RollUpReader, plan: QuestionPlan, steps: ReportingSteps): Promise<number> {
  const { values, functions, window, zone, span, now, earlier } = plan
  const times = values.length * (earlier ? 2 : 1)
  const isOfReadings = functions.some(isPercentile) || functions.includes('shareAbove')
  const read = isOfReadings ? expectedReadings(plan, steps) : 0
  const weightOf = async (buckets: readonly QuestionBucket[]) =>
    Math.round((read + (await weighBuckets(store, plan, buckets))) * times)
  const weight = await weightOf(plan.buckets)
  if (weight <= maxLookedAt) return weight
  const params = { readings: weight, most: maxLookedAt }
  const refuse = (would: { window?: QuestionWindow; days?: number }) =>
    new QuestionRefusal('TOO_MUCH_ASKED', { code: 'TOO_MANY_READINGS_ASKED', params: { ...params, ...would } })
  if (read * times <= maxLookedAt && window !== undefined)
    for (const coarser of coarserWindows(window).filter((one) => rolledUp.includes(one)))
      if ((await weightOf(bucketsOf(coarser, zone, span, now))) <= maxLookedAt) throw refuse({ window: coarser })
  const days = Math.floor(((Math.min(span.to, now) - span.from) / dayMs) * (maxLookedAt / weight))
  throw refuse(days >= 1 ? { days } : {})
}
