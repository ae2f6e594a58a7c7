import { hourMs } from '#telemetry/durations.ts'
import type { TimeBucket } from '../../time-buckets.ts'
import { difference } from '../difference.ts'

/** A level of a gauge at a time (epoch ms), m above its zero. */
export interface Level {
  ts: number
  value: number
}

/** What is known of the levels of an hour of the clock without its readings; absent where there are none that count. */
export interface HourOfLevels extends TimeBucket {
  lowest?: number
  highest?: number
}

/** Hours within which a rise is looked for. */
export const riseHours = [1, 3, 24] as const
export type RiseHours = (typeof riseHours)[number]

/** A rise from one reading to a later one, at most so many hours later. */
export interface Rise {
  /** m */
  rise: number
  /** indices of the hours that the two readings are in */
  from: number
  to: number
}

/** Hours by their index that have been read: their levels in order of time. */
export type KnownLevels = ReadonlyMap<number, readonly Level[]>

interface Bounds {
  /** the largest rise that is known to be */
  least: Rise | undefined
  /** hours in which a larger one may end, the most promising first: all their readings, and those of the hours named with each, tell */
  open: { to: number; from: number[]; most: number }[]
}

/**
 * How much the water rose at most within so many hours, to a reading in one of the hours `first` up to, not including, `last`; it may
 * have begun before. The hours' lowest and highest levels bound it: a highest level of one hour less the lowest of an earlier one
 * that surely lies within the time is a rise that was; one less the lowest of the same hour, or of one at the edge of the time, need not
 * be one. For those the readings are looked at where they are known.
 */
export function boundRise(
  hours: readonly HourOfLevels[],
  { first, last }: { first: number; last: number },
  within: RiseHours,
  known: KnownLevels,
): Bounds {
  const withinMs = within * hourMs
  let least: Rise | undefined
  const keep = (rise: Rise) => {
    if (rise.rise > 0 && (least === undefined || rise.rise > least.rise)) least = rise
  }
  const open: Bounds['open'] = []
  for (let to = first; to < last; to += 1) {
    const end = hours[to]
    if (end?.highest === undefined) continue
    const unsure: { to: number; from: number[]; most: number } = { to, from: [], most: 0 }
    for (let from = to; from >= 0; from -= 1) {
      const begin = hours[from]
      if (!begin || end.start - begin.end >= withinMs) break
      if (begin.lowest === undefined) continue
      const most = difference(end.highest, begin.lowest)
      if (from < to && end.end - begin.start <= withinMs) keep({ rise: most, from, to })
      else if (known.has(from) && known.has(to)) {
        const exact = largestRise(known.get(from) ?? [], known.get(to) ?? [], withinMs)
        if (exact > 0) keep({ rise: exact, from, to })
      } else if (most > 0) {
        unsure.from.push(from)
        unsure.most = Math.max(unsure.most, most)
      }
    }
    if (unsure.from.length > 0) open.push(unsure)
  }
  const sure = least?.rise ?? 0
  return { least, open: open.filter(({ most }) => most > sure).sort((a, b) => b.most - a.most) }
}

/** The largest rise from a level of one list to a later one of the other, at most so many ms later; 0 when there is none. */
export function largestRise(before: readonly Level[], after: readonly Level[], withinMs: number): number {
  return pairOfRise(before, after, withinMs)?.rise ?? 0
}

/** The two levels of the largest rise; of several the earliest. Both lists are in order of time. */
export function pairOfRise(
  before: readonly Level[],
  after: readonly Level[],
  withinMs: number,
): { rise: number; from: Level; to: Level } | undefined {
  let best: { rise: number; from: Level; to: Level } | undefined
  /** levels that may be the lowest of what follows, rising: the first is the lowest within the time */
  const lowest: Level[] = []
  let next = 0
  for (const to of after) {
    for (let level = before[next]; level && level.ts < to.ts; level = before[next]) {
      while ((lowest.at(-1)?.value ?? Number.NEGATIVE_INFINITY) >= level.value) lowest.pop()
      lowest.push(level)
      next += 1
    }
    while ((lowest[0]?.ts ?? to.ts) < to.ts - withinMs) lowest.shift()
    const [from] = lowest
    const rise = from ? difference(to.value, from.value) : 0
    if (from && rise > (best?.rise ?? 0)) best = { rise, from, to }
  }
  return best
}
