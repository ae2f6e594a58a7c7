import { describe, expect, it } from 'vitest'
import { kindOf } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { createFormat } from '../../dashboard/src/i18n/format.ts'
import { shownWaterLevel } from '../../dashboard/src/kinds/water-level.ts'
import { SensorRegistry } from '../../dashboard/src/live/sensor-registry.ts'

const start = 1_763_900_000_000
const minute = 60_000
const meta: SensorMeta = {
  ...{ name: { vi: 'Trạm mẫu', en: 'Sample' }, position: [106.1, 11.31], period: 600 },
  ...{ warningLevel1: 2, warningLevel2: 2.5, warningLevel3: 3 },
}
const gauge = (ts: number, level: number): Reading => ({
  ...{ kind: 'water-level', district: 'tay-ninh', sensor: 'gauge-1', ts },
  values: { level },
})
const page = {
  language: 'vi' as const,
  format: createFormat('vi', 'Asia/Ho_Chi_Minh'),
  kindName: (kind: Parameters<typeof kindOf>[0]) => kindOf(kind).names.vi,
}

describe('a gauge on the page', () => {
  it('says how far the water is from its warning levels', () => {
    const lines = (level: number) => shownWaterLevel.panelLines?.({ reading: gauge(start, level), meta }, page)
    expect(lines(1.8)).toEqual([{ name: 'Còn cách báo động I', text: '0,20 m' }])
    expect(lines(2.6)).toEqual([
      { name: 'Vượt báo động II', text: '0,10 m' },
      { name: 'Còn cách báo động III', text: '0,40 m' },
    ])
    expect(lines(3.1)).toEqual([{ name: 'Vượt báo động III', text: '0,10 m' }])
    expect(shownWaterLevel.panelLines?.({ reading: gauge(start, 1), meta: undefined }, page)).toEqual([])
  })

  it('is marked when the water has risen by half a metre within an hour, as far as the page has seen it', () => {
    const registry = new SensorRegistry()
    const { sensor: id, ...of } = gauge(start, 0)
    registry.setStatus({ id, district: of.district, kind: of.kind, meta })
    const take = (at: number, level: number) => {
      registry.advance(start + at)
      registry.mergeReading({ reading: gauge(start + at, level), arrivedAt: start + at })
      return registry.standing(id).finding
    }
    expect(take(0, 1)).toBeUndefined()
    expect(take(20 * minute, 1.4)).toBeUndefined()
    expect(take(40 * minute, 1.5)).toEqual({ cause: 'rising' })
    // what was an hour ago no longer counts
    expect(take(75 * minute, 1.55)).toBeUndefined()
    expect(take(90 * minute, 2.6)).toEqual({ cause: 'warningLevel2' })
    // a replay that steps back begins anew
    registry.replaceAll([])
    registry.setStatus({ id, district: of.district, kind: of.kind, meta })
    expect(take(95 * minute, 1.9)).toBeUndefined()
  })
})
