import { hourMs, minuteMs } from '#telemetry/durations.ts'
import type { TrafficValues } from '#telemetry/kinds/traffic/kind.ts'
import { demandAt } from '../../behaviour/demand.ts'
import { keyOf, round, uniform, wander } from '../../behaviour/noise.ts'
import type { SimulatedSensor } from '../../sensor.ts'

/** vehicles an hour past the busiest counter at the height of the rush, all lanes */
const peakFlow = 5_400

/** lanes that a counter watches; a vehicle stands over one of them */
const lanes = 4

/** Classes with their share of the traffic and the m of road that a vehicle and the detector take up. */
const classes = [
  { name: 'motorbikes', share: 0.82, metres: 4 },
  { name: 'cars', share: 0.12, metres: 6.5 },
  { name: 'trucks', share: 0.04, metres: 10 },
  { name: 'buses', share: 0.02, metres: 13 },
] as const

/** Streams of noise: one number for each use. */
const stream = { demand: 1, count: 2, speed: 3, vehicle: 4, incident: 5 } as const

/** One hour in 150 has an incident at a counter, which holds for 40 minutes. */
const incidentShare = 1 / 150
const incidentMs = 40 * minuteMs

/** Smallest count whose probability reaches `chance`, when `mean` are expected (Poisson distribution, by inversion). */
function poisson(mean: number, chance: number): number {
  let count = 0
  let probability = Math.exp(-mean)
  for (let reached = probability; reached < chance && count < 200; reached += probability) {
    count += 1
    probability *= mean / count
  }
  return count
}

function hasIncident(key: number, ts: number): boolean {
  return uniform(key, stream.incident, Math.floor(ts / hourMs)) < incidentShare && ts % hourMs < incidentMs
}

/** What passed: how many of each class. */
function countClasses(key: number, ts: number, intensity: number) {
  const counts = { motorbikes: 0, cars: 0, buses: 0, trucks: 0 }
  let metres = 0
  for (let vehicle = 0; vehicle < intensity; vehicle++) {
    let left = uniform(key, stream.vehicle + vehicle * 16, ts)
    const found = classes.find(({ share }) => {
      left -= share
      return left < 0
    })
    const { name, metres: length } = found ?? classes[0]
    counts[name] += 1
    metres += length
  }
  return { counts, metres }
}

/**
 * What a traffic counter says at `ts` (epoch ms) of the period before: mixed traffic that follows the hour and the day,
 * and gets slower as the road fills (the form of the BPR function: free flow / (1 + a·load^4)).
 */
export function trafficAt(sensor: SimulatedSensor, ts: number, seed: number): TrafficValues {
  const key = keyOf(sensor.id, seed)
  const { period, freeFlowSpeed = 45 } = sensor.meta
  const incident = hasIncident(key, ts)
  const load = Math.max(0, demandAt(ts) * sensor.busyness * (1 + 0.18 * wander(key, stream.demand, ts, 900_000)))
  const mean = ((load * peakFlow) / 3_600) * period * (incident ? 0.5 : 1)
  const intensity = poisson(mean, uniform(key, stream.count, ts))
  const { counts, metres } = countClasses(key, ts, intensity)
  if (intensity === 0) return { intensity, occupancy: 0, ...counts }
  const slowed = freeFlowSpeed / (1 + 0.9 * load ** 4) / (incident ? 3 : 1)
  const speed = Math.max(4, slowed * (1 + 0.06 * (2 * uniform(key, stream.speed, ts) - 1)) - 0.1 * intensity)
  return {
    intensity,
    averageVehicleSpeed: round(speed, 1),
    occupancy: round(Math.min(0.95, metres / (speed / 3.6) / period / lanes), 2),
    ...counts,
    averageHeadwayTime: round(period / intensity, 1),
  }
}
