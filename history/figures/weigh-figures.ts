import type { Span } from '#storage/roll-up/spans.ts'
import type { RollUpQuery, RollUpStorage } from '#storage/roll-ups.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { QuestionWindow } from '#telemetry/history-question.ts'
import { QuestionRefusal } from '../question/refusal.ts'
import { maxLookedAt } from '../question/weigh-question.ts'
import { countBuckets } from '../question/windows.ts'

/** buckets of all groups in one answer */
const maxFigureBuckets = 20_000
/** hours × counters × values that figures are made of */
const maxCells = 1_000_000

/** How many readings and roll-ups these questions would look at. */
export async function weighQueries(
  store: Pick<RollUpStorage, 'weigh'>,
  queries: readonly RollUpQuery[],
): Promise<number> {
  let weight = 0
  for (const query of queries) {
    if (query.members.length === 0 || query.edges.length < 2) continue
    const { readings, rollUps } = await store.weigh(query)
    weight += readings + rollUps
  }
  return weight
}

/**
 * @param most readings and roll-ups that may be looked at
 * @throws QuestionRefusal when figures would look at more, with how many days of the span would do
 */
export function checkWeight(weight: number, { from, to }: Span, most = maxLookedAt): void {
  if (weight <= most) return
  const days = Math.floor(((to - from) / dayMs) * (most / weight))
  throw new QuestionRefusal('TOO_MUCH_ASKED', {
    code: 'TOO_MANY_READINGS_ASKED',
    params: { readings: weight, most, ...(days >= 1 && { days }) },
  })
}

/** @throws QuestionRefusal when figures would be made of too many cells */
export function checkCells(cells: number): void {
  if (cells <= maxCells) return
  throw new QuestionRefusal('TOO_MUCH_ASKED', { code: 'TOO_MANY_FIGURES', params: { figures: cells, most: maxCells } })
}

/** How many buckets a span has in each of these windows, the finest first, from the one asked for on; about. */
export function windowCounts<Name extends string>(
  windows: readonly Name[],
  asked: Name,
  { from, to }: Span,
): Map<Name, number> {
  const counts = windows.map((window): [Name, number] => {
    const step = window === 'night' ? '1d' : (window as QuestionWindow) // windows of figures are of those but for nights
    return [window, countBuckets(step, { from, to })]
  })
  return new Map(counts.slice(windows.indexOf(asked)))
}

/**
 * @param countOf buckets of the span in each of the windows, the finest first, from the one that is asked for on
 * @throws QuestionRefusal when a series would have too many buckets, with the coarser window that would do
 */
export function checkBuckets(groups: number, countOf: ReadonlyMap<string, number>): void {
  const [asked = 0] = countOf.values()
  const figures = groups * asked
  if (figures <= maxFigureBuckets) return
  const window = [...countOf].find(([, buckets]) => groups * buckets <= maxFigureBuckets)?.[0]
  throw new QuestionRefusal('TOO_MUCH_ASKED', {
    code: 'TOO_MANY_FIGURES',
    params: { figures, most: maxFigureBuckets, ...(window !== undefined && { window }) },
  })
}
