import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import { air, day, everything, lamp, minute, pm25Of, start } from './store-samples.ts'

const plain = {
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  count: (values: readonly number[]) => values.length,
}

function groupByWindow(given: readonly (readonly [offset: number, pm25: number])[], window: number) {
  const groups = new Map<number, number[]>()
  for (const [offset, pm25] of given) {
    const bucket = start + offset - ((start + offset) % window)
    groups.set(bucket, [...(groups.get(bucket) ?? []), pm25])
  }
  return [...groups].toSorted(([a], [b]) => a - b)
}

/** What histories and time buckets promise; `opened` gives the store of the running test. */
export function historyContract(opened: () => TelemetryStore): void {
  describe('a history', () => {
    it('holds from ≤ ts < to, the earliest first, and no more than asked for', async () => {
      await opened().write([3, 1, 4, 0, 2].map((i) => air('aq-1', start + i, i)))
      const query = { ...pm25Of('aq-1'), from: start + 1, to: start + 4 }
      expect((await opened().history(query)).map(({ ts }) => ts - start)).toEqual([1, 2, 3])
      expect((await opened().history({ ...query, limit: 2 })).map(({ ts }) => ts - start)).toEqual([1, 2])
      expect(await opened().history({ ...query, from: start + 9, to: start + 99 })).toEqual([])
    })

    it('gives words as they were', async () => {
      await opened().write([lamp('lamp-1', start, 'on'), lamp('lamp-1', start + 1, 'off')])
      const points = await opened().history({ kind: 'lighting', sensor: 'lamp-1', value: 'powerState', ...everything })
      expect(points).toEqual([
        { ts: start, value: 'on' },
        { ts: start + 1, value: 'off' },
      ])
    })

    it('leaves out readings without that value, and other sensors', async () => {
      await opened().write([
        air('aq-1', start, 1),
        { district: 'tay-ninh', sensor: 'aq-1', ts: start + 1, kind: 'air-quality', values: { no2: 4 } },
        air('aq-2', start + 2, 3),
      ])
      expect(await opened().history(pm25Of('aq-1'))).toEqual([{ ts: start, value: 1 }])
      expect(await opened().history({ ...pm25Of('aq-1'), value: 'no2' })).toEqual([{ ts: start + 1, value: 4 }])
    })

    it('keeps numbers exactly: zero, whole, long and tiny ones', async () => {
      const numbers = [0, 12, 12.5, 1 / 3, 1e-7, 9_999.999]
      await opened().write(numbers.map((value, i) => air('aq-1', start + i, value)))
      expect((await opened().history(pm25Of('aq-1'))).map(({ value }) => value)).toEqual(numbers)
    })

    it('of a value that the kind does not have is refused', async () => {
      await opened().write([air('aq-1', start, 1)])
      for (const value of ['voltage', 'ts', '', '*', 'pm25" FROM "lighting" --']) {
        await expect(opened().history({ ...pm25Of('aq-1'), value })).rejects.toThrow(RangeError)
        const query = { ...pm25Of('aq-1'), value, window: minute, fn: 'mean' } as const
        await expect(opened().buckets(query)).rejects.toThrow(RangeError)
      }
    })

    it('of a sensor whose name is a piece of query is empty', async () => {
      await opened().write([air('aq-1', start, 1)])
      expect(await opened().history(pm25Of("aq-1' OR 'a' = 'a"))).toEqual([])
      expect(await opened().history(pm25Of(`"aq-1" OR "sensor" != ''`))).toEqual([])
    })
  })

  describe('time buckets', () => {
    const value = async (fn: Aggregate) =>
      (await opened().buckets({ ...pm25Of('aq-1'), window: day, fn })).map((point) => point.value)

    it('give each aggregate', async () => {
      await opened().write([4, 1, 3, 10, 2].map((pm25, i) => air('aq-1', start + i * minute, pm25)))
      const found = [await value('mean'), await value('min'), await value('max'), await value('count')]
      expect(found).toEqual([[4], [1], [10], [5]])
    })

    it('give as a percentile the measured value of the nearest rank', async () => {
      await opened().write(Array.from({ length: 20 }, (_, i) => air('aq-1', start + i, ((i * 7) % 20) + 1)))
      expect([await value('p50'), await value('p95')]).toEqual([[10], [19]])
      await opened().write(Array.from({ length: 80 }, (_, i) => air('aq-1', start + minute + i, i + 21)))
      expect([await value('p50'), await value('p95')]).toEqual([[50], [95]])
    })

    it('of a single reading are that reading, whatever the aggregate', async () => {
      await opened().write([air('aq-1', start, 3.5)])
      for (const fn of ['mean', 'min', 'max', 'p50', 'p95'] as const) expect(await value(fn)).toEqual([3.5])
    })

    it('are aligned to the epoch, in order, and the empty ones left out', async () => {
      const times = [start + 7 * minute, start + 14 * minute, start + 15 * minute, start + 61 * minute]
      await opened().write(times.map((ts) => air('aq-1', ts, 1)))
      const query = { ...pm25Of('aq-1'), window: 15 * minute, fn: 'count' } as const
      const all = [
        { ts: start, value: 2 },
        { ts: start + 15 * minute, value: 1 },
        { ts: start + 60 * minute, value: 1 },
      ]
      expect(await opened().buckets(query)).toEqual(all)
      expect(await opened().buckets({ ...query, limit: 2 })).toEqual(all.slice(0, 2))
      // a span that begins within a bucket: its start is the bucket's, its readings are the span's
      const within = { ...query, from: start + 14 * minute, to: start + 61 * minute }
      expect(await opened().buckets(within)).toEqual([{ ts: start, value: 1 }, all[1]])
    })

    it('of a day begin at midnight UTC', async () => {
      await opened().write([air('aq-1', start - 1, 1), air('aq-1', start, 2), air('aq-1', start + day - 1, 4)])
      expect(await opened().buckets({ ...pm25Of('aq-1'), window: day, fn: 'mean' })).toEqual([
        { ts: start - day, value: 1 },
        { ts: start, value: 3 },
      ])
    })

    it('leave out readings without that value', async () => {
      const other: Reading = { ...air('aq-1', start + 1, 0), kind: 'air-quality', values: { no2: 4 } }
      await opened().write([air('aq-1', start, 1), other])
      expect(await value('count')).toEqual([1])
    })

    it('agree with a plain reckoning over any readings', async () => {
      let run = 0
      const reading = fc.tuple(fc.integer({ min: 0, max: 3 * 3_600_000 }), fc.integer({ min: 0, max: 1_000 }))
      const some = fc.uniqueArray(reading, { minLength: 1, maxLength: 60, selector: ([offset]) => offset })
      await fc.assert(
        fc.asyncProperty(some, fc.constantFrom(minute, 5 * minute, 60 * minute), async (given, window) => {
          run += 1
          const sensor = `aq-any-${run}`
          await opened().write(given.map(([offset, pm25]) => air(sensor, start + offset, pm25)))
          const groups = groupByWindow(given, window)
          for (const fn of ['mean', 'min', 'max', 'count'] as const) {
            const found = await opened().buckets({ ...pm25Of(sensor), window, fn })
            expect(found.map(({ ts }) => ts)).toEqual(groups.map(([ts]) => ts))
            for (const [at, [, values]] of groups.entries()) expect(found[at]?.value).toBeCloseTo(plain[fn](values), 9)
          }
        }),
        { numRuns: 15 },
      )
    })
  })
}
