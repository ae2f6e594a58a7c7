import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBuckets } from '#history/buckets.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Window } from '#telemetry/rest.ts'
import { changesIn2025, localBucket, zones } from '../support/local-calendar.ts'
import { air, day, minute, pm25Of, start } from './store-samples.ts'

/** What buckets of a zone's clock and calendar promise on every store; `opened` gives the store of the running test. */
export function calendarContract(opened: () => TelemetryStore): void {
  describe('time buckets of a zone', () => {
    it('begin where they are told to', async () => {
      await opened().write([
        air('aq-1', start - 8 * 60 * minute, 1),
        air('aq-1', start, 2),
        air('aq-1', start + 17 * 60 * minute, 4),
      ])
      const local = { window: day, origin: start + 17 * 60 * minute, fn: 'mean' } as const
      expect(await opened().buckets({ ...pm25Of('aq-1'), ...local })).toEqual([
        { ts: start - 31 * 60 * minute, value: 1 },
        { ts: start - 7 * 60 * minute, value: 2 },
        { ts: start + 17 * 60 * minute, value: 4 },
      ])
      expect(await opened().buckets({ ...pm25Of('aq-1'), ...local, origin: local.origin - 40_000 * day })).toHaveLength(
        3,
      )
    })

    it('agree with a plain reckoning by the zone’s clock, whatever its clocks do', async () => {
      let run = 0
      const changes = new Map(zones.map((zone) => [zone, changesIn2025(zone)]))
      const windows: Window[] = ['5m', '1h', '1d', '1w', '1mo', '1y']
      /** ms around a change in which readings lie */
      const reach: Partial<Record<Window, number>> = {
        '5m': 60 * minute,
        '1h': 240 * minute,
        '1d': 3 * day,
        '1y': 700 * day,
      }
      const shares = fc.uniqueArray(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...zones),
          fc.nat({ max: 9 }),
          fc.constantFrom(...windows),
          shares,
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          async (zone, nth, window, given, first, length) => {
            run += 1
            const near = changes.get(zone) ?? []
            const centre = near[nth % near.length] ?? start
            const width = reach[window] ?? 45 * day
            const at = (share: number) => centre + Math.round(share * width)
            const sensor = `aq-zone-${run}`
            const times = [...new Set(given.map(at))]
            await opened().write(times.map((ts, i) => air(sensor, ts, i)))
            const [from, to] = [at(first), at(first) + 1 + Math.round(length * 2 * width)]
            const groups = new Map<string, number[]>()
            for (const [i, ts] of times.entries()) {
              const name = localBucket(ts, zone, window)
              if (ts >= from && ts < to) groups.set(name, [...(groups.get(name) ?? []), i])
            }
            for (const fn of ['max', 'count'] as const) {
              const found = await readBuckets(opened(), { ...pm25Of(sensor), from, to, limit: 1_000, window, zone, fn })
              const named = found.map((bucket) => [localBucket(bucket.start, zone, window), bucket.value])
              const plain = [...groups].map(([name, values]) => [
                name,
                fn === 'max' ? Math.max(...values) : values.length,
              ])
              expect(new Map(named as [string, number][])).toEqual(new Map(plain as [string, number][]))
              expect(found).toHaveLength(groups.size)
              expect(found.map((bucket) => bucket.start)).toEqual(
                found.map((bucket) => bucket.start).toSorted((a, b) => a - b),
              )
            }
          },
        ),
        { numRuns: 60 },
      )
    })
  })
}
