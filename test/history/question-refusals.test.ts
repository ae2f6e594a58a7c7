import { describe, expect, it } from 'vitest'
import type { PlacedFrom, Placements } from '#history/placements.ts'
import { type AnswerLimits, planQuestion } from '#history/question/plan.ts'
import { QuestionRefusal } from '#history/question/refusal.ts'
import { maxLookedAt, weighQuestion } from '#history/question/weigh-question.ts'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import type { HistoryQuestion } from '#telemetry/history-question.ts'
import { placedIn, places, plenty, question } from './question-parts.ts'

const day = 86_400_000
const now = Date.parse('2026-11-29T12:00:00+07:00')
const stations = Array.from({ length: 30 }, (_, n) => `air-${n}`)
const lamp: PlacedFrom = { from: Number.NEGATIVE_INFINITY, kind: 'lighting', district: 'tay-ninh', tags: ['school'] }
const placements: Placements = new Map<string, readonly PlacedFrom[]>([...placedIn(stations), ['lamp-1', [lamp]]])
const plan = (given: Partial<HistoryQuestion>, limits: AnswerLimits = plenty) =>
  planQuestion(question(given), { placements, places, limits, zone: 'Asia/Ho_Chi_Minh', now })

function refusalOf(given: Partial<HistoryQuestion>, limits?: AnswerLimits): QuestionRefusal {
  try {
    plan(given, limits)
  } catch (error) {
    if (error instanceof QuestionRefusal) return error
    throw error
  }
  throw new Error('it is answered')
}

const year = { from: now - 365 * day, to: now }

describe('a question that cannot be answered as it is', () => {
  it.each<[string, Partial<HistoryQuestion>, string, string, string]>([
    ['no kind', { kind: undefined }, 'INVALID_REQUEST', 'KIND_OR_SENSORS_NEEDED', 'traffic, lighting'],
    ['an unknown sensor', { sensors: ['air-99'] }, 'UNKNOWN_SENSOR', 'NO_SUCH_SENSORS', 'air-99'],
    [
      'sensors of two kinds',
      { kind: undefined, sensors: ['air-1', 'lamp-1'] },
      'INVALID_REQUEST',
      'SENSORS_OF_SEVERAL_KINDS',
      'air-quality, lighting',
    ],
    ['sensors of another kind', { sensors: ['lamp-1'] }, 'INVALID_REQUEST', 'SENSORS_OF_OTHER_KIND', 'lamp-1'],
    ['an unknown value', { values: ['speed'] }, 'UNKNOWN_VALUE', 'NO_SUCH_VALUE', 'pm25, pm10'],
    [
      'a value of another kind',
      { values: ['pm25', 'energy'] },
      'UNKNOWN_VALUE',
      'VALUE_OF_OTHER_KIND',
      'kind=lighting',
    ],
    [
      'figures of a word',
      { kind: 'lighting', values: ['powerState'], functions: ['p95'] },
      'NOT_NUMERIC',
      'NO_FIGURES_OF_WORDS',
      'window=raw',
    ],
    ['the increase of no counter', { functions: ['increase'] }, 'INVALID_REQUEST', 'NOT_A_COUNTER', 'sum'],
    [
      'the same of a kind with counters',
      { kind: 'lighting', values: ['voltage'], functions: ['increase'] },
      'INVALID_REQUEST',
      'NOT_A_COUNTER',
      'energy, lampHours',
    ],
    ['an inverted span', { from: now - day, to: now - 2 * day }, 'EMPTY_SPAN', 'FROM_NOT_BEFORE_TO', 'from'],
    ['an empty span', { from: now - day, to: now - day }, 'EMPTY_SPAN', 'FROM_NOT_BEFORE_TO', 'from'],
    ['the future', { from: now + day, to: now + 2 * day }, 'EMPTY_SPAN', 'SPAN_NOT_BEGUN', 'from'],
    ['shareAbove of nothing', { functions: ['shareAbove'] }, 'INVALID_REQUEST', 'LIMIT_NEEDED', 'limit'],
    ['a limit of nothing', { limit: 45 }, 'INVALID_REQUEST', 'LIMIT_OF_SHARE_ABOVE', 'shareAbove'],
    [
      'a limit of two values',
      { values: ['pm25', 'pm10'], functions: ['shareAbove'], limit: 45 },
      'INVALID_REQUEST',
      'LIMIT_OF_ONE_VALUE',
      'shareAbove',
    ],
    ['window and points', { window: '1h', points: 10 }, 'INVALID_REQUEST', 'WINDOW_OR_POINTS', 'window'],
    [
      'a profile in windows',
      { profile: 'hour-of-week', window: '1h' },
      'INVALID_REQUEST',
      'PROFILE_HAS_NO_WINDOW',
      'window',
    ],
    [
      'a profile of percentiles',
      { profile: 'hour-of-week', functions: ['mean', 'p95'] },
      'INVALID_REQUEST',
      'NO_PERCENTILES_IN_PROFILE',
      'p95',
    ],
    ['an unknown district', { districts: ['nowhere'] }, 'INVALID_REQUEST', 'NO_SUCH_GROUPS', 'tay-ninh'],
    ['an unknown ward', { wards: ['tan-ninh', 'nowhere'] }, 'INVALID_REQUEST', 'NO_SUCH_GROUPS', 'nowhere'],
    ['a road where there are none', { roads: ['cmt8'] }, 'INVALID_REQUEST', 'NO_SUCH_GROUPS', 'cmt8'],
    ['a tag that no sensor has', { tags: ['market'] }, 'INVALID_REQUEST', 'NO_SUCH_GROUPS', 'school'],
    ['a year by minutes', { ...year, window: '1m' }, 'TOO_MUCH_ASKED', 'TOO_MANY_FIGURES', 'window=30m'],
  ])('%s is refused with what to ask instead, in both languages', (_, given, code, fault, says) => {
    const refusal = refusalOf(given)
    expect(refusal).toMatchObject({ code, fault: { code: fault } })
    const [vi, en] = (['vi', 'en'] as const).map((language) => sayRequestFault(language, refusal.fault))
    expect(en).toContain(says)
    expect(vi).not.toBe(en)
    expect(vi).not.toMatch(/undefined|\bask\b/)
  })

  it('is none where a place has no sensors: there is nothing to tell', () => {
    expect(plan({ wards: ['binh-minh'] })).toMatchObject({ groups: [], members: [] })
    expect(plan({ tags: ['school'] }).groups).toEqual([])
  })

  it('is told how many series it would have, or which window would do, by the bounds of its answer', () => {
    const few = { series: 20, figures: 200_000 }
    expect(refusalOf({ groupBy: 'sensor' }, few).fault).toMatchObject({
      code: 'TOO_MANY_SERIES',
      params: { series: 30, most: 20 },
    })
    expect(plan({ groupBy: 'sensor', sensors: stations.slice(0, 20) }, few).groups).toHaveLength(20)
    const tight = { series: 1_000, figures: 20_000 }
    expect(refusalOf({ ...year, groupBy: 'sensor', window: '1h' }, tight).fault).toEqual({
      code: 'TOO_MANY_FIGURES',
      params: { figures: 262_800, most: 20_000, window: '1d' },
    })
    expect(refusalOf({ ...year, groupBy: 'sensor', window: '1y' }, { series: 1_000, figures: 10 }).fault).toEqual({
      code: 'TOO_MANY_FIGURES',
      params: { figures: 30, most: 10 },
    })
  })

  it('is weighed: what is too much is refused with the window or the span that would do', async () => {
    const steps = new ReportingSteps([], [])
    const store = (perBucket: (ms: number) => number) => ({
      rollUps: async () => [],
      percentiles: async () => [],
      above: async () => [],
      readEvents: async () => [],
      // whole hours are rolled up, anything finer is read
      weigh: async ({ edges }: { edges: readonly number[] }) => {
        const [from = 0, second = 0] = edges
        return { readings: perBucket(second - from) * (edges.length - 1), rollUps: edges.length - 1 }
      },
    })
    const asked = plan({ ...year, from: year.to - 364 * day, window: '30m' })
    const heavy = store((ms) => (ms < 3_600_000 ? 1_000 : 0))
    await expect(weighQuestion(heavy, asked, steps)).rejects.toMatchObject({
      fault: { code: 'TOO_MANY_READINGS_ASKED', params: { most: maxLookedAt, window: '1h' } },
    })
    await expect(weighQuestion(heavy, plan({ ...year, window: '1d' }), steps)).resolves.toBeLessThan(1_000)
    // percentiles are of readings, whatever the window: 30 stations, each a reading a minute
    const percentiles = plan({ ...year, window: '1d', functions: ['p95'] })
    const refused = await weighQuestion(
      store(() => 0),
      percentiles,
      steps,
    ).catch((error: QuestionRefusal) => error.fault)
    const days = Math.floor(maxLookedAt / (30 * 1_440))
    expect(refused).toMatchObject({ code: 'TOO_MANY_READINGS_ASKED', params: { days } })
    const shorter = plan({ from: now - days * day, to: now, window: '1d', functions: ['p95'] })
    await expect(
      weighQuestion(
        store(() => 0),
        shorter,
        steps,
      ),
    ).resolves.toBeLessThanOrEqual(maxLookedAt)
  })
})
