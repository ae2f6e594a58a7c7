import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { PresenceLog } from '#alerts/presence-log.ts'
import { offlineSince, presenceOfSpan } from '#storage/presence.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { silent } from '../journal/journal-parts.ts'
import { minute, start } from './store-samples.ts'

/** What a store gives back of who was offline when; `opened` gives the store of the running test. */
export function presenceContract(opened: () => TelemetryStore): void {
  describe('presence', () => {
    let now = start
    const openLog = () =>
      new PresenceLog({
        ...{ store: opened(), metrics: alertsMetrics(new Registry()), log: silent, clock: () => now },
        maxSensors: 20_000,
      })
    const offline = async (at: number) => [...(await offlineSince(opened(), at)).keys()].sort()
    const ofSpan = (from: number, to: number) => presenceOfSpan(opened(), new AbortController(), { from, to })

    it('is nobody in a new store', async () => {
      expect(await offline(start)).toEqual([])
      expect(await ofSpan(0, start)).toEqual({ offline: [], changes: [], noted: [] })
    })

    it('is at each moment what sensors had said before it, over restarts too, and what they said while nobody listened counts from then', async () => {
      now = start
      const first = openLog()
      first.record('a', true)
      first.record('b', false)
      first.start()
      for (const [at, sensor, isOffline] of [
        [2_300, 'b', true],
        [2_900, 'b', false],
        [3_000, 'b', true],
        [3_000 + 20 * minute, 'a', false],
      ] as const) {
        now = start + at
        first.record(sensor, isOffline)
        first.record(sensor, isOffline)
      }
      await first.close()
      now = start + 60 * minute
      const second = openLog()
      second.record('c', true)
      second.start()
      now += 1_500
      second.record('c', false)
      await second.close()
      const expected: [number, string[]][] = [
        [1, ['a']],
        [2_000, ['a']],
        // of one second the last word alone is kept
        [3_000, ['a']],
        [3_001, ['a', 'b']],
        [3_001 + 20 * minute, ['b']],
        [60 * minute, ['b']],
        [60 * minute + 1, ['c']],
        [60 * minute + 1_501, []],
      ]
      for (const [at, ids] of expected) expect([at, await offline(start + at)]).toEqual([at, ids])
      expect(await ofSpan(start + 3_000, start + 3_001)).toEqual({
        ...{ offline: ['a'], notedAt: start, changes: [['b', start + 3_000, true]], noted: [] },
      })
      // what a restart finds is a change of then
      const [again, over] = [start + 60 * minute, start + 90 * minute]
      expect(await ofSpan(start + 50 * minute, over)).toEqual({
        ...{ offline: ['b'], notedAt: start + 20 * minute + 3_000, noted: [again] },
        changes: [
          ['b', again, false],
          ['c', again, true],
          ['c', again + 1_500, false],
        ],
      })
      // who sees it go on from a moment on sees at each later one what it begins with
      for (const [from] of expected) {
        const { offline: gone, changes } = await ofSpan(start + from, over)
        for (const [to, ids] of expected.filter(([at]) => at >= from)) {
          const held = new Set(gone)
          for (const [id, at, isOffline] of changes) if (at < start + to) held[isOffline ? 'add' : 'delete'](id)
          expect([from, to, [...held].sort()]).toEqual([from, to, ids])
        }
      }
      // what was long ago is not known any more
      expect(await offline(start + 26 * 60 * minute)).toEqual([])
    })

    it('of 2,000 sensors that flap ten times a second costs one change of each a second, and is right at each whole second', async () => {
      now = start
      const log = openLog()
      log.start()
      const ids = Array.from({ length: 2_000 }, (_, at) => `flap-${at}`)
      for (let step = 1; step <= 40; step++) {
        now = start + step * 100
        for (const [at, id] of ids.entries()) log.record(id, (step + at) % 3 > 0)
      }
      await log.close()
      const { changes } = await ofSpan(start, now + 1)
      expect(changes.length).toBeLessThanOrEqual(5 * ids.length)
      expect(await opened().countEvents('presence')).toBeLessThan(40)
      for (const second of [1, 2, 3])
        expect(await offline(start + second * 1_000)).toEqual(
          ids.filter((_, at) => (second * 10 - 1 + at) % 3 > 0).sort(),
        )
    })
  })
}
