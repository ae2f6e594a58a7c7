import type { Condition } from '#telemetry/alert-condition.ts'
import { type Failing, findNeighbourhoods } from './neighbours.ts'

/** A group of neighbours that fail together. */
export interface FailingGroup {
  /** chosen by the caller when it raises the group */
  key: string
  sensors: string[]
}

/** How a group changed since it was last evaluated. */
export type GroupChange =
  | { type: 'raise'; sensors: string[] }
  | { type: 'change'; key: string; sensors: string[] }
  | { type: 'clear'; key: string }

/**
 * Evaluates which groups of neighbours fail under one rule. A group that grows or shrinks stays the same group while it has a member in common; it is
 * over when fewer than half of `atLeast` of its sensors fail.
 */
export function evaluateGroups(
  condition: Pick<Extract<Condition, { type: 'group' }>, 'atLeast' | 'withinMetres'>,
  known: readonly FailingGroup[],
  failing: readonly Failing[],
): GroupChange[] {
  const { atLeast, withinMetres } = condition
  const failingIds = new Set(failing.map(({ id }) => id))
  const found = findNeighbourhoods(failing, withinMetres, atLeast)
  const changes: GroupChange[] = []
  const taken = new Set<string[]>()
  for (const { key, sensors } of known) {
    const members = new Set(sensors)
    const now = found.find((group) => !taken.has(group) && group.some((id) => members.has(id)))
    if (now) taken.add(now)
    const left = now ?? sensors.filter((id) => failingIds.has(id))
    if (now === undefined && left.length < Math.max(1, atLeast / 2)) changes.push({ type: 'clear', key })
    else if (left.join() !== sensors.join()) changes.push({ type: 'change', key, sensors: left })
  }
  for (const group of found) if (!taken.has(group)) changes.push({ type: 'raise', sensors: group })
  return changes
}
