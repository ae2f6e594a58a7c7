import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { alertsMetrics } from '#alerts/metrics.ts'
import { loadPlacementLog } from '#alerts/placement-log.ts'
import { PlacementReader } from '#history/placements.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Placement } from '#telemetry/placement.ts'
import { silent } from '../journal/journal-parts.ts'
import { day, minute, start } from './store-samples.ts'

const at = (ward: string): Placement => ({ kind: 'air-quality', district: 'tay-ninh', ward })

/** What a store gives back of where sensors belonged; `opened` gives the store of the running test. */
export function placementsContract(opened: () => TelemetryStore): void {
  describe('the place of a sensor', () => {
    let now = start
    /** A session of alerts in which sensors say where they belong. */
    const session = async (said: readonly (readonly [number, string, Placement])[]) => {
      const metrics = alertsMetrics(new Registry())
      const log = await loadPlacementLog({ store: opened(), metrics, log: silent, clock: () => now })
      for (const [ts, sensor, placement] of said) {
        now = ts
        log.record(sensor, placement)
      }
      await log.close()
    }

    it('is what it said before, over restarts and however long ago; before the first word the first is assumed', async () => {
      await session([
        [start, 'air-1', { ...at('tan-ninh'), tags: ['market', 'school'] }],
        [start, 'air-2', at('tan-ninh')],
      ])
      // the broker says the retained meta again
      await session([
        [start + minute, 'air-1', { ...at('tan-ninh'), tags: ['market', 'school'] }],
        [start + 2 * minute, 'air-2', at('binh-minh')],
      ])
      await opened().trim(start + day)
      const meta = {
        name: { vi: 'a', en: 'a' },
        position: [106, 11] as [number, number],
        period: 60,
        ward: 'ninh-thanh',
      }
      const sensors = ['air-2', 'air-3'].map((id) => ({ id, kind: 'air-quality', district: 'tay-ninh', meta }) as const)
      const placements = await new PlacementReader({ store: opened(), sensors: () => sensors, clock: () => now }).read()
      const always = Number.NEGATIVE_INFINITY
      expect(Object.fromEntries(placements)).toEqual({
        'air-1': [{ from: always, ...at('tan-ninh'), tags: ['market', 'school'] }],
        'air-2': [
          { from: always, ...at('tan-ninh') },
          { from: start + 2 * minute, ...at('binh-minh') },
        ],
        'air-3': [{ from: always, ...at('ninh-thanh') }],
      })
      expect(await opened().countEvents('placement')).toBe(3)
    })
  })
}
