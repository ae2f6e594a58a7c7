import { describe, expect, it } from 'vitest'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Standing } from '../../dashboard/src/live/sensor-registry.ts'
import {
  isFiltering,
  noFilters,
  passesPlace,
  passesState,
  type State,
  states,
} from '../../dashboard/src/sensor/filters.ts'

const lamp: SensorState = {
  ...{ id: 'l-1', district: 'tay-ninh', kind: 'lighting' },
  meta: { name: { vi: 'Đèn', en: 'Lamp' }, position: [106.1, 11.3], period: 10, ward: 'tan-ninh' },
}

describe('a filter', () => {
  it('lets a sensor pass by its kind, district and ward', () => {
    expect(passesPlace(lamp, noFilters)).toBe(true)
    expect(passesPlace(lamp, { ...noFilters, kinds: ['traffic'] })).toBe(false)
    expect(passesPlace(lamp, { ...noFilters, hiddenDistricts: ['tay-ninh'] })).toBe(false)
    expect(passesPlace(lamp, { ...noFilters, ward: 'tan-ninh' })).toBe(true)
    expect(passesPlace(lamp, { ...noFilters, ward: 'long-hoa' })).toBe(false)
    const { meta: _, ...unknown } = lamp
    expect(passesPlace(unknown, { ...noFilters, ward: 'tan-ninh' })).toBe(false)
  })

  it.each<[Standing, State[]]>([
    [{ freshness: 'fresh' }, ['normal']],
    [{ freshness: 'fresh', severity: 2 }, ['abnormal', 'warning']],
    [{ freshness: 'fresh', isManual: true }, ['normal', 'manual']],
    [{ freshness: 'offline', severity: 3, isManual: true }, ['abnormal', 'notice', 'manual', 'offline']],
    [{ freshness: 'fresh', severity: 1 }, ['abnormal', 'critical']],
    [{ freshness: 'fresh', severity: 3 }, ['abnormal', 'notice']],
    [{ freshness: 'stale' }, ['stale']],
    [{ freshness: 'stale', severity: 1 }, ['abnormal', 'critical', 'stale']],
    [{ freshness: 'offline' }, ['offline']],
    [{ freshness: 'waiting' }, ['waiting']],
  ])('of a state lets $freshness of severity $severity pass where it belongs', (standing, passing) => {
    expect(states.filter((state) => passesState(standing, { ...noFilters, state }))).toEqual(passing)
    expect(passesState(standing, noFilters)).toBe(true)
  })

  it('is one as soon as anything is left out', () => {
    expect(isFiltering(noFilters)).toBe(false)
    expect(isFiltering({ ...noFilters, query: '  ' })).toBe(false)
    for (const some of [
      { kinds: [] },
      { hiddenDistricts: ['x'] },
      { ward: 'x' },
      { state: 'stale' },
      { query: 'x' },
    ] as const)
      expect(isFiltering({ ...noFilters, ...some })).toBe(true)
  })
})
