import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { mergeReadings } from '../merge-readings.ts'

/** readings of one sensor that are remembered */
const perSensor = 4
/** sensors of which readings are remembered */
const maxSensors = 20_000

/**
 * The last readings of each sensor that this process wrote, so that corrections of them are counted: InfluxDB unites points by
 * itself, does not say so, and is not asked before each write. Corrections of older readings take effect uncounted.
 */
export class RecentReadings {
  /** the newest last */
  readonly #recent = new Map<string, Reading[]>()

  /**
   * The reading of this sensor and time as this process has written it; `newer` when the given one is newer than all that it wrote
   * of the sensor; undefined when it does not know.
   */
  find({ kind, sensor, ts }: Pick<Reading, 'kind' | 'sensor' | 'ts'>): Reading | 'newer' | undefined {
    const recent = this.#recent.get(sensor)
    const newest = recent?.findLast(isOf(kind))
    if (!newest) return undefined
    return newest.ts < ts ? 'newer' : recent?.find((reading) => reading.ts === ts && reading.kind === kind)
  }

  /** Notes readings that were written, each sensor and time once; answers how many corrected one that is remembered. */
  written(readings: readonly Reading[]): number {
    let corrected = 0
    for (const reading of readings) if (this.#note(reading)) corrected += 1
    return corrected
  }

  #note(reading: Reading): boolean {
    const { kind, sensor, ts } = reading
    const recent = this.#recent.get(sensor)
    if (!recent) {
      if (this.#recent.size < maxSensors) this.#recent.set(sensor, [reading])
      return false
    }
    const at = recent.findLastIndex((each) => each.ts <= ts)
    const known = recent[at]
    if (known?.ts === ts && known.kind === kind) {
      const { reading: both, corrected } = mergeReadings(known, reading)
      recent[at] = both
      return corrected
    }
    recent.splice(at + 1, 0, reading)
    if (recent.length > perSensor) recent.shift()
    return false
  }
}

const isOf = (kind: Kind) => (reading: Reading) => reading.kind === kind
