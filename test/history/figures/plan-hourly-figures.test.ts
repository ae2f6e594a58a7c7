import { describe, expect, it } from 'vitest'
import { hourGrid } from '#history/figures/hour-grid.ts'
import { type HourlyFiguresQuestion, planHourlyFigures } from '#history/figures/plan-hourly-figures.ts'
import { mostLookedAt, weighHourlyFigures } from '#history/figures/weigh-hourly-figures.ts'
import type { PlacedFrom } from '#history/placements.ts'
import { QuestionRefusal } from '#history/question/refusal.ts'
import { spanOf } from '#history/time-buckets.ts'
import { pollutants } from '#telemetry/vn-aqi.ts'

const zone = 'Asia/Ho_Chi_Minh'
const dayMs = 86_400_000
/** 20 November 2026, 13:20 in the districts */
const now = Date.UTC(2026, 10, 20, 6, 20)
const kind = 'air-quality'

const placements = new Map(
  Array.from({ length: 60 }, (_, at): [string, PlacedFrom[]] => [
    `aq-${at}`,
    [{ from: Number.NEGATIVE_INFINITY, kind, district: 'tay-ninh', ...(at < 2 ? { simulated: true } : {}) }],
  ]),
)
const plan = (question: Partial<HourlyFiguresQuestion>) =>
  planHourlyFigures(
    { kind, groupBy: 'sensor', window: '1d', ...question },
    { placements, places: { districts: [], wards: [] }, zone, now },
  )
const faultOf = (question: Partial<HourlyFiguresQuestion>) => {
  try {
    plan(question)
  } catch (error) {
    if (error instanceof QuestionRefusal) return [error.fault.code, error.fault.params]
    throw error
  }
  return undefined
}

describe('a plan of official figures', () => {
  it('is of whole windows that have begun: the last 30 days, two years or so of months, unless it is said', () => {
    const days = plan({ sensors: ['aq-1'] }).windows
    expect([days.length, days.at(-1)?.end]).toEqual([31, Date.UTC(2026, 10, 20, 17)])
    expect(plan({ sensors: ['aq-1'], window: '1h' }).windows).toHaveLength(25)
    expect(plan({ sensors: ['aq-1'], window: '1mo' }).windows).toHaveLength(13)
    expect(plan({ from: now - dayMs, to: now + 400 * dayMs }).windows).toHaveLength(2)
  })

  it('knows who is in which group, and who is simulated', () => {
    const { membership, isSimulated } = plan({ groupBy: 'district' })
    expect(membership.groups).toMatchObject([{ id: 'tay-ninh', sensors: { length: 60 } }])
    expect(['aq-1', 'aq-2'].map(isSimulated)).toEqual([true, false])
  })

  it('refuses more figures than an answer has, and names the window that would do', () => {
    const year = { from: now - 365 * dayMs, to: now }
    expect(faultOf({ ...year, window: '1h' })).toEqual([
      'TOO_MANY_FIGURES',
      { figures: expect.any(Number), most: 20_000, window: '1mo' },
    ])
    expect(faultOf({ ...year, window: '1h', groupBy: 'district' })).toBeUndefined()
    expect(faultOf({ ...year, window: '1d' })).toMatchObject(['TOO_MANY_FIGURES', { window: '1mo' }])
    expect(faultOf({ from: now - 7_000 * dayMs, window: '1h', sensors: ['aq-1'] })).toMatchObject([
      'TOO_MANY_FIGURES',
      { window: '1d' },
    ])
  })

  it('is weighed by what the store would look at, and refused with the span that would do', async () => {
    const year = plan({ from: now - 365 * dayMs, to: now, groupBy: 'district' })
    const grid = hourGrid(zone, spanOf(year.windows), 11, now)
    const weighing = (perHour: number) => ({
      weigh: async ({ edges }: { edges: readonly number[] }) => ({
        readings: 0,
        rollUps: (edges.length - 1) * perHour,
      }),
    })
    expect(await weighHourlyFigures(weighing(60), year, grid, { values: ['pm25'] })).toBe(60 * grid.hours.length)
    const refused = weighHourlyFigures(weighing(60), year, grid, { values: pollutants })
    await expect(refused).rejects.toMatchObject({
      fault: {
        code: 'TOO_MANY_READINGS_ASKED',
        params: { readings: 360 * grid.hours.length, most: mostLookedAt, days: expect.any(Number) },
      },
    })
  })
})
