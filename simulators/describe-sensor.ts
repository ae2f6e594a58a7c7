import type { Road } from '#city/roads.ts'
import type { Waterway } from '#city/waterways.ts'
import type { District } from '#telemetry/district.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Words } from '#telemetry/language.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { simulatedKinds } from './kinds/kinds.ts'
import type { SimulatedSensor } from './sensor.ts'

/** Where a sensor stands. */
export interface Place {
  position: [number, number]
  ward: { id: string; name: Words }
  road?: Road
  waterway?: Waterway
}

/** What a sensor is made from. */
export interface SensorPlan {
  kind: Kind
  district: District
  place: Place
  /** from 1, within the district and kind */
  number: number
  /** from 1, among those of its kind on the same road or in the same ward */
  onItsPlace: number
  /** gives the next number from 0 to 1 */
  random: () => number
}

/** Share of the busiest road's traffic, by class of road. */
const busynessOf = { trunk: 0.8, primary: 0.85, secondary: 0.5 } as const

/** Makes the sensor that stands at a place. */
export function describeSensor(plan: SensorPlan): SimulatedSensor {
  const { kind, district, number, random } = plan
  const road = plan.place.road?.class ?? 'secondary'
  const { ratingOf, faultOf } = simulatedKinds[kind]
  const busyness = Number((busynessOf[road] + (random() - 0.5) * 0.3).toFixed(2))
  const sensor: SimulatedSensor = {
    id: `${district.id}-${kind}-${String(number).padStart(3, '0')}`,
    district: district.id,
    kind,
    meta: { ...metaOf(plan), ...ratingOf?.(road, random, plan.onItsPlace) },
    busyness,
  }
  const fault = faultOf?.(number, random)
  return fault ? { ...sensor, fault } : sensor
}

function metaOf({ kind, place, onItsPlace }: SensorPlan): SensorMeta {
  const { ward, road, waterway, position } = place
  const at = (road ?? waterway ?? ward).name
  const { called, period } = simulatedKinds[kind]
  return {
    name: { vi: `${called.vi} ${at.vi} – ${onItsPlace}`, en: `${called.en} ${at.en} – ${onItsPlace}` },
    position,
    ward: ward.id,
    ...(road && { road: road.id }),
    model: 'Nhịp sim T1',
    simulated: true,
    period,
  }
}
