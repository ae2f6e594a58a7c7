import { expect, it } from 'vitest'
import { answerQuality } from '#history/figures/quality/answer-quality.ts'
import type { QualityRequest } from '#history/figures/quality/quality-request.ts'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import type { StoredEvent } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { localTime, onEachStore, rollUp } from './figure-stores.ts'

const minute = 60_000
const hour = 60 * minute
const from = localTime('2026-11-20', 6)
const to = from + 2 * hour
const now = to + hour

/** Minutes of the first hour, then of half of the second; the given ones are not plausible. */
const air = (sensor: string, until: number, ...implausible: number[]): Reading[] =>
  Array.from({ length: until }, (_, index) => ({
    ...{ district: 'tay-ninh', sensor, ts: from + index * minute, kind: 'air-quality' },
    // fine dust is a part of all dust
    values: { pm25: implausible.includes(index) ? 90 : 10, pm10: 20 },
  }))

const refused = (id: string, sensor: string, ts: number, count: number): StoredEvent => {
  const topic = `city/v1/tay-ninh/air-quality/${sensor}/reading`
  const body = { ts, topic, payload: '{', payloadBytes: 1, code: 'NOT_JSON', reason: 'is not JSON', count }
  return { stream: 'quarantine', id, ts, body }
}

const request = (changes: Partial<QualityRequest> = {}): QualityRequest => ({
  groups: [
    { id: 'aq-1', sensors: ['aq-1'] },
    { id: 'aq-2', sensors: ['aq-2'] },
  ],
  kinds: [
    {
      ...{ kind: 'air-quality', values: ['pm25', 'pm10'] },
      members: [
        { sensor: 'aq-1', group: 0 },
        { sensor: 'aq-2', group: 1 },
      ],
    },
  ],
  ...{ from, to, window: undefined, zone: 'Asia/Ho_Chi_Minh', limit: 100, now },
  ...{ mostReadings: 10_000, mostRefused: 10_000, steps: new ReportingSteps([], []) },
  nameOf: (group) => ({ vi: group, en: group }),
  factsOf: (sensor) => ({ isSimulated: sensor === 'aq-2', district: 'tay-ninh', meta: {} }),
  ...changes,
})

onEachStore(
  'figures of data quality',
  async (store) => {
    await store.write([...air('aq-1', 120), ...air('aq-2', 90, 3, 70)])
    await store.appendEvents([
      refused('one', 'aq-2', from + minute, 4),
      refused('two', 'aq-2', from + 61 * minute, 6),
      refused('other', 'aq-9', from + minute, 50),
    ])
  },
  (opened) => {
    it('have the worst first, and every score the numbers that it is made of', async () => {
      const { groups, formulas, unknown, total } = await answerQuality(opened(), request())
      expect(groups.map(({ id, score }) => [id, score])).toEqual([
        ['aq-2', 0.75],
        ['aq-1', 1],
      ])
      expect(groups[0]).toMatchObject({
        ...{ kind: 'air-quality', sensors: 1, simulated: 1 },
        ...{ readings: 90, refused: 10, correct: 0.9 },
        ...{ expected: 120, timely: 90, complete: 0.75 },
        ...{ judged: 90, plausible: 88, clean: 0.9778 },
        // an hour, half of one, and three minutes after the last reading
        ...{ freshMs: 92 * minute, spanMs: 120 * minute, live: 0.7667 },
      })
      expect(formulas).toMatchObject({ correct: 'readings / (readings + refused)' })
      expect({ unknown, total }).toEqual({ unknown: [], total: 2 })
    })

    it('lead to the readings behind them', async () => {
      const { groups } = await answerQuality(opened(), request())
      const span = `from=${from}&to=${to}`
      expect(groups[0]?.links).toEqual({
        readings: `/api/v1/sensors/aq-2/history?value=pm25&window=raw&${span}`,
        refused: `/api/v1/quarantine?sensor=aq-2&${span}`,
        hours: `/api/v1/figures/quality?kind=air-quality&${span}&sensors=aq-2&groupBy=sensor&window=1h`,
      })
    })

    it('are given hour by hour', async () => {
      const { groups } = await answerQuality(opened(), request({ window: '1h' }))
      expect(groups[0]?.series).toMatchObject([
        { start: from, correct: 0.9375, complete: 1, clean: 0.9833, live: 1, score: 0.9375 },
        { start: from + hour, correct: 0.8333, complete: 0.5, clean: 0.9667, live: 0.5333, score: 0.5 },
      ])
    })

    it('of a group are of what its sensors have together: more of one do not make up for a gap of another', async () => {
      const together = { id: 'tan-ninh', sensors: ['aq-1', 'aq-2'] }
      const members = ['aq-1', 'aq-2'].map((sensor) => ({ sensor, group: 0 }))
      const kinds = [{ kind: 'air-quality' as const, values: ['pm25'], members }]
      // one of the two was to report half as often as it did
      const steps = new ReportingSteps([{ sensor: 'aq-1', seconds: 120, ts: from - hour }], [])
      const { groups } = await answerQuality(opened(), request({ groups: [together], kinds, steps }))
      expect(groups[0]).toMatchObject({ readings: 210, expected: 180, timely: 150, complete: 0.8333 })
      expect(groups[0]?.links.sensors).toContain('groupBy=sensor&sensors=aq-1&sensors=aq-2')
    })

    it('say which part is not known rather than invent it', async () => {
      const tooMany = await answerQuality(opened(), request({ mostReadings: 100 }))
      expect(tooMany.unknown).toEqual([
        { part: 'clean', code: 'TOO_MANY_READINGS', params: { readings: 210, most: 100 } },
      ])
      expect(tooMany.groups[0]).not.toHaveProperty('clean')
      const late = await answerQuality(opened(), request({ now: now + 40 * 24 * hour }))
      expect(late.unknown).toEqual([{ part: 'correct', code: 'REFUSED_NOT_KEPT', params: { days: 30 } }])
      expect(late.groups[0]).not.toHaveProperty('correct')
      expect(late.groups[0]?.score).toBe(0.75)
    })

    it('find refused messages of many sensors at once as of each by itself', async () => {
      const many = Array.from({ length: 30 }, (_, index) => ({ sensor: `aq-${index}`, group: index }))
      const { groups } = await answerQuality(
        opened(),
        request({
          groups: many.map(({ sensor }) => ({ id: sensor, sensors: [sensor] })),
          kinds: [{ kind: 'air-quality', values: ['pm25'], members: many }],
        }),
      )
      const scored = groups.filter(({ readings }) => readings > 0)
      expect(scored.map(({ id, correct }) => [id, correct])).toEqual([
        ['aq-2', 0.9],
        ['aq-1', 1],
      ])
      expect(groups.find(({ id }) => id === 'aq-9')).toMatchObject({ refused: 50, correct: 0, score: 0 })
    })

    it('give the worst alone when there are more than asked for', async () => {
      expect(await answerQuality(opened(), request({ limit: 1 }))).toMatchObject({
        total: 2,
        groups: [{ id: 'aq-2' }],
      })
    })

    it('are the same once hours are rolled up', async () => {
      const before = await answerQuality(opened(), request({ window: '1h' }))
      await rollUp(opened(), now)
      expect(await answerQuality(opened(), request({ window: '1h' }))).toEqual(before)
    })
  },
)
