import type { Member } from '#storage/roll-ups.ts'
import type { DescribedGroup, FigureGroup } from '#telemetry/figures/figure-shapes.ts'
import type { Words } from '#telemetry/language.ts'
import type { TravelDirection } from '#telemetry/travel-direction.ts'
import type { Group, Membership } from '../members.ts'

/** What of a sensor its group tells. */
export interface SensorFacts {
  isSimulated: boolean
}

/** What a sensor, ward, road or district is called. */
export type NameOf = (group: string) => Words | undefined

/** A group with the ids of its sensors. */
export interface FigureMembership {
  groups: (Pick<FigureGroup, 'id' | 'direction'> & { sensors: string[] })[]
  members: Member[]
}

/** The same groups, each once for every direction in which one of its counters looks; those that do not say are together. */
export function splitByDirection(
  { groups, members }: Membership,
  directionOf: (sensor: string) => TravelDirection | undefined,
): FigureMembership {
  const split: FigureMembership = { groups: [], members: [] }
  const indices = new Map<string, number>()
  for (const direction of ['forward', 'backward', undefined] as const)
    for (const [index, { id, sensors }] of groups.entries()) {
      const own = sensors.filter((sensor) => directionOf(sensor) === direction)
      if (own.length === 0) continue
      indices.set(`${index}/${direction}`, split.groups.length)
      split.groups.push({ id, ...(direction && { direction }), sensors: own })
    }
  for (const member of members) {
    const group = indices.get(`${member.group}/${directionOf(member.sensor)}`)
    if (group !== undefined) split.members.push({ ...member, group })
  }
  return split
}

/** A group as an answer names it. */
export function describeGroup(
  { id, sensors }: Group,
  { isSimulated, nameOf }: { isSimulated(sensor: string): boolean; nameOf: NameOf },
): DescribedGroup {
  const name = id === null ? undefined : nameOf(id)
  return { id, ...(name && { name }), sensors: sensors.length, simulated: sensors.filter(isSimulated).length }
}

/** A group as an answer names it, with the direction in which its counters look. */
export function describeFigureGroup(
  { direction, ...group }: FigureMembership['groups'][number],
  { factsOf, nameOf }: { factsOf(sensor: string): SensorFacts | undefined; nameOf: NameOf },
): FigureGroup {
  const isSimulated = (sensor: string) => factsOf(sensor)?.isSimulated ?? false
  return { ...describeGroup(group, { isSimulated, nameOf }), ...(direction && { direction }) }
}
