import { hourMs } from '#telemetry/durations.ts'
import type { WaterRise } from '#telemetry/figures/water-figures.ts'
import type { HourRange } from '../hour-grid.ts'
import { boundRise, type HourOfLevels, type Level, pairOfRise, type Rise, type RiseHours, riseHours } from './rises.ts'

/** Hours that are read at once in the first round, for each bucket and each time of a rise; each round reads twice as many. */
const firstRound = 4

/** The readings of a gauge, hour by hour, read when they are needed and at most so many hours. */
export class LevelReader {
  readonly known = new Map<number, readonly Level[]>()
  readonly #read: (hours: readonly number[]) => Promise<readonly (readonly Level[])[]>
  #left: number

  /** @param read gives the levels of hours, each in order of time */
  constructor(read: (hours: readonly number[]) => Promise<readonly (readonly Level[])[]>, most: number) {
    this.#read = read
    this.#left = most
  }

  /** Whether more hours can be read. */
  hasRoom(): boolean {
    return this.#left > 0
  }

  /** Reads those that are not known, as far as there is room. */
  async load(hours: Iterable<number>): Promise<void> {
    const wanted = [...new Set(hours)].filter((hour) => !this.known.has(hour)).slice(0, this.#left)
    if (wanted.length === 0) return
    this.#left -= wanted.length
    const asked = wanted.sort((a, b) => a - b)
    const found = await this.#read(asked)
    for (const [at, hour] of asked.entries()) this.known.set(hour, found[at] ?? [])
  }
}

/**
 * The largest rises that ended in each of these ranges, within each time: from hourly lowest and highest levels, and from the readings
 * of those hours that may hold a larger one. Where these are more than may be read, a rise may have been larger (`atLeast`).
 */
export async function readRises(
  sensor: string,
  hours: readonly HourOfLevels[],
  ranges: readonly HourRange[],
  levels: LevelReader,
): Promise<WaterRise[][]> {
  for (let most = firstRound; levels.hasRoom(); most *= 2) {
    const open = ranges.flatMap((range) =>
      riseHours.map((within) => boundRise(hours, range, within, levels.known).open.slice(0, most)),
    )
    // the most promising hours of all ranges come first
    const wanted = new Set<number>()
    for (let rank = 0; rank < most; rank += 1)
      for (const candidates of open) {
        const candidate = candidates[rank]
        if (candidate) for (const hour of [candidate.to, ...candidate.from]) wanted.add(hour)
      }
    if (wanted.size === 0) break
    await levels.load(wanted)
  }
  const found = ranges.map((range) =>
    riseHours.flatMap((within) => {
      const { least, open } = boundRise(hours, range, within, levels.known)
      return least ? [{ within, least, isSure: open.length === 0 }] : []
    }),
  )
  // the hours of those that were found, for the times of the two readings
  await levels.load(found.flat().flatMap(({ least }) => [least.from, least.to]))
  return found.map((rises) =>
    rises.map(({ within, least, isSure }) => ({
      ...{ sensor, within, ...timesOf(least, within, hours, levels.known) },
      ...(isSure ? {} : { atLeast: true as const }),
    })),
  )
}

/** The two readings of a rise; their hours where these were not read. */
function timesOf(
  { rise, from, to }: Rise,
  within: RiseHours,
  hours: readonly HourOfLevels[],
  known: LevelReader['known'],
): Pick<WaterRise, 'rise' | 'from' | 'to'> {
  const pair = pairOfRise(known.get(from) ?? [], known.get(to) ?? [], within * hourMs)
  if (pair && pair.rise >= rise)
    return { rise, from: { at: pair.from.ts, level: pair.from.value }, to: { at: pair.to.ts, level: pair.to.value } }
  const [begin, end] = [hours[from], hours[to]]
  return {
    rise,
    from: { at: begin?.start ?? 0, level: begin?.lowest ?? 0 },
    to: { at: end?.start ?? 0, level: end?.highest ?? 0 },
  }
}
