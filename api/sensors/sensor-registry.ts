import { aheadMsOf, type ClockState, followClock } from '#telemetry/clock.ts'
import {
  type ConnectionState,
  connectionOf,
  type HeardStatus,
  hearReading,
  hearStatus,
  recallReading,
} from '#telemetry/connection.ts'
import type { LiveReading, Status, Subscription } from '#telemetry/live.ts'
import { type Arrived, unite } from '#telemetry/newest.ts'
import type { Connection, SensorMeta, SensorState } from '#telemetry/sensor.ts'
import { staleAt } from '#telemetry/staleness.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { ApiMetrics } from '../metrics.ts'

/** Sensors held by default; about 1 kB each. */
export const defaultMaxSensors = 20_000

/** ms that a clock's error may change before it is sent again */
const clockWaverMs = 60_000

/** What came of a reading: values newer than those held; a sensor or an error of its clock that was not known. */
export interface ReadingResult {
  isNewer: boolean
  hasStatus: boolean
}
const nothing: ReadingResult = { isNewer: false, hasStatus: false }

type Identity = Pick<SensorTopic, 'district' | 'kind' | 'sensor'>

/** What a sensor says of itself now, as the live feed sends it. */
export function statusOf(state: SensorState): Status {
  const { id, district, kind, connection, meta, clock } = state
  return { id, district, kind, ...(connection && { connection }), ...(meta && { meta }), ...(clock && { clock }) }
}

/** All sensors the platform knows, with the newest of each. Bounded: a sensor too many is left out and counted. */
export class SensorRegistry {
  readonly #sensors = new Map<string, SensorState>()
  readonly #clocks = new Map<string, ClockState>()
  readonly #connections = new Map<string, ConnectionState>()
  /** who was noted to be offline since when, epoch ms; undefined until read from the store */
  #offlineSince: ReadonlyMap<string, number> | undefined
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

  /** Takes what is new in a reading of the live feed, or in the newest one of the store, whose arrival is not known. */
  applyReading(came: Arrived, now: number): ReadingResult {
    const { reading, arrivedAt } = came
    const known = this.#sensors.get(reading.sensor)
    // readings are validated, so a sensor that was moved is where its newest reading says; what it said elsewhere is void
    const moved = known && (known.district !== reading.district || known.kind !== reading.kind)
    if (moved && known.reading && known.reading.ts >= reading.ts) return nothing
    const state = known && !moved ? known : this.#add({ ...reading, sensor: reading.sensor })
    if (!state) return nothing
    const isNew = state !== known
    const hasReturned = arrivedAt !== undefined && this.#connect(state, (held) => hearReading(held, arrivedAt))
    const hasStatus = this.#followClock(state, came, now) || hasReturned || isNew
    if (aheadMsOf(reading, arrivedAt ?? now) > 0) return { isNewer: false, hasStatus }
    const united = unite(state, came, this.#clocks.get(state.id))
    if (!united) return { isNewer: false, hasStatus }
    state.reading = united.reading
    state.arrivedAt = united.arrivedAt
    state.valueTimes = united.valueTimes
    return { isNewer: true, hasStatus }
  }

  /** Takes a batch of the live feed; returns what was newer, and the sensors that are new or whose clock is. */
  applyBatch(batch: readonly LiveReading[]): { newer: LiveReading[]; statuses: Status[] } {
    const newer: LiveReading[] = []
    const changed = new Set<string>()
    for (const live of batch) {
      const { isNewer, hasStatus } = this.applyReading(live, live.arrivedAt)
      if (isNewer) newer.push(live)
      if (hasStatus) changed.add(live.reading.sensor)
    }
    const statuses = [...changed].flatMap((id) => {
      const state = this.#sensors.get(id)
      return state ? [statusOf(state)] : []
    })
    return { newer, statuses }
  }

  /** Whether what is known of a sensor's clock has changed by more than it wavers. */
  #followClock(state: SensorState, { reading, arrivedAt }: Arrived, now: number): boolean {
    const held = this.#clocks.get(state.id) ?? {}
    // the store does not say when a reading arrived, but when one that was ahead did
    const ahead = aheadMsOf(reading, arrivedAt ?? now)
    if (arrivedAt === undefined && (ahead === 0 || held.fault || reading.ts - ahead <= (state.arrivedAt ?? 0)))
      return false
    const clock = followClock(held, reading, arrivedAt ?? reading.ts - ahead)
    if (clock === held) return false
    if (Object.keys(clock).length > 0) this.#clocks.set(state.id, clock)
    else this.#clocks.delete(state.id)
    const [was, is] = [state.clock, clock.fault]
    state.clock = is
    if (!was || !is) return was !== is
    return Math.abs(was.offMs - is.offMs) > clockWaverMs
  }

  /** Takes a sensor's meta, or forgets it (undefined), at `now` (epoch ms). Returns the sensor's status when that changed it. */
  applyMeta(of: Identity, meta: SensorMeta | undefined, now: number): Status | undefined {
    return this.#change(of, meta !== undefined, (state) => {
      if (JSON.stringify(state.meta) === JSON.stringify(meta)) return false
      state.meta = meta
      this.#recall(state, now) // its period is known now
      return true
    })
  }

  /** Takes what a sensor says of its connection, or forgets it (undefined). Returns its status when that changed it. */
  applyConnection(of: Identity, said: Connection | undefined, how: Omit<HeardStatus, 'said'>): Status | undefined {
    return this.#change(of, said !== undefined, (state) => {
      const before = state.connection
      if (said === undefined) {
        this.#connections.delete(state.id)
        state.connection = undefined
      } else {
        this.#connections.set(state.id, hearStatus(this.#connections.get(state.id), { said, ...how }))
        state.connection = connectionOf(this.#connections.get(state.id))
        this.#recall(state, how.at)
      }
      return state.connection !== before
    })
  }

  /**
   * Judges what sensors said before anybody listened by who was noted to be offline since when (epoch ms), and by their newest
   * readings. Whether any changed.
   */
  recallPresence(offlineSince: ReadonlyMap<string, number>, now: number): boolean {
    this.#offlineSince ??= offlineSince
    let changed = false
    for (const state of this.#sensors.values()) changed = this.#recall(state, now) || changed
    return changed
  }

  #recall(state: SensorState, now: number): boolean {
    const { id, reading, arrivedAt } = state
    const noted = this.#offlineSince
    if (!noted) return false
    const past = { offlineSince: noted.get(id), newestAt: arrivedAt ?? reading?.ts, staleAt: staleAt(state), now }
    return this.#connect(state, (held) => recallReading(held, past))
  }

  /** Whether the sensor counts as connected, or not, that did not before. */
  #connect(state: SensorState, next: (held: ConnectionState) => ConnectionState): boolean {
    const held = this.#connections.get(state.id)
    if (!held) return false
    const connection = next(held)
    if (connection === held) return false
    this.#connections.set(state.id, connection)
    const before = state.connection
    state.connection = connectionOf(connection)
    return state.connection !== before
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
    this.#clocks.delete(sensor)
    this.#connections.delete(sensor)
    this.#sensors.set(sensor, state)
    this.#metrics.sensors.set(this.#sensors.size)
    return state
  }
}
