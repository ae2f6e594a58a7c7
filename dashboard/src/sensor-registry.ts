import type { LiveReading, Status } from '#telemetry/live.ts'
import { type Freshness, freshness, type SensorState } from '#telemetry/sensor.ts'
import { type Level, sensorLevel } from './sensor-level.ts'

/** Sensors by freshness, and the abnormal ones among the fresh. */
export type Counts = Record<Freshness | 'warning' | 'critical', number>

/** Who wants to know of changes; called at once, so it should only take notes. */
export interface RegistryListener {
  /** everything may be different */
  reset(): void
  /** one sensor has a new reading, connection or meta; `moved` when its place or name may be new */
  changed(id: string, moved: boolean): void
}

/** All sensors as the live feed told of them. Plain data outside the view's reactivity: thousands change every second. */
export class SensorRegistry {
  readonly #sensors = new Map<string, SensorState>()
  readonly #listeners = new Set<RegistryListener>()

  listen(listener: RegistryListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get size(): number {
    return this.#sensors.size
  }

  get(id: string): SensorState | undefined {
    return this.#sensors.get(id)
  }

  all(): IterableIterator<SensorState> {
    return this.#sensors.values()
  }

  /** A snapshot is the whole truth: what it does not name is gone. */
  replaceAll(sensors: readonly SensorState[]): void {
    this.#sensors.clear()
    for (const sensor of sensors) this.#sensors.set(sensor.id, sensor)
    for (const listener of this.#listeners) listener.reset()
  }

  /** Takes a reading unless a newer one is held. A sensor not known yet becomes known. */
  takeReading({ reading, arrivedAt }: LiveReading): void {
    const held = this.#sensors.get(reading.sensor)
    if (held?.reading && held.reading.ts >= reading.ts) return
    const state = held ?? { id: reading.sensor, district: reading.district, kind: reading.kind }
    this.#sensors.set(reading.sensor, { ...state, reading, arrivedAt })
    this.#tell(reading.sensor, !held)
  }

  takeStatus(status: Status): void {
    const { id, district, kind, connection, meta } = status
    const held = this.#sensors.get(id)
    const next: SensorState = { ...held, id, district, kind }
    if (connection) next.connection = connection
    if (meta) next.meta = meta
    this.#sensors.set(id, next)
    this.#tell(id, meta !== undefined || !held)
  }

  counts(now: number): Counts {
    const counts: Counts = { fresh: 0, stale: 0, offline: 0, waiting: 0, warning: 0, critical: 0 }
    for (const sensor of this.#sensors.values()) {
      counts[freshness(sensor, now)] += 1
      const level = shownLevel(sensor, now)
      if (level > 0) counts[level === 1 ? 'warning' : 'critical'] += 1
    }
    return counts
  }

  #tell(id: string, moved: boolean): void {
    for (const listener of this.#listeners) listener.changed(id, moved)
  }
}

/** The level shown: only what is known now can be abnormal, so a sensor that is not fresh shows none. */
export function shownLevel(sensor: SensorState, now: number): Level {
  return freshness(sensor, now) === 'fresh' ? sensorLevel(sensor) : 0
}
