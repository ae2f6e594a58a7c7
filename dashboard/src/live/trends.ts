import { kindOf } from '#telemetry/kinds.ts'
import { measuredValuesOf } from '#telemetry/measured-values.ts'
import { MovingRange } from '#telemetry/moving-range.ts'
import type { SensorState } from '#telemetry/sensor.ts'

interface Trend {
  range: MovingRange
  /** of the newest value, epoch ms */
  ts: number
  risen: number
}

/** How far values have risen, of sensors whose kind asks for it, as far as this page has seen them. */
export class Trends {
  readonly #bySensor = new Map<string, Trend>()

  /** How far the value has risen with the newest reading; undefined when the kind does not ask, or there is no value. */
  risen({ id, kind, reading }: SensorState): number | undefined {
    const { rise } = kindOf(kind)
    const value = rise && reading && measuredValuesOf(reading)[rise.value]
    if (rise === undefined || reading === undefined || typeof value !== 'number') return undefined
    const { ts } = reading
    const held = this.#bySensor.get(id)
    if (held?.ts === ts) return held.risen
    // a replay that steps back begins anew
    const range = held && held.ts < ts ? held.range : new MovingRange(rise.withinSeconds * 1_000)
    const risen = range.add(ts, value).up
    this.#bySensor.set(id, { range, ts, risen })
    return risen
  }

  /** Forgets the sensors that are gone. */
  retain(sensors: ReadonlySet<string>): void {
    for (const id of this.#bySensor.keys()) if (!sensors.has(id)) this.#bySensor.delete(id)
  }
}
