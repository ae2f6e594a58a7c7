import type { Reading } from '#telemetry/reading.ts'
import type { SimulatedSensor } from '../sensor.ts'
import { airQualityAt } from './air-quality.ts'
import { lightingAt } from './lighting.ts'
import { trafficAt } from './traffic.ts'

const behaviours = { traffic: trafficAt, lighting: lightingAt, 'air-quality': airQualityAt } as const

/** What a sensor measures at `ts` (epoch ms). The same sensor, time and seed give the same values, live and in history. */
export function valuesAt(sensor: SimulatedSensor, ts: number, seed: number): Reading['values'] {
  return behaviours[sensor.kind](sensor, ts, seed)
}
