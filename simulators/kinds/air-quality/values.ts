import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { AirQualityValues } from '#telemetry/kinds/air-quality/kind.ts'
import { demandAt } from '../../behaviour/demand.ts'
import { localHour, overDay } from '../../behaviour/local-time.ts'
import { keyOf, round, uniform, wander } from '../../behaviour/noise.ts'
import type { SimulatedSensor } from '../../sensor.ts'

/** Streams of noise: one number for each use. */
const stream = { haze: 1, place: 2, sample: 3, smoke: 4, heat: 5, gas: 6, sound: 7 } as const

/** How much of what is emitted stays near the ground at each full hour: still nights and mornings, windy afternoons. */
const stillness = [
  0.8, 0.8, 0.82, 0.85, 0.9, 0.97, 1, 0.98, 0.88, 0.74, 0.62, 0.54, 0.5, 0.48, 0.48, 0.52, 0.6, 0.7, 0.8, 0.85, 0.86,
  0.84, 0.82, 0.8,
]

/** One evening in twenty somebody burns straw or rubbish near a station, from 18:00 to 20:00. */
const smokeShare = 0.05

/** Share of an evening's smoke at `ts`, 0 to 1. */
function smokeAt(key: number, ts: number): number {
  const hour = localHour(ts)
  if (hour < 18 || hour > 20) return 0
  const evening = Math.floor(ts / dayMs) // 18:00 to 20:00 local lies within one UTC day
  return uniform(key, stream.smoke, evening) < smokeShare ? Math.sin(((hour - 18) / 2) * Math.PI) : 0
}

/** Sun's strength as a share of noon's, 0 by night. */
function sunAt(ts: number): number {
  return Math.max(0, Math.sin(((localHour(ts) - 6) / 12) * Math.PI))
}

/**
 * What an air-quality station says at `ts` (epoch ms), µg/m³: a haze over the whole city that changes over days, traffic
 * nearby, air that stands still at night and in the morning, ozone that follows the sun. Magnitudes as in the dry
 * season of southern Viet Nam; own assumption.
 */
export function airQualityAt(sensor: SimulatedSensor, ts: number, seed: number): AirQualityValues {
  const key = keyOf(sensor.id, seed)
  const city = keyOf('city', seed)
  const still = overDay(stillness, ts)
  const traffic = demandAt(ts) * (0.6 + sensor.busyness * 0.8)
  const haze = 1 + 0.4 * wander(city, stream.haze, ts, 2 * dayMs)
  const place = 1 + 0.2 * wander(key, stream.place, ts, 3 * hourMs)
  const smoke = smokeAt(key, ts)
  const grain = (use: number) => 1 + 0.04 * (2 * uniform(key, stream.sample * 16 + use, ts) - 1)
  const gas = 1 + 0.15 * wander(key, stream.gas, ts, 2 * hourMs)
  const sun = sunAt(ts)
  const pm25 = (8 + 20 * still + 10 * traffic * still) * haze * place + 90 * smoke
  const temperature = 25.5 + 7.5 * warmth(ts) + 1.5 * wander(city, stream.heat, ts, dayMs)
  return {
    pm25: round(pm25 * grain(1), 1),
    pm10: round((pm25 * 1.45 + 8 * traffic) * grain(2), 1),
    no2: round((9 + 30 * traffic * still) * gas * grain(3), 1),
    so2: round((5 + 6 * traffic * still) * gas * grain(4), 1),
    o3: round((22 + 75 * sun * haze) * (1.1 - 0.1 * traffic) * grain(5), 1),
    co: round((350 + 800 * traffic * still + 1_500 * smoke) * gas * grain(6), 0),
    temperature: round(temperature, 1),
    relativeHumidity: round(Math.min(0.98, Math.max(0.35, 0.92 - 0.05 * (temperature - 24))), 2),
    noiseLAeq: round(46 + 20 * Math.sqrt(traffic) + 2 * wander(key, stream.sound, ts, 60_000), 1),
  }
}

/** How warm the hour is, 0 (5:00) to 1 (14:00). */
function warmth(ts: number): number {
  const hour = localHour(ts)
  const rising = hour >= 5 && hour < 14
  const share = rising ? (hour - 5) / 9 : (((hour - 14 + 24) % 24) / 15) * -1 + 1
  return 0.5 - 0.5 * Math.cos(Math.PI * share)
}
