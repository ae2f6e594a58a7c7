import type { LightingValues } from '#telemetry/kinds/lighting/kind.ts'
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
  /** lighting only: a fault that lasts until somebody would mend it */
  fault?: NonNullable<LightingValues['fault']>
}
