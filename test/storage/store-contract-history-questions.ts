import { describe, expect, it } from 'vitest'
import type { Placements } from '#history/placements.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { askStore, placedIn } from '../history/question-parts.ts'
import { air, day, minute } from './store-samples.ts'

const hour = 60 * minute
/** midnight of a Monday in Tây Ninh */
const monday = Date.parse('2026-11-16T00:00:00+07:00')

/** Energy of a lamp, a counter, kWh. */
const lampReading = (sensor: string, ts: number, energy: number): Reading => ({
  ...{ district: 'tay-ninh', sensor, ts, kind: 'lighting' },
  values: { energy },
})

/** What a store answers to questions about the past; `opened` gives the store of the running test. */
export function historyQuestionsContract(opened: () => TelemetryStore): void {
  describe('a question about the past', () => {
    it('has a figure for every hour: its numbers, how complete it is, and whether it is over', async () => {
      // every minute of two hours, but the second half of the second
      const readings = Array.from({ length: 90 }, (_, n) => air('aq-1', monday + n * minute, n < 60 ? 10 : 20))
      await opened().write(readings)
      const now = monday + 2.5 * hour
      const { 'pm25 aq-1': figures } = await askStore(
        opened(),
        {
          ...{ sensors: ['aq-1'], from: monday, to: monday + 4 * hour, window: '1h', limit: 15 },
          functions: ['mean', 'timeWeightedMean', 'min', 'max', 'sum', 'count', 'p50', 'p95', 'shareAbove'],
        },
        { placements: placedIn(['aq-1']), now },
      )
      const coverage = { readings: 1, time: 1 }
      const flat = (value: number) => ({
        mean: value,
        timeWeightedMean: value,
        min: value,
        max: value,
        p50: value,
        p95: value,
      })
      expect(figures).toEqual([
        {
          ...{ from: monday, to: monday + hour, ...flat(10), sum: 600, count: 60, shareAbove: 0 },
          ...{ coverage, states: {}, corrected: 0, open: false },
        },
        {
          ...{ from: monday + hour, to: monday + 2 * hour, ...flat(20), sum: 600, count: 30, shareAbove: 1 },
          // the last reading holds for three steps
          ...{ coverage: { readings: 0.5, time: 32 / 60 }, states: {}, corrected: 0, open: false },
        },
        {
          ...{
            from: monday + 2 * hour,
            to: monday + 3 * hour,
            mean: null,
            timeWeightedMean: null,
            min: null,
            max: null,
          },
          ...{ p50: null, p95: null, sum: null, count: 0, shareAbove: null },
          ...{ coverage: { readings: 0, time: 0 }, states: {}, corrected: 0, open: true },
        },
      ])
    })

    it('tells clocks that were ahead apart from what counts', async () => {
      const ahead = { ...air('aq-1', monday + 30 * minute, 500), aheadMs: 7 * hour }
      await opened().write([
        air('aq-1', monday, 10),
        air('aq-1', monday + minute, 20),
        air('aq-1', monday + 2 * minute, 30),
        ahead,
      ])
      const { pm25 } = await askStore(
        opened(),
        { from: monday, to: monday + hour, window: 'all', functions: ['mean', 'count'] },
        { placements: placedIn(['aq-1']), now: monday + day },
      )
      expect(pm25).toMatchObject([{ mean: 20, count: 3, states: { clock: 0.25 }, open: false }])
    })

    it('says which share was not measured, and what people corrected, before and after', async () => {
      const readings = Array.from({ length: 60 }, (_, n) => air('aq-1', monday + n * minute, 10))
      const calibrating = { states: { pm25: 'calibrating' } } as const
      await opened().write(readings.map((reading, n) => (n < 6 ? { ...reading, ...calibrating } : reading)))
      const ask = async () => {
        const asked = { from: monday, to: monday + hour, functions: ['mean', 'count', 'max'] as const }
        const { pm25 } = await askStore(
          opened(),
          { ...asked, functions: [...asked.functions], window: 'all' },
          { placements: placedIn(['aq-1']), now: monday + day },
        )
        return pm25?.[0]
      }
      expect(await ask()).toMatchObject({ mean: 10, count: 54, states: { calibrating: 0.1 }, corrected: 0 })
      const [begin, half] = [monday + 30 * minute, monday + 45 * minute]
      await opened().putCorrections({
        ...{ kind: 'air-quality', sensor: 'aq-1', from: begin, to: monday + hour },
        segments: [
          { value: 'pm25', from: begin, to: half, factor: 2, offset: 1 },
          { value: 'pm25', from: half, to: monday + hour, exclusion: 'invalid', factor: 1, offset: 0 },
        ],
      })
      expect(await ask()).toMatchObject({
        ...{ mean: (24 * 10 + 15 * 21) / 39, count: 39, max: 21, corrected: 30 },
        states: { calibrating: 0.1, invalid: 0.25 },
      })
    })

    it('counts by how much counters grew, whatever they were set back to', async () => {
      const energies = [100, 101, 103, 0.5, 2]
      await opened().write(energies.map((energy, n) => lampReading('lamp-1', monday + n * 30 * minute, energy)))
      const placements: Placements = new Map([
        ['lamp-1', [{ from: Number.NEGATIVE_INFINITY, kind: 'lighting', district: 'tay-ninh' }]],
      ])
      const asked = { kind: 'lighting', values: ['energy'], functions: ['increase'] } as const
      const ask = (window: '1h' | 'all') =>
        askStore(
          opened(),
          {
            ...asked,
            values: [...asked.values],
            functions: [...asked.functions],
            from: monday,
            to: monday + 3 * hour,
            window,
          },
          { placements, now: monday + day },
        )
      expect((await ask('1h')).energy?.map(({ increase }) => increase)).toEqual([1, 2.5, 1.5])
      expect((await ask('all')).energy).toMatchObject([{ increase: 5 }])
    })

    it('of a ward is of the sensors that stood there at the time', async () => {
      const moved = monday + 12 * hour
      const here = { kind: 'air-quality', district: 'tay-ninh' } as const
      const always = Number.NEGATIVE_INFINITY
      const placements: Placements = new Map([
        [
          'aq-1',
          [
            { from: always, ...here, ward: 'a' },
            { from: moved, ...here, ward: 'b' },
          ],
        ],
        ['aq-2', [{ from: always, ...here, ward: 'b' }]],
      ])
      const each = (sensor: string, value: number) =>
        Array.from({ length: 24 }, (_, n) => air(sensor, monday + n * hour, value))
      await opened().write([...each('aq-1', 10), ...each('aq-2', 40)])
      const span = { from: monday, to: monday + day }
      const functions: ('mean' | 'count')[] = ['mean', 'count']
      const wards = await askStore(
        opened(),
        { ...span, functions, groupBy: 'ward', window: 'all' },
        { placements, now: monday + 2 * day },
      )
      expect(wards['pm25 a']).toMatchObject([{ mean: 10, count: 12 }])
      expect(wards['pm25 b']).toMatchObject([{ mean: (12 * 10 + 24 * 40) / 36, count: 36 }])
      const compared = await askStore(
        opened(),
        { from: moved, to: monday + day, functions, wards: ['b'], window: '6h', compare: 'previous' },
        { placements, now: monday + 2 * day },
      )
      expect(compared.pm25).toMatchObject([
        { from: moved, mean: 25, count: 12, compared: { from: monday, to: monday + 6 * hour, mean: 40, count: 6 } },
        { from: moved + 6 * hour, mean: 25, compared: { from: monday + 6 * hour, to: moved, mean: 40 } },
      ])
    })
  })
}
