import type { Member, RollUpCell } from '#storage/roll-ups.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { waterLevel } from '#telemetry/kinds/water-level/kind.ts'
import { edgesOf, type TimeBucket } from '../../time-buckets.ts'
import type { Level } from './rises.ts'

/** Most cells that one question to the store is for: what it answers is held at once. */
const maxCells = 20_000

const value = 'level' satisfies keyof typeof waterLevel.values

/** A gauge as long as it was in a group. */
export interface GaugeAsked {
  sensor: string
  /** its times in the group */
  members: readonly Omit<Member, 'group'>[]
}

type Store = Pick<TelemetryStore, 'rollUps' | 'above'>

const membersOf = (gauge: GaugeAsked, group = 0): Member[] => gauge.members.map((member) => ({ ...member, group }))

/** What readings of the level add up to in each hour of one gauge; undefined where there are none. Hours are in order, without a gap. */
export async function readHours(
  store: Store,
  gauge: GaugeAsked,
  hours: readonly TimeBucket[],
  context?: QueryContext,
): Promise<(RollUpCell | undefined)[]> {
  const found: (RollUpCell | undefined)[] = []
  for (let from = 0; from < hours.length; from += maxCells) {
    const part = hours.slice(from, from + maxCells)
    const cells = new Map(
      (await readCells(store, gauge, { edges: edgesOf(part), ends: false }, context)).map((cell) => [cell.start, cell]),
    )
    found.push(...part.map(({ start }) => cells.get(start)))
  }
  return found
}

/** `ends`: with the first and the last reading of each bucket, which cost. */
function readCells(
  store: Store,
  gauge: GaugeAsked,
  buckets: { edges: readonly number[]; ends: boolean },
  context?: QueryContext,
) {
  return store.rollUps({ kind: waterLevel.id, value, members: membersOf(gauge), ...buckets }, context)
}

/** Minutes of the buckets in which single readings are looked for. */
const bucketMinutes = [15, 10, 6, 5, 3, 2, 1] as const

/** ms of buckets of which an hour has at least twice as many as readings: each then holds one or two, which are its first and its last. */
export function bucketMsFor(readingsPerHour: number): number {
  return minuteMs * (bucketMinutes.find((minutes) => 60 / minutes >= 2 * readingsPerHour) ?? 1)
}

/**
 * The levels of some hours of one gauge, each in order of time: of more than two readings in a bucket ({@link bucketMsFor}) the first,
 * the last and the highest.
 */
export async function readLevels(
  store: Store,
  gauge: GaugeAsked,
  { hours, bucketMs }: { hours: readonly TimeBucket[]; bucketMs: number },
  context?: QueryContext,
): Promise<Level[][]> {
  const found: Level[][] = []
  let rest = hours
  while (rest.length > 0) {
    const edges = new Set<number>()
    let taken = 0
    for (const { start, end } of rest) {
      const buckets = Math.ceil((end - start) / bucketMs)
      if (taken > 0 && edges.size + buckets > maxCells) break
      for (let bucket = start; bucket < end; bucket += bucketMs) edges.add(bucket)
      edges.add(end)
      taken += 1
    }
    const part = rest.slice(0, taken)
    const cells = await readCells(store, gauge, { edges: [...edges].sort((a, b) => a - b), ends: true }, context)
    found.push(...levelsIn(part, cells))
    rest = rest.slice(taken)
  }
  return found
}

function levelsIn(hours: readonly TimeBucket[], cells: readonly RollUpCell[]): Level[][] {
  return hours.map(({ start, end }) =>
    cells
      .filter((cell) => cell.start >= start && cell.start < end)
      .toSorted((a, b) => a.start - b.start)
      .flatMap(levelsOf),
  )
}

function levelsOf({ start, first, last, max, count }: RollUpCell): Level[] {
  if (!first || !last || max === undefined) return []
  const between = max > first.value && max > last.value ? [{ ts: Math.max(start, first.ts), value: max }] : []
  return count === 1 ? [first] : [first, ...between, last]
}

/** For how long the level was at or above a limit (m) in each of these spans, ms. They are in order, without a gap. */
export async function readAbove(
  store: Store,
  gauge: GaugeAsked,
  { spans, limit }: { spans: readonly TimeBucket[]; limit: number },
  context?: QueryContext,
): Promise<number[]> {
  const query = { kind: waterLevel.id, value, members: membersOf(gauge), edges: edgesOf(spans) }
  const found = await store.above({ ...query, limit }, context)
  const above = new Map(found.map(({ start, aboveMs }) => [start, aboveMs]))
  return spans.map(({ start }) => above.get(start) ?? 0)
}
