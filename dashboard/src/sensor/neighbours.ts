import type { SensorState } from '#telemetry/sensor.ts'

/** A sensor of the same kind nearby. */
export interface Neighbour {
  sensor: SensorState
  /** m as the crow flies */
  distance: number
}

const earthRadius = 6_371_000
const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Metres between two places (longitude, latitude); exact enough within a city. */
export function distanceBetween(a: readonly [number, number], b: readonly [number, number]): number {
  const x = radians(b[0] - a[0]) * Math.cos(radians((a[1] + b[1]) / 2))
  return earthRadius * Math.hypot(x, radians(b[1] - a[1]))
}

/** The nearest sensors of the same kind, the nearest first. */
export function neighboursOf(of: SensorState, all: Iterable<SensorState>, most: number): Neighbour[] {
  const here = of.meta?.position
  if (!here) return []
  const found: Neighbour[] = []
  for (const sensor of all)
    if (sensor.meta && sensor.kind === of.kind && sensor.id !== of.id)
      found.push({ sensor, distance: distanceBetween(here, sensor.meta.position) })
  return found.sort((a, b) => a.distance - b.distance).slice(0, most)
}
