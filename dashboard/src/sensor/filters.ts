import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Standing } from '../live/sensor-registry.ts'

/** States one can look for; `abnormal` is any severity, which a sensor that is not fresh has by an alert or its clock alone. */
export const states = [
  'abnormal',
  'critical',
  'warning',
  'notice',
  'normal',
  'manual',
  'clock',
  'stale',
  'offline',
  'waiting',
] as const
export type State = (typeof states)[number]

/** Which sensors the map, the list and the table show. */
export interface Filters {
  /** kinds shown */
  kinds: readonly Kind[]
  /** ids of districts switched off: one that becomes known later is shown */
  hiddenDistricts: readonly string[]
  /** id of the only ward shown; all when absent */
  ward?: string | undefined
  /** the only state shown; all when absent */
  state?: State | undefined
  /** words looked for in list and table */
  query: string
}

/** Everything is shown. */
export const noFilters: Filters = { kinds, hiddenDistricts: [], query: '' }

/** Whether anything is filtered out. */
export function isFiltering({ kinds: shown, hiddenDistricts, ward, state, query }: Filters): boolean {
  return (
    shown.length < kinds.length ||
    hiddenDistricts.length > 0 ||
    ward !== undefined ||
    state !== undefined ||
    query.trim() !== ''
  )
}

/** Whether what a sensor always is, its kind and place, passes. */
export function passesPlace({ kind, district, meta }: SensorState, filters: Filters): boolean {
  return (
    filters.kinds.includes(kind) &&
    !filters.hiddenDistricts.includes(district) &&
    (filters.ward === undefined || meta?.ward === filters.ward)
  )
}

/** Whether how a sensor stands now passes. */
export function passesState({ freshness, severity, isManual, clock }: Standing, { state }: Filters): boolean {
  switch (state) {
    case undefined:
      return true
    case 'abnormal':
      return severity !== undefined
    case 'critical':
      return severity === 1
    case 'warning':
      return severity === 2
    case 'notice':
      return severity === 3
    case 'normal':
      return freshness === 'fresh' && severity === undefined
    case 'manual':
      return isManual === true
    case 'clock':
      return clock !== undefined
    default:
      return freshness === state
  }
}
