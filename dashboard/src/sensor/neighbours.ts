import { distance } from '#telemetry/geometry.ts'
import type { SensorState } from '#telemetry/sensor.ts'

/** A sensor of the same kind nearby. */
export interface Neighbour {
  sensor: SensorState
  /** m as the crow flies */
  distance: number
}

/** The nearest sensors of the same kind, the nearest first. */
export function neighboursOf(of: SensorState, all: Iterable<SensorState>, most: number): Neighbour[] {
  const here = of.meta?.position
  if (!here) return []
  const found: Neighbour[] = []
  for (const sensor of all)
    if (sensor.meta && sensor.kind === of.kind && sensor.id !== of.id)
      found.push({ sensor, distance: distance(here, sensor.meta.position) })
  return found.sort((a, b) => a.distance - b.distance).slice(0, most)
}
