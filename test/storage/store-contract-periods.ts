import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { loadPeriodLog } from '#alerts/period-log.ts'
import { stretchesOf } from '#history/flow.ts'
import { readPoints } from '#history/points.ts'
import { maxPeriodChanges, reportingPeriods } from '#storage/reporting-periods.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { silent } from '../journal/journal-parts.ts'
import { counter, minute, start } from './store-samples.ts'

const context = { signal: new AbortController().signal }

/** What a store gives back of how often sensors reported; `opened` gives the store of the running test. */
export function periodsContract(opened: () => TelemetryStore): void {
  describe('the period of a sensor', () => {
    let now = start
    const openLog = () =>
      loadPeriodLog({ store: opened(), metrics: alertsMetrics(new Registry()), log: silent, clock: () => now })
    const periods = (from: number, to: number, sensor = 'count-1', known?: number) =>
      reportingPeriods(opened(), { sensor, from, to, now: known })
    /** A session of alerts in which sensors say these periods. */
    const session = async (said: readonly (readonly [number, string, number])[]) => {
      const log = await openLog()
      for (const [at, sensor, seconds] of said) {
        now = at
        log.record(sensor, seconds)
      }
      await log.close()
    }

    it('is not known in a new store: what it is now is assumed', async () => {
      expect(await periods(start, start + minute)).toEqual([])
      const assumed = [{ from: start, seconds: 5, assumed: true }]
      expect(await periods(start, start + minute, 'count-1', 5)).toEqual(assumed)
    })

    it('is at each moment what it said before, over restarts too; before the first word the first is assumed', async () => {
      await session([
        [start, 'count-1', 60],
        [start, 'count-2', 5],
      ])
      // the broker says the retained meta again
      await session([
        [start + 10 * minute, 'count-1', 60],
        [start + 20 * minute, 'count-1', 30],
      ])
      expect(await periods(start - minute, start + 60 * minute)).toEqual([
        { from: start - minute, seconds: 60, assumed: true },
        { from: start, seconds: 60 },
        { from: start + 20 * minute, seconds: 30 },
      ])
      expect(await periods(start + minute, start + 2 * minute)).toEqual([{ from: start + minute, seconds: 60 }])
      const later = start + 30 * minute
      expect(await periods(later, later + 1, 'count-1', 7)).toEqual([{ from: later, seconds: 30 }])
      expect(await periods(later, later + 1, 'count-2')).toEqual([{ from: later, seconds: 5 }])
      // when age has ended the first note, the next one still says what was before
      await opened().trimEvents('period', start + 15 * minute)
      expect(await periods(start, start + 60 * minute)).toEqual([
        { from: start, seconds: 60 },
        { from: start + 20 * minute, seconds: 30 },
      ])
    })

    it('is noted once however often it is said, and a change that is taken back at once not at all', async () => {
      await session([[start, 'count-1', 60]])
      await session([
        [start + 1_000, 'count-1', 60],
        [start + 2_000, 'count-1', 5],
        [start + 3_000, 'count-1', 60],
      ])
      expect(await opened().countEvents('period')).toBe(1)
    })

    it('that changes too often in a span is not guessed', async () => {
      const body = (n: number) => ({ sensor: 'count-1', seconds: (n % 2) + 1 })
      const notes = Array.from({ length: maxPeriodChanges + 5 }, (_, n) => ({
        ...{ stream: 'period' as const, id: `note-${n}`, ts: start + n * minute, body: body(n) },
      }))
      await opened().appendEvents(notes)
      expect(await periods(start - 1, start + 1_000 * minute)).toBeUndefined()
      expect(await periods(start + 50 * minute, start + 52 * minute)).toEqual([
        { from: start + 50 * minute, seconds: 1 },
        { from: start + 51 * minute, seconds: 2 },
      ])
    })

    it('makes counts comparable: a bucket is of one period alone, and vehicles an hour are the same before and after', async () => {
      // ten vehicles a minute all the time, counted per minute, then per half of one from 12:07 on
      const change = start + 7 * minute
      await session([[start, 'count-1', 60]])
      await session([[change, 'count-1', 30]])
      const each = (count: number, from: number, step: number, vehicles: number) =>
        Array.from({ length: count }, (_, n) => counter('count-1', from + n * step, vehicles))
      await opened().write([...each(7, start, minute, 10), ...each(6, change, minute / 2, 5)])
      const span = { from: start, to: start + 10 * minute }
      const stretches = stretchesOf((await periods(span.from, span.to)) ?? [], span)
      const asked = {
        ...({ kind: 'traffic', sensor: 'count-1', value: 'intensity', ...span, limit: 100 } as const),
        ...({ fn: 'mean', zone: 'Asia/Ho_Chi_Minh', stretches, now: start + 60 * minute } as const),
      }
      const means = { ...asked, window: '5m' } as const
      expect(await readPoints(opened(), { ...means, isPerHour: false }, context)).toEqual([
        { ts: start, end: start + 5 * minute, value: 10 },
        { ts: start + 5 * minute, end: change, value: 10, partial: true },
        { ts: change, end: start + 10 * minute, value: 5, partial: true },
      ])
      const flow = await readPoints(opened(), { ...means, isPerHour: true }, context)
      expect(flow.map(({ value }) => value)).toEqual([600, 600, 600])
      const raw = await readPoints(opened(), { ...asked, window: 'raw', isPerHour: true }, context)
      expect(raw.map(({ value }) => value)).toEqual(Array.from({ length: 13 }, () => 600))
      expect(await readPoints(opened(), { ...means, isPerHour: false, limit: 2 }, context)).toHaveLength(2)
    })
  })
}
