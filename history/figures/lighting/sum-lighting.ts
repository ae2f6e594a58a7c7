import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { correctedReadings } from '../../corrections/corrected-readings.ts'
import { bucketAt, edgesOf } from '../../time-buckets.ts'
import type { FigureBucket } from '../figure-buckets.ts'
import { Lots } from '../lots.ts'
import { addStates } from '../reading-state.ts'
import type { LampPlan } from './lamp-plan.ts'
import type { LightingRequest } from './lamp-request.ts'
import { addBurning, type LightingSums, noLighting } from './lighting-sums.ts'
import type { SunSpan } from './nights.ts'
import { type OrderedSpan, orderedSpans } from './ordered-spans.ts'
import { type LampState, readLampStates } from './read-lamp-states.ts'
import { type Burning, burningQueries, cutByBuckets, type LightingQuery, readBurning } from './read-lighting.ts'

type Store = Pick<TelemetryStore, 'rollUps' | 'above' | 'readings' | 'readEvents' | 'eventHeads'>
/** Adds to the sums of a group in the bucket that holds a moment (epoch ms). */
type Add = (group: number, at: number, add: (sums: LightingSums) => void) => void

/** What the figures of every group in every bucket are made of: by group, then in the order of the buckets. */
export async function sumLighting(
  store: Store,
  request: LightingRequest,
  buckets: readonly FigureBucket[],
  planAt: (place: string) => LampPlan,
  context?: QueryContext,
): Promise<LightingSums[][]> {
  const sums = request.membership.groups.map(() => buckets.map(noLighting))
  const add: Add = (group, at, adding) => {
    const held = sums[group]?.[bucketAt(buckets, at)]
    if (held) adding(held)
  }
  addPlan(request, buckets, planAt, add)
  await addEnergy(store, request, buckets, add, context)
  await addPowers(store, powerQuery(request, buckets, planAt), add, context)
  await addLampStates(store, request, buckets, planAt, add, context)
  return sums
}

function addPlan(
  { membership, from: begin, to: end, factsOf }: LightingRequest,
  buckets: readonly FigureBucket[],
  planAt: (place: string) => LampPlan,
  add: Add,
): void {
  for (const { sensor, group, from = begin, to = end } of membership.members) {
    const { nominalPower, place } = factsOf(sensor)
    const plan = planAt(place)
    for (const bucket of buckets) {
      const part = { from: Math.max(bucket.start, from), to: Math.min(bucket.end, to) }
      if (part.from >= part.to) continue
      const { nightMs, fullLightMs } = plan.in(part)
      add(group, bucket.start, (sums) => {
        sums.nightMs += nightMs
        if (nominalPower !== undefined) sums.planned = (sums.planned ?? 0) + nominalPower * fullLightMs
      })
    }
  }
}

/** Meters of lamps of one group, with a plan or without. */
function energyQuery({ membership, factsOf }: LightingRequest, buckets: readonly FigureBucket[]) {
  const lots = new Lots<{ group: number; isPlanned: boolean }>()
  for (const { group, ...member } of membership.members) {
    const isPlanned = factsOf(member.sensor).nominalPower !== undefined
    lots.add(`${group}/${isPlanned}`, { group, isPlanned }, member)
  }
  const query = { kind: 'lighting', value: 'energy', members: lots.members, edges: edgesOf(buckets) } as const
  return { lots: lots.all, query }
}

async function addEnergy(
  store: Store,
  request: LightingRequest,
  buckets: readonly FigureBucket[],
  add: Add,
  context?: QueryContext,
): Promise<void> {
  const { lots, query } = energyQuery(request, buckets)
  for (const cell of await store.rollUps(query, context)) {
    const lot = lots[cell.group]
    if (!lot) continue
    const name = lot.isPlanned ? 'energyOfPlanned' : 'energyOfOthers'
    add(lot.group, cell.start, (sums) => {
      sums.state = addStates([sums.state, cell])
      if (cell.count > 0) sums[name] = (sums[name] ?? 0n) + cell.increase
    })
  }
  for (const cell of await store.rollUps({ ...query, value: 'activePower', ends: false }, context))
    add(lots[cell.group]?.group ?? 0, cell.start, (sums) => {
      sums.state = addStates([sums.state, cell])
    })
}

const orderedOfRequest =
  ({ orders }: LightingRequest) =>
  (sensor: string, span: Span) =>
    orderedSpans(orders.get(sensor) ?? [], span)

function powerQuery(
  request: LightingRequest,
  buckets: readonly FigureBucket[],
  planAt: (place: string) => LampPlan,
): LightingQuery {
  const { membership, from, to, factsOf } = request
  return {
    ...{ from, to, factsOf, buckets },
    members: membership.members.filter(({ sensor }) => factsOf(sensor).measuresPower),
    sunAt: (place) => planAt(place).sunSpans,
    orderedOf: orderedOfRequest(request),
  }
}

/** What the store is asked for that has a weight. */
export function weighedQueries(
  request: LightingRequest,
  buckets: readonly FigureBucket[],
  planAt: (place: string) => LampPlan,
) {
  const energy = energyQuery(request, buckets).query
  return [energy, ...burningQueries(powerQuery(request, buckets, planAt)).map(({ above }) => above)]
}

async function addPowers(store: Store, query: LightingQuery, add: Add, context?: QueryContext): Promise<void> {
  for (const { group, start, ...burning } of await readBurning(store, query, context))
    add(group, start, (sums) => addBurning(sums, burning))
}

/** Lamps that measure no power, by what they say. */
async function addLampStates(
  store: Store,
  request: LightingRequest,
  buckets: readonly FigureBucket[],
  planAt: (place: string) => LampPlan,
  add: Add,
  context?: QueryContext,
): Promise<void> {
  const { membership, from: begin, to: end, factsOf, steps } = request
  const orderedOf = orderedOfRequest(request)
  let left = request.mostReadings
  const counting = correctedReadings(store)
  for (const { sensor, group, from = begin, to = end } of membership.members) {
    const { measuresPower, place } = factsOf(sensor)
    if (measuresPower) continue
    const found = await readLampStates(counting, { sensor, from, to, steps, most: left }, context)
    if (!found) continue
    left -= found.readings
    const cuts = cutsOf(cutByBuckets(planAt(place).sunSpans, buckets), orderedOf(sensor, { from, to }))
    for (const { at, ...burning } of intersect(found.states, cuts)) add(group, at, (sums) => addBurning(sums, burning))
  }
}

type Cut = Span & Pick<Burning, 'light' | 'ordered'>

/** How long a lamp burned in each part that one light and one order go with; both in order of time. */
function* intersect(states: readonly LampState[], cuts: readonly Cut[]) {
  let next = 0
  for (const { from, to, isBurning } of states) {
    while ((cuts[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next += 1
    for (let at = next; (cuts[at]?.from ?? Number.POSITIVE_INFINITY) < to; at++) {
      const { light, ordered, ...cut } = cuts[at] ?? { from, to, light: 'twilight', ordered: 'schedule' }
      const start = Math.max(cut.from, from)
      const knownMs = Math.min(cut.to, to) - start
      yield { at: start, light, ordered, knownMs, burningMs: isBurning ? knownMs : 0 } as const
    }
  }
}

function cutsOf(sun: readonly SunSpan[], ordered: readonly OrderedSpan[]): Cut[] {
  return ordered.flatMap((order) =>
    sun.flatMap(({ light, ...span }) => {
      const [from, to] = [Math.max(span.from, order.from), Math.min(span.to, order.to)]
      return from < to ? [{ from, to, light, ordered: order.ordered }] : []
    }),
  )
}
