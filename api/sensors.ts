import type { LiveReading, Status, Subscription } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Connection, SensorMeta, SensorState } from '#telemetry/sensor.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { ApiMetrics } from './metrics.ts'

/** Sensors held unless told otherwise; about 1 kB each. */
export const defaultMaxSensors = 20_000

type Identity = Pick<SensorTopic, 'district' | 'kind' | 'sensor'>

/** What a sensor says of itself now, as the live feed tells it. */
export function statusOf(state: SensorState): Status {
  const { id, district, kind, connection, meta } = state
  return { id, district, kind, ...(connection && { connection }), ...(meta && { meta }) }
}

/** All sensors the platform knows, with the newest of each. Bounded: a sensor too many is left out and counted. */
export class SensorRegistry {
  readonly #sensors = new Map<string, SensorState>()
  readonly #max: number
  readonly #metrics: ApiMetrics

  constructor(options: { max?: number; metrics: ApiMetrics }) {
    this.#max = options.max ?? defaultMaxSensors
    this.#metrics = options.metrics
    this.#metrics.maxSensors.set(this.#max)
  }

  get(id: string): SensorState | undefined {
    return this.#sensors.get(id)
  }

  /** Sensors that a filter lets through; a list that is absent means all. */
  list(filter: Subscription = {}): SensorState[] {
    const districts = filter.districts && new Set(filter.districts)
    const kinds = filter.kinds && new Set(filter.kinds)
    const sensors = filter.sensors && new Set(filter.sensors)
    return [...this.#sensors.values()].filter(
      ({ id, district, kind }) =>
        (districts?.has(district) ?? true) && (kinds?.has(kind) ?? true) && (sensors?.has(id) ?? true),
    )
  }

  /** Takes a reading when it is newer than the one held: `new` for a sensor not known before, undefined when it is not taken. */
  takeReading(reading: Reading, arrivedAt?: number): 'new' | 'newer' | undefined {
    const known = this.#sensors.get(reading.sensor)
    if (known?.reading && known.reading.ts >= reading.ts) return undefined
    // readings are validated, so a sensor that was moved is where its newest reading says; what it said elsewhere is void
    const moved = known && (known.district !== reading.district || known.kind !== reading.kind)
    const state = known && !moved ? known : this.#add({ ...reading, sensor: reading.sensor })
    if (!state) return undefined
    state.reading = reading
    state.arrivedAt = arrivedAt
    return state === known ? 'newer' : 'new'
  }

  /** Takes a batch of the live feed; returns what was newer, and the sensors that are new. */
  takeBatch(batch: readonly LiveReading[]): { newer: LiveReading[]; came: Status[] } {
    const newer: LiveReading[] = []
    const came: Status[] = []
    for (const live of batch) {
      const taken = this.takeReading(live.reading, live.arrivedAt)
      if (taken) newer.push(live)
      const state = taken === 'new' ? this.#sensors.get(live.reading.sensor) : undefined
      if (state) came.push(statusOf(state))
    }
    return { newer, came }
  }

  /** Takes a sensor's meta, or forgets it (undefined). Returns the sensor's status when that changed it. */
  takeMeta(of: Identity, meta: SensorMeta | undefined): Status | undefined {
    return this.#change(of, meta !== undefined, (state) => {
      if (JSON.stringify(state.meta) === JSON.stringify(meta)) return false
      state.meta = meta
      return true
    })
  }

  /** Takes what a sensor says of its connection, or forgets it (undefined). Returns its status when that changed it. */
  takeConnection(of: Identity, connection: Connection | undefined): Status | undefined {
    return this.#change(of, connection !== undefined, (state) => {
      if (state.connection === connection) return false
      state.connection = connection
      return true
    })
  }

  #change(of: Identity, add: boolean, apply: (state: SensorState) => boolean): Status | undefined {
    const known = this.#sensors.get(of.sensor)
    if (known && (known.district !== of.district || known.kind !== of.kind)) return undefined
    const state = known ?? (add ? this.#add(of) : undefined)
    return state && apply(state) ? statusOf(state) : undefined
  }

  #add({ sensor, district, kind }: Identity): SensorState | undefined {
    if (!this.#sensors.has(sensor) && this.#sensors.size >= this.#max) {
      this.#metrics.sensorsRefused.inc()
      return undefined
    }
    const state: SensorState = { id: sensor, district, kind }
    this.#sensors.set(sensor, state)
    this.#metrics.sensors.set(this.#sensors.size)
    return state
  }
}
