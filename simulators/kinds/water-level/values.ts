import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { WaterLevelValues } from '#telemetry/kinds/water-level/kind.ts'
import { localHour } from '../../behaviour/local-time.ts'
import { keyOf, round, uniform, wander } from '../../behaviour/noise.ts'
import type { SimulatedSensor } from '../../sensor.ts'

/** Streams of noise: one number for each use. */
const stream = { storm: 1, depth: 2, season: 3, waves: 4, tide: 5, answer: 6, meter: 7, battery: 8 } as const

/** ms of the tides: the moon's half-daily one, and the daily one */
const halfDaily = 12.42 * hourMs
const daily = 24.84 * hourMs

/** m above the zero of a gauge around which the water stands in dry weather */
const dryLevel = 1.2

/** h after which the water of a rain has come, and in which it runs off */
const riseHours = 1.5
const fallHours = 6
/** h of rain that are still seen in the water */
const rememberedHours = 24
/** m that a mm of rain raises the water by, if all of it came at once */
const metresPerMm = 0.026

/** mm that fell in the hour before `ts` over the city: storms come in the afternoon. Own assumption. */
function rainInHour(hour: number, seed: number): number {
  const key = keyOf('rain', seed)
  const clock = localHour(hour * hourMs)
  const chance = clock >= 13 && clock < 20 ? 0.1 : 0.015
  return uniform(key, stream.storm, hour) < chance ? 4 + 44 * uniform(key, stream.depth, hour) ** 2 : 0
}

/** mm that fell in the hour before `ts` (epoch ms). */
function rainfallAt(ts: number, seed: number): number {
  const hour = Math.floor(ts / hourMs)
  const share = ts / hourMs - hour
  return rainInHour(hour - 1, seed) * (1 - share) + rainInHour(hour, seed) * share
}

/** m that the rain of the last day has raised the water by. */
function runoffAt(ts: number, seed: number): number {
  const last = Math.floor(ts / hourMs) - 1
  let metres = 0
  for (let hour = last; hour > last - rememberedHours; hour--) {
    const age = ts / hourMs - (hour + 0.5)
    metres += rainInHour(hour, seed) * (1 - Math.exp(-age / riseHours)) * Math.exp(-age / fallHours)
  }
  return metres * metresPerMm
}

/**
 * What a gauge says at `ts` (epoch ms): water that goes up and down with the tides of the day, later the further upstream, and
 * with the rain of the last hours, and that turns with the tide where there is little of it. Every second gauge measures flow.
 */
export function waterLevelAt(sensor: SimulatedSensor, ts: number, seed: number): WaterLevelValues {
  const key = keyOf(sensor.id, seed)
  const at = ts - 4 * hourMs * uniform(key, stream.tide, 0)
  const tide = 0.24 * Math.sin((2 * Math.PI * at) / halfDaily) + 0.12 * Math.sin((2 * Math.PI * at) / daily)
  const season = 0.2 * wander(keyOf(sensor.district, seed), stream.season, ts, 5 * dayMs)
  const runoff = runoffAt(ts, seed) * (0.8 + 0.5 * uniform(key, stream.answer, 0))
  const waves = 0.01 * (2 * uniform(key, stream.waves, ts) - 1)
  const level = dryLevel + season + tide + runoff + waves
  const ebb = -Math.cos((2 * Math.PI * at) / halfDaily)
  return {
    level: round(level, 2),
    ...(uniform(key, stream.meter, 0) < 0.5 && { flow: round(12 * Math.max(0.1, level) ** 1.5 + 14 * ebb, 1) }),
    rainfall: round(rainfallAt(ts, seed), 1),
    batteryLevel: round(0.85 + 0.1 * wander(key, stream.battery, ts, dayMs), 2),
  }
}
