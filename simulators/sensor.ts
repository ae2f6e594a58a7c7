import type { Kind } from '#telemetry/kinds.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

/** A sensor of the simulated city: what it says of itself, and what the simulation knows of its place. */
export interface SimulatedSensor {
  id: string
  district: string
  kind: Kind
  meta: SensorMeta
  /** how busy its place is, 0 (empty) to 1 (the city's busiest) */
  busyness: number
  /** one of its kind's faults, which lasts until somebody would mend it */
  fault?: string
}
