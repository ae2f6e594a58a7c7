import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { type FigureFunction, type HistoryQuestion, percentileShares } from '#telemetry/history-question.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { numberNames, numbersOfKind } from '#telemetry/numbers-of-kind.ts'
import { earliestTime } from '#telemetry/reading-parts.ts'
import { type ValueInfo, valueInfo, valuesOfKind } from '#telemetry/values.ts'
import type { Placements } from '../placements.ts'
import { maxNamed, nameSome, QuestionRefusal } from './refusal.ts'

const invalid = (fault: RequestFault) => new QuestionRefusal('INVALID_REQUEST', fault)
const namesOf = (values: readonly ValueInfo[]) => values.map(({ name }) => name)

export const isPercentile = (name: FigureFunction): name is keyof typeof percentileShares => name in percentileShares

/** The span asked for: the last 24 hours when nothing is said. @throws QuestionRefusal */
export function resolveSpan({ from, to }: Pick<HistoryQuestion, 'from' | 'to'>, now: number): Span {
  const end = to ?? Math.max(now, from ?? 0)
  const span = { from: from ?? Math.max(end - dayMs, earliestTime), to: end }
  if (from !== undefined && from >= now)
    throw new QuestionRefusal('EMPTY_SPAN', { path: 'from', code: 'SPAN_NOT_BEGUN', params: {} })
  if (span.from >= span.to) throw new QuestionRefusal('EMPTY_SPAN', { code: 'FROM_NOT_BEFORE_TO', params: {} })
  return span
}

/** Refuses sensors that there never were. @throws QuestionRefusal */
export function checkSensors(sensors: readonly string[], placements: Placements): void {
  const unknown = sensors.filter((id) => !placements.has(id))
  if (unknown.length > 0)
    throw new QuestionRefusal('UNKNOWN_SENSOR', { path: 'sensors', code: 'NO_SUCH_SENSORS', params: nameSome(unknown) })
}

/**
 * Refuses sensors that never were of a kind.
 * @param code with what words: those of a question whose kind may be left out, or of figures that are of one kind alone
 * @throws QuestionRefusal
 */
export function checkSensorKinds(
  sensors: readonly string[],
  kind: Kind,
  placements: Placements,
  code: 'SENSORS_OF_OTHER_KIND' | 'FIGURES_OF_OTHER_KIND' = 'SENSORS_OF_OTHER_KIND',
): void {
  const others = sensors.filter((id) => !placements.get(id)?.some((placed) => placed.kind === kind))
  if (others.length > 0) throw invalid({ path: 'sensors', code, params: { kind, ...nameSome(others) } })
}

/** The kind asked for, or that of the sensors that are named. @throws QuestionRefusal */
export function resolveKind(
  { kind, sensors }: Pick<HistoryQuestion, 'kind' | 'sensors'>,
  placements: Placements,
): Kind {
  if (sensors === undefined) {
    if (kind === undefined)
      throw invalid({ path: 'kind', code: 'KIND_OR_SENSORS_NEEDED', params: { kinds: [...kinds] } })
    return kind
  }
  checkSensors(sensors, placements)
  if (kind !== undefined) {
    checkSensorKinds(sensors, kind, placements)
    return kind
  }
  const [first, ...further] = new Set(sensors.flatMap((id) => placements.get(id)?.at(-1)?.kind ?? []))
  if (first === undefined || further.length > 0)
    throw invalid({
      path: 'sensors',
      code: 'SENSORS_OF_SEVERAL_KINDS',
      params: { kinds: [...(first ? [first] : []), ...further] },
    })
  return first
}

/** The values asked for, each once. @throws QuestionRefusal */
export function resolveValues(names: readonly string[], kind: Kind): ValueInfo[] {
  return [...new Set(names)].map((name) => {
    const info = valueInfo(kind, name)
    const path = 'values'
    if (!info) {
      const values = namesOf(valuesOfKind[kind])
      const others = kinds.filter((other) => valueInfo(other, name))
      throw new QuestionRefusal(
        'UNKNOWN_VALUE',
        others.length > 0
          ? { path, code: 'VALUE_OF_OTHER_KIND', params: { name, kind, others, values } }
          : { path, code: 'NO_SUCH_VALUE', params: { kind, name, values } },
      )
    }
    if (info.type !== 'number')
      throw new QuestionRefusal('NOT_NUMERIC', {
        ...{ path, code: 'NO_FIGURES_OF_WORDS' },
        params: { name, values: [...numberNames[kind]] },
      })
    return info
  })
}

/** Checks that functions, limit, window and profile go together. @throws QuestionRefusal */
export function checkFunctions(
  { functions, limit, window, points, profile }: HistoryQuestion,
  values: readonly ValueInfo[],
  kind: Kind,
): void {
  if (functions.includes('increase')) {
    const counters = namesOf(numbersOfKind[kind].filter(({ counter }) => counter))
    const other = values.find(({ counter }) => !counter)
    if (other) throw invalid({ path: 'functions', code: 'NOT_A_COUNTER', params: { name: other.name, counters } })
  }
  const isAbove = functions.includes('shareAbove')
  if (isAbove && limit === undefined) throw invalid({ path: 'limit', code: 'LIMIT_NEEDED', params: {} })
  if (!isAbove && limit !== undefined) throw invalid({ path: 'limit', code: 'LIMIT_OF_SHARE_ABOVE', params: {} })
  if (isAbove && values.length > 1) throw invalid({ path: 'limit', code: 'LIMIT_OF_ONE_VALUE', params: {} })
  if (window !== undefined && points !== undefined)
    throw invalid({ path: 'points', code: 'WINDOW_OR_POINTS', params: {} })
  if (profile === undefined) return
  if (window !== undefined || points !== undefined)
    throw invalid({ path: 'profile', code: 'PROFILE_HAS_NO_WINDOW', params: {} })
  const percentiles = functions.filter(isPercentile)
  if (percentiles.length > 0)
    throw invalid({ path: 'functions', code: 'NO_PERCENTILES_IN_PROFILE', params: { functions: percentiles } })
}

/** Districts and wards that there are, with or without sensors. */
export interface KnownPlaces {
  districts: readonly string[]
  wards: readonly string[]
}

/** Refuses districts, wards, roads and tags that there are not, and that no sensor ever had. @throws QuestionRefusal */
export function checkGroups(
  { districts, wards, roads, tags }: Pick<HistoryQuestion, 'districts' | 'wards' | 'roads' | 'tags'>,
  places: KnownPlaces,
  placements: Placements,
): void {
  const asked = { district: districts, ward: wards, road: roads, tag: tags }
  if (Object.values(asked).every((ids) => ids === undefined)) return
  const placed = [...placements.values()].flat()
  const known = {
    district: new Set([...places.districts, ...placed.map(({ district }) => district)]),
    ward: new Set([...places.wards, ...placed.flatMap(({ ward }) => ward ?? [])]),
    road: new Set(placed.flatMap(({ road }) => road ?? [])),
    tag: new Set(placed.flatMap(({ tags: its }) => its ?? [])),
  }
  for (const by of ['district', 'ward', 'road', 'tag'] as const) {
    const unknown = (asked[by] ?? []).filter((id) => !known[by].has(id))
    if (unknown.length > 0)
      throw invalid({
        path: `${by}s`,
        code: 'NO_SUCH_GROUPS',
        params: { by, ...nameSome(unknown), known: [...known[by]].sort().slice(0, maxNamed) },
      })
  }
}
