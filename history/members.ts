import type { Member } from '#storage/roll-ups.ts'
import type { Grouping } from '#telemetry/history-question.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Placement } from '#telemetry/placement.ts'
import type { PlacedFrom, Placements } from './placements.ts'

/** Which sensors a question is about: those that fit all that is given. Lists are of ids; one that is absent lets all through. */
export interface Selection {
  kind: Kind
  sensors?: readonly string[] | undefined
  districts?: readonly string[] | undefined
  wards?: readonly string[] | undefined
  roads?: readonly string[] | undefined
  /** a sensor with any of these */
  tags?: readonly string[] | undefined
}

/** A group of sensors: its id is that of the sensor, district, ward or road; null for sensors without one, and for all together. */
export interface Group {
  id: string | null
  /** ids of its sensors, in order */
  sensors: string[]
}

/** Who belongs to which group when. `group` of a member is the index in `groups`, which are in order of their ids. */
export interface Membership {
  groups: Group[]
  members: Member[]
}

interface MembersQuery {
  selection: Selection
  groupBy: Grouping
  /** epoch ms */
  span: { from: number; to: number }
}

const isSelected = (selection: Selection, { kind, district, ward, road, tags = [] }: Placement) => {
  const isIn = (wanted: readonly string[] | undefined, id: string | undefined) =>
    wanted === undefined || (id !== undefined && wanted.includes(id))
  return (
    kind === selection.kind &&
    isIn(selection.districts, district) &&
    isIn(selection.wards, ward) &&
    isIn(selection.roads, road) &&
    (selection.tags === undefined || tags.some((tag) => selection.tags?.includes(tag)))
  )
}

function groupIdOf(groupBy: Grouping, sensor: string, placement: Placement): string | null {
  if (groupBy === 'none') return null
  return (groupBy === 'sensor' ? sensor : placement[groupBy]) ?? null
}

/** A sensor in one group, without a break. */
interface Stay {
  sensor: string
  group: string | null
  from: number
  to: number
}

/** Where a sensor was within the span as far as it was selected, in order of time. */
function staysOf(
  sensor: string,
  placed: readonly PlacedFrom[],
  { selection, groupBy, span: { from, to } }: MembersQuery,
) {
  const stays: Stay[] = []
  for (const [index, placement] of placed.entries()) {
    const begin = Math.max(placement.from, from)
    const end = Math.min(placed[index + 1]?.from ?? to, to)
    if (begin >= end || !isSelected(selection, placement)) continue
    const group = groupIdOf(groupBy, sensor, placement)
    const last = stays.at(-1)
    if (last?.group === group && last.to === begin) last.to = end
    else stays.push({ sensor, group, from: begin, to: end })
  }
  return stays
}

const byId = (one: string | null, other: string | null) => {
  if (one === other) return 0
  if (one === null || other === null) return one === null ? 1 : -1
  return one < other ? -1 : 1
}

/**
 * Who belonged to which group within a span: a sensor that was moved belongs to the group of where it was at each moment. Members
 * are in order of sensor and time; one that was there all of the span has neither `from` nor `to`.
 */
export function membersOf(placements: Placements, query: MembersQuery): Membership {
  const { selection, span } = query
  const asked = selection.sensors && [...new Set(selection.sensors)]
  const sensors = (asked ?? [...placements.keys()]).sort(byId)
  const stays = sensors.flatMap((sensor) => staysOf(sensor, placements.get(sensor) ?? [], query))
  const ids = [...new Set(stays.map(({ group }) => group))].sort(byId)
  const groups = ids.map((id): Group => ({ id, sensors: [] }))
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const members = stays.map(({ sensor, group, from, to }): Member => {
    const index = indexOf.get(group) ?? 0 // each has its own
    const within = groups[index]?.sensors
    if (within?.at(-1) !== sensor) within?.push(sensor)
    return {
      ...{ sensor, group: index },
      ...(from > span.from && { from }),
      ...(to < span.to && { to }),
    }
  })
  return { groups, members }
}
