import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SimulatedSensor } from '../sensor.ts'
import { simulatedAirQuality } from './air-quality/kind.ts'
import { simulatedLighting } from './lighting/kind.ts'
import type { SimulatedKind } from './simulated-kind.ts'
import { simulatedTraffic } from './traffic/kind.ts'
import { simulatedWaterLevel } from './water-level/kind.ts'

/** How each kind is simulated. */
export const simulatedKinds: Readonly<{ [Id in Kind]: SimulatedKind<Id> }> = {
  traffic: simulatedTraffic,
  lighting: simulatedLighting,
  'air-quality': simulatedAirQuality,
  'water-level': simulatedWaterLevel,
}

/** What a sensor measures at `ts` (epoch ms). The same sensor, time and seed give the same values, live and in history. */
export function valuesAt(sensor: SimulatedSensor, ts: number, seed: number): Reading['values'] {
  return simulatedKinds[sensor.kind].valuesAt(sensor, ts, seed)
}
