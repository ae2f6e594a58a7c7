import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { RollUpCell, RollUpStorage } from '#storage/roll-ups.ts'
import type { QualityTerms } from '#telemetry/figures/quality-figures.ts'
import { edgesOf } from '../../time-buckets.ts'
import type { FigureBucket } from '../figure-buckets.ts'
import { Lots } from '../lots.ts'
import { addStates } from '../reading-state.ts'
import type { MembersOfKind, QualityRequest } from './quality-request.ts'
import { noTerms } from './quality-terms.ts'

/** The terms of one sensor in one group, in the order of the buckets. */
export interface SensorTerms {
  group: number
  sensor: string
  buckets: QualityTerms[]
}

/** A sensor in a group, and when it was there. */
type Stay = { group: number; sensor: string; spans: Span[] }

const readingsOf = ({ count, excluded }: RollUpCell) => Object.values(excluded).reduce((sum, each) => sum + each, count)

/**
 * How many readings of each sensor there are and were to be expected, and for how long the newest was fresh, by roll-ups. A reading may
 * lack some of the values: a sensor has as many readings as the value that most of them have. Readings that are left out of figures
 * (calibrating, a wrong clock …) came all the same, and are taken to be fresh for one step each.
 */
export async function readTerms(
  store: Pick<RollUpStorage, 'rollUps'>,
  { kind, members, values }: MembersOfKind,
  { from: begin, to: end, steps }: Pick<QualityRequest, 'from' | 'to' | 'steps'>,
  buckets: readonly FigureBucket[],
  context?: QueryContext,
): Promise<SensorTerms[]> {
  const lots = new Lots<Stay>()
  for (const { group, ...member } of members) {
    const { sensor, from = begin, to = end } = member
    lots.add(`${group}/${sensor}`, { group, sensor, spans: [] }, member)
    lots.all[lots.members.at(-1)?.group ?? 0]?.spans.push({ from, to })
  }
  const terms = lots.all.map(({ sensor, spans }) => buckets.map((bucket) => expectedIn(steps, sensor, spans, bucket)))
  const edges = edgesOf(buckets)
  const asked = (value: string) => ({ kind, value, members: lots.members, edges, ends: false })
  const indexOf = new Map(buckets.map(({ start }, index) => [start, index]))
  for (const value of values)
    for (const cell of await store.rollUps(asked(value), context)) {
      const found = terms[cell.group]?.[indexOf.get(cell.start) ?? -1]
      const sensor = lots.all[cell.group]?.sensor
      if (!found || sensor === undefined) continue
      const readings = readingsOf(cell)
      const freshMs = cell.coveredMs + (readings - cell.count) * steps.at(sensor, cell.start)
      Object.assign(found, addStates([found, cell]))
      found.readings = Math.max(found.readings, readings)
      found.freshMs = Math.min(found.spanMs, Math.max(found.freshMs, freshMs))
    }
  for (const found of terms.flat()) found.timely = Math.min(found.readings, found.expected)
  return lots.all.map(({ group, sensor }, index) => ({ group, sensor, buckets: terms[index] ?? [] }))
}

/** What was to be expected of a sensor in a bucket, while it was in its group. */
function expectedIn(
  steps: QualityRequest['steps'],
  sensor: string,
  spans: readonly Span[],
  { start, end }: FigureBucket,
): QualityTerms {
  let [spanMs, expected] = [0, 0]
  for (const span of spans) {
    const [from, to] = [Math.max(span.from, start), Math.min(span.to, end)]
    if (from >= to) continue
    spanMs += to - from
    for (const stretch of steps.stretches(sensor, from, to)) expected += (stretch.to - stretch.from) / stretch.stepMs
  }
  // a reading more or less is a matter of where the bucket begins
  return { ...noTerms(), spanMs, expected: spanMs > 0 ? Math.max(1, Math.floor(expected)) : 0 }
}
