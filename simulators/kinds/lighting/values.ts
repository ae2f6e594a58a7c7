import { getTimes } from 'suncalc'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { LightingValues } from '#telemetry/kinds/lighting/kind.ts'
import { lastNoon } from '../../behaviour/local-time.ts'
import { keyOf, round, uniform, wander } from '../../behaviour/noise.ts'
import type { SimulatedSensor } from '../../sensor.ts'

/** Streams of noise: one number for each use. */
const stream = { power: 1, voltage: 2, mains: 3, age: 4 } as const

/** Noon to the hours of dimming, 23:00 to 5:00. */
const dimFromMs = 11 * hourMs
const dimToMs = 17 * hourMs
const dimLevel = 0.5

/** h that a lamp burns in a mean night of the year, and the same weighted by its level */
const burningHours = 12
const fullHours = 9

/** What may be wrong with a lamp for good. */
export const faults = ['lamp', 'driver', 'supply'] as const

/** Lamps were mounted in the two years before this (1 July 2025). */
const mountedBy = Date.UTC(2025, 6, 1)

/** One night at a place: from sunset to sunrise, with what has burned of it by `ts`. */
interface Night {
  noon: number
  level: number
  /** share of the night's burning that is over, 0 to 1 */
  burned: number
  /** the same of its energy */
  used: number
}

const overlap = (from: number, to: number, start: number, end: number) =>
  Math.max(0, Math.min(to, end) - Math.max(from, start))

/** h at full light that take as much energy as burning from `from` to `to` does */
function fullLight(noon: number, from: number, to: number): number {
  const dimmed = overlap(from, to, noon + dimFromMs, noon + dimToMs)
  return to - from - dimmed * (1 - dimLevel)
}

/** The night around `ts` by the sun at the lamp's place. Without a sunset (no city of ours) it lasts from 18:00 to 6:00. */
function nightAt([lon, lat]: SimulatedSensor['meta']['position'], ts: number): Night {
  const noon = lastNoon(ts)
  const from = getTimes(new Date(noon), lat, lon).sunset?.getTime() ?? noon + 6 * hourMs
  const to = getTimes(new Date(noon + dayMs), lat, lon).sunrise?.getTime() ?? noon + 18 * hourMs
  const now = Math.min(Math.max(ts, from), to)
  const lit = ts >= from && ts < to
  const dimmed = ts >= noon + dimFromMs && ts < noon + dimToMs
  return {
    noon,
    level: lit ? (dimmed ? dimLevel : 1) : 0,
    burned: (now - from) / (to - from),
    used: fullLight(noon, from, now) / fullLight(noon, from, to),
  }
}

/**
 * What a street lamp says at `ts` (epoch ms). Lit from sunset to sunrise, at half its light from 23:00 to 5:00, unless an
 * `ordered` level (0 to 1) stands above the schedule. Its counters grow by a mean night's hours and energy each night,
 * whatever was ordered, so that no state is needed to know them.
 */
export function lightingAt(sensor: SimulatedSensor, ts: number, seed: number, ordered?: number): LightingValues {
  const key = keyOf(sensor.id, seed)
  const nominal = sensor.meta.nominalPower ?? 80
  const night = nightAt(sensor.meta.position, ts)
  const fault = faults.find((one) => one === sensor.fault) ?? 'none'
  const mounted = mountedBy - Math.floor(uniform(key, stream.age, 0) * 730) * dayMs
  const nights = Math.max(0, Math.floor((night.noon - mounted) / dayMs))
  const dead = fault === 'lamp' || fault === 'driver'
  const voltage =
    (fault === 'supply' ? 196 : 231) +
    3 * wander(keyOf(sensor.district, seed), stream.mains, ts, hourMs) +
    (uniform(key, stream.voltage, ts) - 0.5)
  const level = ordered ?? night.level
  const measured = nominal * level * (1 + 0.02 * (2 * uniform(key, stream.power, ts) - 1))
  return {
    powerState: level === 0 || fault === 'driver' ? 'off' : level < 1 ? 'low' : 'on',
    illuminanceLevel: level,
    activePower: round(level > 0 && !dead ? measured : level > 0 && fault === 'lamp' ? 1.5 : 0, 1),
    energy: round(((dead ? 400 : nights + night.used) * fullHours * nominal) / 1_000, 3),
    voltage: round(voltage, 1),
    lampHours: round((dead ? 400 : nights + night.burned) * burningHours, 1),
    fault,
  }
}
