import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JudgedMean, judge, maxEpisodes } from '#history/figures/air/exceedances.ts'

const hourMs = 3_600_000
/** Means of hours that follow one another. */
const hours = (means: readonly (number | undefined)[], limit = 200): JudgedMean[] =>
  means.map((mean, at) => ({ start: at * hourMs, end: (at + 1) * hourMs, mean, limit, day: Math.floor(at / 24) }))

describe('exceedances of a limit', () => {
  it('are counted, and listed as episodes with how long and by how much', () => {
    expect(judge(hours([100, 200, 201, 260, 190, undefined, 300]))).toEqual({
      ...{ judged: 6, of: 7, exceedances: 3, days: 1 },
      highest: { start: 6 * hourMs, end: 7 * hourMs, mean: 300 },
      episodes: [
        { start: 2 * hourMs, end: 4 * hourMs, exceedances: 2, highest: 260, over: 60, limit: 200 },
        { start: 6 * hourMs, end: 7 * hourMs, exceedances: 1, highest: 300, over: 100, limit: 200 },
      ],
      moreEpisodes: 0,
    })
  })

  it('begin a new episode where the limit changes', () => {
    const means = [...hours([48], 50), ...hours([undefined, 48], 45).slice(1)]
    expect(judge(means)).toMatchObject({ exceedances: 1, episodes: [{ start: hourMs, limit: 45, over: 3 }] })
    const both = hours([60, 60]).map((each, at) => ({ ...each, limit: at === 0 ? 50 : 45 }))
    expect(judge(both).episodes.map(({ limit, over }) => [limit, over])).toEqual([
      [50, 10],
      [45, 15],
    ])
  })

  it('say nothing of what could not be judged', () => {
    expect(judge(hours([undefined, undefined]))).toEqual({
      ...{ judged: 0, of: 2, exceedances: 0, days: 0, episodes: [], moreEpisodes: 0 },
    })
    expect(judge([])).toMatchObject({ judged: 0, of: 0 })
  })

  it('list those furthest above when there are very many, in order of time', () => {
    const means = Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 201 + at : 0))
    const { episodes, moreEpisodes, exceedances } = judge(hours(means))
    expect([episodes.length, moreEpisodes, exceedances]).toEqual([maxEpisodes, 200 - maxEpisodes, 200])
    expect(episodes.at(0)?.start).toBe((400 - 2 * maxEpisodes) * hourMs)
    expect(episodes.at(-1)?.highest).toBe(201 + 398)
  })

  it('are as many as their episodes have, each of which is above its limit', () => {
    const mean = fc.option(fc.integer({ min: 150, max: 250 }), { nil: undefined })
    fc.assert(
      fc.property(fc.array(mean, { maxLength: 90 }), (means) => {
        const { episodes, exceedances, judged, days, highest } = judge(hours(means))
        const above = means.flatMap((each) => (each !== undefined && each > 200 ? [each] : []))
        expect(exceedances).toBe(above.length)
        expect(episodes.reduce((sum, each) => sum + each.exceedances, 0)).toBe(above.length)
        expect(episodes.every(({ over, start, end, exceedances: n }) => over > 0 && end - start === n * hourMs)).toBe(
          true,
        )
        expect(days).toBeLessThanOrEqual(exceedances)
        expect(judged).toBe(means.filter((each) => each !== undefined).length)
        if (above.length > 0) expect(highest?.mean).toBe(Math.max(...above))
      }),
    )
  })
})
