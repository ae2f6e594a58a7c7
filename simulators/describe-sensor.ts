import type { Road } from '#city/roads.ts'
import type { District } from '#telemetry/district.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { SimulatedSensor } from './sensor.ts'

/** Where a sensor stands. */
export interface Place {
  position: [number, number]
  ward: { id: string; name: { vi: string; en: string } }
  road?: Road
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

/** s between two readings: short, so that the map moves */
const periods: Readonly<Record<Kind, number>> = { traffic: 5, lighting: 10, 'air-quality': 10 }

const words: Readonly<Record<Kind, { vi: string; en: string }>> = {
  traffic: { vi: 'Đếm xe', en: 'Traffic counter' },
  lighting: { vi: 'Đèn', en: 'Lamp' },
  'air-quality': { vi: 'Trạm không khí', en: 'Air station' },
}

/** km/h at free flow, W at full light and share of the busiest road's traffic, by class of road */
const roadClasses = {
  trunk: { freeFlowSpeed: 58, nominalPower: 150, busyness: 0.8 },
  primary: { freeFlowSpeed: 48, nominalPower: 120, busyness: 0.85 },
  secondary: { freeFlowSpeed: 45, nominalPower: 80, busyness: 0.5 },
} as const

/** One lamp in 66 has a fault: the 38th, the 104th … of its district. */
const faultEvery = 66
const faultAt = 38
const faults = ['lamp', 'driver', 'supply'] as const

/** Makes the sensor that stands at a place. */
export function describeSensor(plan: SensorPlan): SimulatedSensor {
  const { kind, district, number, random } = plan
  const road = roadClasses[plan.place.road?.class ?? 'secondary']
  const busyness = Number((road.busyness + (random() - 0.5) * 0.3).toFixed(2))
  const sensor: SimulatedSensor = {
    id: `${district.id}-${kind}-${String(number).padStart(3, '0')}`,
    district: district.id,
    kind,
    meta: { ...metaOf(plan), ...ratingOf(kind, road, random) },
    busyness,
  }
  const fault =
    kind === 'lighting' && number % faultEvery === faultAt ? faults[Math.floor(random() * faults.length)] : undefined
  return fault ? { ...sensor, fault } : sensor
}

function metaOf({ kind, place, onItsPlace }: SensorPlan): SensorMeta {
  const { ward, road, position } = place
  const at = (road ?? ward).name
  return {
    name: { vi: `${words[kind].vi} ${at.vi} – ${onItsPlace}`, en: `${words[kind].en} ${at.en} – ${onItsPlace}` },
    position,
    ward: ward.id,
    ...(road && { road: road.id }),
    model: 'Nhịp sim T1',
    period: periods[kind],
  }
}

function ratingOf(kind: Kind, road: (typeof roadClasses)['trunk' | 'primary' | 'secondary'], random: () => number) {
  if (kind === 'traffic') return { freeFlowSpeed: road.freeFlowSpeed + Math.round((random() - 0.5) * 6) }
  return kind === 'lighting' ? { nominalPower: road.nominalPower } : {}
}
