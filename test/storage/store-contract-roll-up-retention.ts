import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import { air, day, minute, start } from './store-samples.ts'

const hour = 60 * minute
const old = start - 400 * day + 5 * hour
const until = start + day

/** What becomes of roll-ups when readings are removed; `opened` gives the store of the running test. */
export function rollUpRetentionContract(opened: () => TelemetryStore): void {
  describe('roll-ups of readings that are removed', () => {
    const rollUpAll = async () => {
      while ((await opened().upkeep({ until, maxReadings: 1_000 })).more);
    }
    const sums = async () => {
      const edges = [old - 5 * hour, old, old + hour, old + 2 * hour, start, start + hour]
      const members = [{ sensor: 'aq-1', group: 0 }]
      const cells = await opened().rollUps({ kind: 'air-quality', value: 'pm25', members, edges })
      return cells.map(({ start: at, count, sum }) => [at, count, sum])
    }
    const fill = async () => {
      await opened().write([air('aq-1', old, 10), air('aq-1', old + minute, 30), air('aq-1', start, 5)])
      await opened().write([air('aq-1', old + hour, 2)])
      await rollUpAll()
    }
    const olds = [
      [old, 2, 40_000_000n],
      [old + hour, 1, 2_000_000n],
    ]
    const recent = [start, 1, 5_000_000n]

    it('stay as they are, whatever is rolled up, corrected or made anew afterwards', async () => {
      await fill()
      await opened().trim(old + 2 * day)
      expect(await opened().count('air-quality')).toBe(1)
      expect(await sums()).toEqual([...olds, recent])
      const span = { from: old, to: start + day }
      const segments = [{ value: 'pm25', ...span, factor: 2, offset: 0 }]
      await opened().putCorrections({ kind: 'air-quality', sensor: 'aq-1', segments, ...span })
      await rollUpAll()
      const corrected = [start, 1, 10_000_000n]
      expect(await sums()).toEqual([...olds, corrected])
      await opened().resetRollUps()
      expect(await sums()).toEqual([...olds, corrected])
      await rollUpAll()
      expect(await sums()).toEqual([...olds, corrected])
      expect((await opened().upkeepState()).frozenTo).toBeGreaterThanOrEqual(old + 2 * day)
    })

    it('are deleted when they are older than they are kept, and no others', async () => {
      await fill()
      await opened().trim(old + 2 * day)
      await opened().trimRollUps(old - 2 * day)
      expect(await sums()).toEqual([...olds, recent])
      await opened().trimRollUps(old + 2 * day)
      expect(await sums()).toEqual([recent])
      await opened().trimRollUps(old + 2 * day)
      await rollUpAll()
      expect(await sums()).toEqual([recent])
    })
  })
}
