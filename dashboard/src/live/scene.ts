import type { Counts, SensorRegistry } from './sensor-registry.ts'

/** What the views show: the sensors of the live feed, or those of a replay, at one moment. */
export interface Scene {
  readonly registry: SensorRegistry
  /** the moment shown, epoch ms; reactive, so that looking at it brings the newest state of the registry's plain data */
  readonly now: number
  /** the same to the millisecond, for what draws by itself */
  moment(): number
  readonly counts: Counts
  /** grows whenever a sensor has come, left, moved or changed its name; reactive */
  readonly places: number
}
