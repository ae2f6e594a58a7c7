import type { QueryContext } from '#storage/query-context.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import {
  type QualityFiguresResponse,
  type QualityTerms,
  qualityFormulas,
  type UnknownPart,
} from '#telemetry/figures/quality-figures.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { quarantineAgeMs } from '#telemetry/quarantine-age.ts'
import { correctedReadings } from '../../corrections/corrected-readings.ts'
import { bucketAt, edgesOf } from '../../time-buckets.ts'
import { type FigureBucket, bucketsOf as windowBuckets } from '../figure-buckets.ts'
import { describeFigureGroup } from '../groups-of-figures.ts'
import { checkCells, checkWeight, weighQueries } from '../weigh-figures.ts'
import { linksOf } from './quality-links.ts'
import type { QualityRequest } from './quality-request.ts'
import { addTerms, byScore, noTerms, scoresOf } from './quality-terms.ts'
import { readJudged } from './read-judged.ts'
import { readRefused } from './read-refused.ts'
import { readTerms, type SensorTerms } from './read-terms.ts'

/** A sensor's terms while it was in a group, with its kind and when that was. */
type KindTerms = SensorTerms & { kind: Kind }

/** Where an event of a sensor is counted: of a sensor that was moved, in the group where it was then. */
class TermsAt {
  readonly #buckets: readonly FigureBucket[]
  readonly #terms = new Map<string, SensorTerms>()
  readonly #stays = new Map<string, { group: number; from: number; to: number }[]>()

  constructor(
    { kinds, from: begin, to: end }: QualityRequest,
    buckets: readonly FigureBucket[],
    all: readonly KindTerms[],
  ) {
    this.#buckets = buckets
    for (const terms of all) this.#terms.set(`${terms.group}/${terms.sensor}`, terms)
    for (const { sensor, group, from = begin, to = end } of kinds.flatMap(({ members }) => members)) {
      const stays = this.#stays.get(sensor) ?? []
      this.#stays.set(sensor, stays)
      stays.push({ group, from, to })
    }
  }

  of(sensor: string, ts: number): QualityTerms[] {
    const at = bucketAt(this.#buckets, ts)
    return (this.#stays.get(sensor) ?? []).flatMap(({ group, from, to }) =>
      ts >= from && ts < to ? (this.#terms.get(`${group}/${sensor}`)?.buckets[at] ?? []) : [],
    )
  }
}

async function addRefused(
  store: TelemetryStore,
  { from, to, now, mostRefused, factsOf }: QualityRequest,
  all: readonly KindTerms[],
  at: TermsAt,
  context?: QueryContext,
): Promise<UnknownPart[]> {
  const keptFrom = now - quarantineAgeMs
  if (from < keptFrom) return [{ part: 'correct', code: 'REFUSED_NOT_KEPT', params: { days: quarantineAgeMs / dayMs } }]
  const sensors = new Map(
    all.flatMap(({ sensor: id, kind }) => {
      const facts = factsOf(id)
      return facts ? [[id, { id, kind, district: facts.district }] as const] : []
    }),
  )
  const found = await readRefused(store, { sensors: [...sensors.values()], from, to, most: mostRefused }, context)
  if (!found) return [{ part: 'correct', code: 'TOO_MANY_REFUSED', params: { most: mostRefused } }]
  for (const terms of all.flatMap(({ buckets }) => buckets)) terms.refused = 0
  for (const [sensor, refused] of found)
    for (const { ts, amount } of refused)
      for (const terms of at.of(sensor, Math.max(ts, from))) terms.refused = (terms.refused ?? 0) + amount
  return []
}

async function addJudged(
  store: TelemetryStore,
  { from, to, mostReadings, factsOf }: QualityRequest,
  all: readonly KindTerms[],
  at: TermsAt,
  context?: QueryContext,
): Promise<UnknownPart[]> {
  const readings = all.flatMap(({ buckets }) => buckets).reduce((sum, terms) => sum + terms.readings, 0)
  const unknown: UnknownPart = { part: 'clean', code: 'TOO_MANY_READINGS', params: { readings, most: mostReadings } }
  if (readings > mostReadings) return [unknown]
  const judged: { sensor: string; ts: number; isPlausible: boolean }[] = []
  let left = mostReadings
  const counting = correctedReadings(store)
  for (const kind of new Set(all.map((terms) => terms.kind))) {
    const sensors = [...new Set(all.filter((terms) => terms.kind === kind).map(({ sensor }) => sensor))]
    const query = { kind, sensors, from, to, most: left, metaOf: (sensor: string) => factsOf(sensor)?.meta }
    const looked = await readJudged(
      counting,
      query,
      (sensor, ts, isPlausible) => judged.push({ sensor, ts, isPlausible }),
      context,
    )
    if (looked === undefined) return [unknown]
    left -= looked
  }
  for (const terms of all.flatMap(({ buckets }) => buckets)) Object.assign(terms, { judged: 0, plausible: 0 })
  for (const { sensor, ts, isPlausible } of judged)
    for (const terms of at.of(sensor, ts)) {
      terms.judged = (terms.judged ?? 0) + 1
      terms.plausible = (terms.plausible ?? 0) + (isPlausible ? 1 : 0)
    }
  return []
}

function sumOf(all: readonly QualityTerms[]): QualityTerms {
  const terms = noTerms()
  for (const each of all) addTerms(terms, each)
  return terms
}

const figuresOf = (terms: QualityTerms) => ({ ...terms, ...scoresOf(terms) })

const bucketsOf = ({ window, zone, from, to, now }: QualityRequest): FigureBucket[] =>
  window ? windowBuckets(window, zone, { from, to }, now) : [{ start: from, end: to }]

/**
 * How many readings and roll-ups the figures would look at, about; of readings that are judged at most so many as the request says.
 * @throws QuestionRefusal when they are too many
 */
export async function weighQuality(store: Pick<TelemetryStore, 'weigh'>, request: QualityRequest): Promise<number> {
  const edges = edgesOf(bucketsOf(request))
  const queries = request.kinds.flatMap(({ kind, members, values }) =>
    values.map((value) => ({ kind, value, members, edges })),
  )
  checkCells(queries.reduce((sum, { members }) => sum + members.length, 0) * (edges.length - 1))
  const weight = await weighQueries(store, queries)
  checkWeight(weight, request)
  return weight
}

/** Figures of data quality of a span for each group, the worst first, and of each bucket of it. */
export async function answerQuality(
  store: TelemetryStore,
  request: QualityRequest,
  context?: QueryContext,
): Promise<QualityFiguresResponse> {
  const { groups, kinds, from, to, window, zone, limit } = request
  const buckets = bucketsOf(request)
  const all: KindTerms[] = []
  for (const members of kinds)
    for (const terms of await readTerms(store, members, request, buckets, context))
      all.push({ ...terms, kind: members.kind })
  const at = new TermsAt(request, buckets, all)
  const unknown = [
    ...(await addRefused(store, request, all, at, context)),
    ...(await addJudged(store, request, all, at, context)),
  ]
  const figures = groups.map((group, index) => {
    const own = all.filter((terms) => terms.group === index)
    const ownKinds = new Set(own.map(({ kind }) => kind))
    const [kind] = ownKinds
    const figure = figuresOf(sumOf(own.flatMap((terms) => terms.buckets)))
    const series = buckets.map((bucket, place) => ({
      ...bucket,
      ...figuresOf(sumOf(own.flatMap((terms) => terms.buckets[place] ?? []))),
    }))
    return {
      ...describeFigureGroup(group, request),
      ...(kind !== undefined && ownKinds.size === 1 && { kind }),
      ...figure,
      links: linksOf(group, { kind: ownKinds.size === 1 ? kind : undefined, values: valuesOf(kinds, kind), from, to }),
      ...(window && { series }),
    }
  })
  return {
    ...{ from, to, tz: zone },
    ...(window && { window }),
    formulas: qualityFormulas,
    unknown,
    groups: figures.sort(byScore).slice(0, limit),
    total: figures.length,
  }
}

const valuesOf = (kinds: QualityRequest['kinds'], kind: Kind | undefined) =>
  kinds.find((each) => each.kind === kind)?.values ?? []
