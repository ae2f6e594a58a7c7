import type { Episode, LimitFigure } from '#telemetry/figures/air-figures.ts'
import { difference } from '../difference.ts'

/** Longest list of episodes of one limit in an answer. */
export const maxEpisodes = 50

/** One mean that a limit is about, with the limit in force when it began. */
export interface JudgedMean {
  /** epoch ms */
  start: number
  end: number
  /** µg/m³; undefined: too little was measured */
  mean: number | undefined
  /** µg/m³ */
  limit: number
  /** number of the day of the city's clock that it began on */
  day: number
}

type Verdict = Omit<LimitFigure, 'pollutant' | 'period' | 'limits'>

const isAbove = ({ mean, limit }: JudgedMean) => mean !== undefined && mean > limit

/**
 * Compares means in order of time with their limits. A mean that equals its limit is not above. Means above one and the same limit
 * that follow one another are one episode; one that could not be judged ends it.
 */
export function judge(means: readonly JudgedMean[]): Verdict {
  const episodes = episodesOf(means)
  const days = new Set<number>()
  let judged = 0
  let exceedances = 0
  let highest: JudgedMean | undefined
  for (const each of means) {
    if (each.mean === undefined) continue
    judged += 1
    if (highest?.mean === undefined || each.mean > highest.mean) highest = each
    if (!isAbove(each)) continue
    exceedances += 1
    days.add(each.day)
  }
  return {
    ...{ judged, of: means.length, exceedances, days: days.size },
    ...(highest?.mean === undefined ? {} : { highest: { start: highest.start, end: highest.end, mean: highest.mean } }),
    episodes: worstOf(episodes),
    moreEpisodes: Math.max(0, episodes.length - maxEpisodes),
  }
}

function episodesOf(means: readonly JudgedMean[]): Episode[] {
  const episodes: Episode[] = []
  let running: Episode | undefined
  for (const each of means) {
    const { start, end, mean, limit } = each
    if (mean === undefined || !isAbove(each)) {
      running = undefined
      continue
    }
    if (running?.limit !== limit || running.end < start) {
      running = { start, end, exceedances: 0, highest: mean, over: difference(mean, limit), limit }
      episodes.push(running)
    }
    running.end = end
    running.exceedances += 1
    if (mean <= running.highest) continue
    running.highest = mean
    running.over = difference(mean, limit)
  }
  return episodes
}

/** Those furthest above their limit, in order of time. */
function worstOf(episodes: readonly Episode[]): Episode[] {
  const share = ({ highest, limit }: Episode) => highest / limit
  return episodes
    .toSorted((a, b) => share(b) - share(a))
    .slice(0, maxEpisodes)
    .toSorted((a, b) => a.start - b.start)
}
