import type { QueryContext } from '#storage/query-context.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { LightingFigures, LightingFiguresResponse } from '#telemetry/figures/lighting-figures.ts'
import { darkShare, sunLimits } from '#telemetry/kinds/lighting/lamp.ts'
import { QuestionRefusal } from '../../question/refusal.ts'
import { maxLookedAt } from '../../question/weigh-question.ts'
import type { FigureBucket } from '../figure-buckets.ts'
import { describeFigureGroup } from '../groups-of-figures.ts'
import { rounded } from '../rounding.ts'
import { checkWeight, weighQueries } from '../weigh-figures.ts'
import { type Failure, failureCauses, failureFigures, mergeFailures } from './failures.ts'
import { lampLife, readLives } from './lamp-life.ts'
import { LampPlan } from './lamp-plan.ts'
import type { LightingRequest } from './lamp-request.ts'
import { lightingBuckets } from './lighting-buckets.ts'
import { addLighting, type LightingSums, lightingFigures, noLighting } from './lighting-sums.ts'
import { readFailures } from './read-failures.ts'
import { sumLighting, weighedQueries } from './sum-lighting.ts'

/** The plan of each place, made when it is first asked for. */
function planReader({ from, to, zone, edges, dimmings, positionOf }: LightingRequest): (place: string) => LampPlan {
  const plans = new Map<string, LampPlan>()
  return (place) => {
    const known = plans.get(place)
    if (known) return known
    const plan = new LampPlan({ position: positionOf(place), zone, span: { from, to }, edges, dimmings })
    plans.set(place, plan)
    return plan
  }
}

/** Failures of the members of each group, while they were in it. */
function failuresByGroup({ membership, from, to }: LightingRequest, failures: readonly Failure[]): Failure[][] {
  const byGroup: Failure[][] = membership.groups.map(() => [])
  const bySensor = new Map<string, Failure[]>()
  for (const failure of failures) bySensor.set(failure.sensor, [...(bySensor.get(failure.sensor) ?? []), failure])
  for (const { sensor, group, from: begin = from, to: end = to } of membership.members)
    for (const failure of bySensor.get(sensor) ?? [])
      if ((failure.from >= begin || begin === from) && failure.from < end) byGroup[group]?.push(failure)
  return byGroup
}

function figuresOf(sums: LightingSums, failures: readonly Failure[] | undefined, span: FigureBucket): LightingFigures {
  const figures = lightingFigures(sums)
  if (!failures) return figures
  const { meanRepairHours, ...counts } = failureFigures(failures, { from: span.start, to: span.end })
  return {
    ...figures,
    ...counts,
    ...(meanRepairHours !== undefined && { meanRepairHours: rounded(meanRepairHours, 3) }),
  }
}

const bucketsOf = ({ window, zone, from, to, now }: LightingRequest): FigureBucket[] =>
  window ? lightingBuckets(window, zone, { from, to }, now) : [{ start: from, end: to }]

/**
 * How many readings and roll-ups the figures would look at, about.
 * @throws QuestionRefusal when they are too many, with whether whole hours of night and day would do
 */
export async function weighLighting(store: Pick<TelemetryStore, 'weigh'>, request: LightingRequest): Promise<number> {
  const weigh = (asked: LightingRequest) =>
    weighQueries(store, weighedQueries(asked, bucketsOf(asked), planReader(asked)))
  const weight = await weigh(request)
  if (weight > maxLookedAt && request.edges === 'sun' && (await weigh({ ...request, edges: 'hours' })) <= maxLookedAt)
    throw new QuestionRefusal('TOO_MUCH_ASKED', {
      code: 'SUN_EDGES_LOOK_AT_TOO_MUCH',
      params: { readings: weight, most: maxLookedAt },
    })
  checkWeight(weight, request)
  return weight
}

/** Lighting figures of a span for each group, and of each bucket of it. */
export async function answerLighting(
  store: TelemetryStore,
  request: LightingRequest,
  context: QueryContext,
): Promise<LightingFiguresResponse> {
  const { membership, from, to, window, zone, factsOf } = request
  const whole: FigureBucket = { start: from, end: to }
  const buckets = bucketsOf(request)
  const planAt = planReader(request)
  const sums = await sumLighting(store, request, buckets, planAt, context)
  const lives = await readLives(store, request, context)
  const { failures, knownTo } = await readFailures(store, { from, to }, context)
  const merged = mergeFailures(failures, {
    until: knownTo,
    nightMsIn: (sensor, begin, end) => planAt(factsOf(sensor).place).nightMsIn(begin, end),
  })
  const byGroup = failuresByGroup(request, merged)
  /** what is known of failures in a bucket */
  const failuresIn = (group: number, { end }: FigureBucket) => (end <= knownTo ? byGroup[group] : undefined)
  return {
    ...{ from, to, tz: zone },
    ...(window && { window }),
    method: {
      dimming: [...request.dimmings],
      ...{ nightBelow: sunLimits.night, dayAbove: sunLimits.day, edges: request.edges, darkShare },
      ...{ ratedHours: request.ratedHours, failureCauses: [...failureCauses], failuresTo: knownTo },
    },
    groups: membership.groups.map((group, index) => {
      const total = noLighting()
      for (const bucket of sums[index] ?? []) addLighting(total, bucket)
      return {
        ...describeFigureGroup(group, request),
        withNominalPower: group.sensors.filter((sensor) => factsOf(sensor).nominalPower !== undefined).length,
        ...figuresOf(total, failuresIn(index, whole), whole),
        life: lampLife(lives.get(index) ?? []),
        ...(window && {
          series: buckets.map((bucket, at) => ({
            ...bucket,
            ...figuresOf(sums[index]?.[at] ?? noLighting(), failuresIn(index, bucket), bucket),
          })),
        }),
      }
    }),
  }
}
