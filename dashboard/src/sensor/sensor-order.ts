import { kinds } from '#telemetry/kinds.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Freshness } from '#telemetry/staleness.ts'
import type { Standing } from '../live/sensor-registry.ts'
import { leadingValue } from './sensor-values.ts'

/** Columns of the table of sensors, in the order they are shown. */
export const columns = ['level', 'name', 'kind', 'district', 'ward', 'state', 'value', 'age'] as const
export type Column = (typeof columns)[number]

/** What ordering needs to know of a sensor beyond its state. */
export interface Ranks {
  standing(sensor: SensorState): Standing
  /** place in the list of districts, and of wards */
  district(sensor: SensorState): number
  ward(sensor: SensorState): number
}

const freshnesses: readonly Freshness[] = ['fresh', 'waiting', 'stale', 'offline']

function rankOf(sensor: SensorState, column: Column, place: number, ranks: Ranks): number {
  switch (column) {
    case 'level':
      return -(ranks.standing(sensor).severity ?? 4)
    case 'name':
      return place
    case 'kind':
      return kinds.indexOf(sensor.kind)
    case 'district':
      return ranks.district(sensor)
    case 'ward':
      return ranks.ward(sensor)
    case 'state':
      return freshnesses.indexOf(ranks.standing(sensor).freshness)
    case 'value': {
      const value = leadingValue(sensor)?.value
      return typeof value === 'number' ? value : Number.NEGATIVE_INFINITY
    }
    case 'age':
      return -(sensor.reading?.ts ?? 0)
  }
}

/** Sensors, given in order of name, ordered by a column; equal ones stay in order of name. Compares numbers only: it runs twice a second. */
export function orderSensors(
  byName: readonly SensorState[],
  column: Column,
  descending: boolean,
  ranks: Ranks,
): SensorState[] {
  const turn = descending ? -1 : 1
  return byName
    .map((sensor, place) => ({ sensor, rank: turn * rankOf(sensor, column, place, ranks) }))
    .sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank))
    .map(({ sensor }) => sensor)
}
