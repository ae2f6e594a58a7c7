import type { QueryContext } from '#storage/query-context.ts'
import type { RollUpStorage } from '#storage/roll-ups.ts'
import type { LampLife } from '#telemetry/figures/lighting-figures.ts'
import { Lots } from '../lots.ts'
import { rounded } from '../rounding.ts'
import type { LightingRequest } from './lamp-request.ts'

/** Share of its rated life from which a lamp is near the end of it. Own choice: time to order the next. */
const nearEndShare = 0.8

/** A lamp's burning hours by its counter, and its rated life, in h. */
interface BurnedLamp {
  hours: number
  ratedHours: number
}

/** How much of their lives lamps have burned. */
export function lampLife(lamps: readonly BurnedLamp[]): LampLife {
  const shares = lamps.map(({ hours, ratedHours }) => hours / ratedHours)
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
  return {
    lamps: lamps.length,
    ...(lamps.length > 0 && {
      meanHours: rounded(mean(lamps.map(({ hours }) => hours)), 1),
      meanShare: rounded(mean(shares), 4),
      highestShare: rounded(Math.max(...shares), 4),
    }),
    nearEnd: shares.filter((share) => share >= nearEndShare).length,
    beyondEnd: shares.filter((share) => share >= 1).length,
  }
}

/** The newest burning hours of each lamp in a span, by group. */
export async function readLives(
  store: Pick<RollUpStorage, 'rollUps'>,
  { membership: { members }, from, to, factsOf }: LightingRequest,
  context?: QueryContext,
): Promise<Map<number, BurnedLamp[]>> {
  const lots = new Lots<{ group: number; ratedHours: number }>()
  for (const { group, ...member } of members)
    lots.add(`${group}/${member.sensor}`, { group, ratedHours: factsOf(member.sensor).ratedHours }, member)
  const found = new Map<number, BurnedLamp[]>()
  const query = { kind: 'lighting', value: 'lampHours', members: lots.members, edges: [from, to] } as const
  for (const { group: lot, last } of await store.rollUps(query, context)) {
    const { group, ratedHours } = lots.all[lot] ?? { group: 0, ratedHours: 1 }
    if (!last) continue
    const lamps = found.get(group) ?? []
    found.set(group, lamps)
    lamps.push({ hours: last.value, ratedHours })
  }
  return found
}
