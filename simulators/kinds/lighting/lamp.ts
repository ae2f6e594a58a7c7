import { type Acknowledgement, commandSchema, type LampOrder, levelOf } from '#telemetry/command.ts'
import { hourMs } from '#telemetry/durations.ts'
import { jsonOf } from '#telemetry/json.ts'
import type { LightingValues } from '#telemetry/kinds/lighting/kind.ts'
import { round } from '../../behaviour/noise.ts'
import type { SimulatedSensor } from '../../sensor.ts'
import { lightingAt } from './values.ts'

/**
 * The controller of a simulated lamp: follows its schedule until it is told otherwise. Its counters go on from where they
 * were, so that what a command saves or costs shows in them. A restart forgets the order.
 */
export class Lamp {
  readonly #sensor: SimulatedSensor
  readonly #seed: number
  #order: LampOrder = { action: 'automatic' }
  /** kWh and h by which the counters differ from those of a lamp that was always on schedule */
  #energyAhead = 0
  #hoursAhead = 0
  #last: { ts: number; scheduled: LightingValues } | undefined

  constructor(sensor: SimulatedSensor, seed: number) {
    this.#sensor = sensor
    this.#seed = seed
  }

  /** Takes the payload of its `cmd` topic and gives the answer; undefined when it names no command to answer. */
  obey(payload: string, now: number): Acknowledgement | undefined {
    const command = commandSchema.safeParse(jsonOf(payload)).data
    if (!command) return undefined
    const { id, ...order } = command
    if (this.#sensor.fault === 'driver')
      return { id, ok: false, error: 'driver fault: the lamp cannot change its light' }
    if ('until' in order && order.until !== undefined && order.until <= now)
      return { id, ok: false, error: 'the time until which it was to hold is over' }
    // what has burned so far burned under the last order
    this.valuesAt(now)
    this.#order = order
    return { id, ok: true }
  }

  /** What it measures at `ts` (epoch ms); later each time. */
  valuesAt(ts: number): LightingValues {
    if ('until' in this.#order && this.#order.until !== undefined && this.#order.until <= ts)
      this.#order = { action: 'automatic' }
    const scheduled = lightingAt(this.#sensor, ts, this.#seed)
    const level = levelOf(this.#order)
    if (level !== undefined) this.#burn(ts, scheduled, level)
    this.#last = { ts, scheduled }
    const { energy = 0, lampHours = 0 } = scheduled
    return {
      ...(level === undefined ? scheduled : lightingAt(this.#sensor, ts, this.#seed, level)),
      energy: round(energy + this.#energyAhead, 3),
      lampHours: round(lampHours + this.#hoursAhead, 1),
    }
  }

  /** Counts what has burned since the last measuring at this level, against what the schedule has counted. */
  #burn(ts: number, scheduled: LightingValues, level: number): void {
    const { fault, meta } = this.#sensor
    if (!this.#last || fault === 'lamp' || fault === 'driver') return
    const hours = (ts - this.#last.ts) / hourMs
    const energy = (hours * level * (meta.nominalPower ?? 80)) / 1_000
    this.#energyAhead += energy - ((scheduled.energy ?? 0) - (this.#last.scheduled.energy ?? 0))
    const burned = level > 0 ? hours : 0
    this.#hoursAhead += burned - ((scheduled.lampHours ?? 0) - (this.#last.scheduled.lampHours ?? 0))
  }
}
