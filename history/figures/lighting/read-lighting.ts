import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { Member, RollUpStorage } from '#storage/roll-ups.ts'
import { darkShare } from '#telemetry/kinds/lighting/lamp.ts'
import { edgesOf, type TimeBucket } from '../../time-buckets.ts'
import { Lots } from '../lots.ts'
import type { SunSpan } from './nights.ts'
import type { Ordered, OrderedSpan } from './ordered-spans.ts'

/** the kind that these figures are of */
export const lightingKind = 'lighting'

/** What of a lamp its figures need. */
export interface LampFacts {
  /** W */
  nominalPower?: number | undefined
  /** h */
  ratedHours: number
  /** which lamps have the same sun: they stand near one another */
  place: string
  /** whether its readings have a power: otherwise what it says of itself counts */
  measuresPower: boolean
}

/** Which lamps to read. */
export interface LightingQuery extends Span {
  members: readonly Member[]
  factsOf(sensor: string): LampFacts
  /** the span cut at night and day, at each place */
  sunAt(place: string): readonly SunSpan[]
  /** what was ordered of a lamp in a span */
  orderedOf(sensor: string, span: Span): readonly OrderedSpan[]
  /** the buckets of the series, in which spans of the sun are cut too */
  buckets: readonly TimeBucket[]
}

/** For how long the lamps of one group burned in a part of a bucket that has one light; ms. */
export interface Burning {
  group: number
  start: number
  light: SunSpan['light']
  ordered: Ordered
  burningMs: number
  knownMs: number
}

type Lot = { group: number; place: string; limit: number; ordered: Ordered }

/** Lamps that are alike: of one group, place, nominal power and what was ordered of them. */
function lotsOf({ members, from: begin, to: end, factsOf, orderedOf }: LightingQuery): Map<string, Lots<Lot>> {
  const byQuestion = new Map<string, Lots<Lot>>()
  for (const { sensor, group, from = begin, to = end } of members) {
    const { nominalPower = 0, place } = factsOf(sensor)
    const limit = darkShare * nominalPower
    const question = `${place}/${limit}`
    const lots = byQuestion.get(question) ?? new Lots<Lot>()
    byQuestion.set(question, lots)
    for (const { ordered, ...span } of orderedOf(sensor, { from, to }))
      lots.add(`${group}/${ordered}`, { group, place, limit, ordered }, { sensor, ...span })
  }
  return byQuestion
}

/** Spans of the sun, cut where buckets begin. */
export function cutByBuckets(spans: readonly SunSpan[], buckets: LightingQuery['buckets']): SunSpan[] {
  const cuts = buckets.map(({ start }) => start)
  const cut: SunSpan[] = []
  let next = 0
  for (const { light, ...span } of spans) {
    let { from } = span
    while ((cuts[next] ?? Number.POSITIVE_INFINITY) <= from) next += 1
    for (; (cuts[next] ?? Number.POSITIVE_INFINITY) < span.to; next++) {
      const at = cuts[next] ?? span.to
      cut.push({ from, to: at, light })
      from = at
    }
    cut.push({ from, to: span.to, light })
  }
  return cut
}

/** What the store is asked for: lamps of one place and one limit together. */
export function burningQueries(query: LightingQuery) {
  return [...lotsOf(query).values()].flatMap((lots) => {
    const [first] = lots.all
    const spans = first ? cutByBuckets(query.sunAt(first.place), query.buckets) : []
    const edges = edgesOf(spans.map(({ from, to }) => ({ start: from, end: to })))
    if (!first || edges.length < 2) return []
    const lightOf = new Map(spans.map(({ from, light }) => [from, light]))
    const above = { kind: 'lighting', value: 'activePower', members: lots.members, edges, limit: first.limit } as const
    return [{ lots: lots.all, lightOf, above }]
  })
}

/**
 * For how long lamps burned by night and by day, by their measured power: more than {@link darkShare} of the nominal one. Spans without a
 * reading are left out.
 */
export async function readBurning(
  store: Pick<RollUpStorage, 'above'>,
  query: LightingQuery,
  context?: QueryContext,
): Promise<Burning[]> {
  const found: Burning[] = []
  for (const { lots, lightOf, above } of burningQueries(query))
    for (const { group: index, start, aboveMs, coveredMs } of await store.above(above, context)) {
      const lot = lots[index]
      if (!lot) continue
      const light = lightOf.get(start) ?? 'twilight'
      found.push({ group: lot.group, start, light, ordered: lot.ordered, burningMs: aboveMs, knownMs: coveredMs })
    }
  return found
}
