import type { QueryContext } from '../../query-context.ts'
import type { Buckets } from '../../roll-up/pieces.ts'
import { type Decided, type ReadingsSource, ValuesReader } from '../../roll-up/sensor-values.ts'
import { fromSteps } from '../../roll-up/steps.ts'
import { floorHour, isWholeHour } from '../../roll-up/utc-hours.ts'
import { increaseLookbackMs, type RollUpQuery } from '../../roll-ups.ts'
import type { InfluxSession } from '../session.ts'
import { type DirtyMarks, everySensor } from './dirty-marks.ts'
import { hoursOf } from './measurements.ts'
import { readLastRows } from './roll-up-rows.ts'
import type { Progress } from './upkeep-progress.ts'

/** The question whose first buckets they are before. */
interface Asked {
  query: RollUpQuery
  buckets: Buckets
  progress: Progress
  decided: Decided
}

/** Finds where counters stood before the first bucket of a question. */
export class CounterStarts {
  readonly #options: { session: InfluxSession; source: ReadingsSource; marks: DirtyMarks }
  readonly #asked: Asked

  constructor(options: { session: InfluxSession; source: ReadingsSource; marks: DirtyMarks }, asked: Asked) {
    this.#options = options
    this.#asked = asked
  }

  /** The last value that counts before, of each sensor that has one, in the value's unit. */
  async read(sensors: readonly string[], context?: QueryContext): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    if (sensors.length === 0) return found
    const clean = await this.#cleanSensors(sensors, context)
    await this.#readRows([...clean], found, context)
    const { query, buckets, decided } = this.#asked
    const { kind, value } = query
    const others = sensors.filter((sensor) => !clean.has(sensor))
    const asked = { kind, value, sensors: others, from: buckets.from, to: buckets.from }
    const reader = new ValuesReader(this.#options.source, asked, decided, context)
    for (const sensor of others) {
      const last = await reader.lastBefore(sensor)
      if (last) found.set(sensor, fromSteps(last.steps))
    }
    return found
  }

  /** Sensors whose hours before are all rolled up as they are. */
  async #cleanSensors(sensors: readonly string[], context?: QueryContext): Promise<Set<string>> {
    const { query, buckets, progress } = this.#asked
    const { rolledTo = 0, frozenTo } = progress
    if (!isWholeHour(buckets.from) || buckets.from > rolledTo) return new Set()
    const from = Math.max(floorHour(buckets.from - increaseLookbackMs), frozenTo)
    const dirty = await this.#options.marks.read(query.kind, { from, to: buckets.from, sensors }, context)
    const whose = new Set(dirty.map(({ sensor }) => sensor))
    return new Set(whose.has(everySensor) ? [] : sensors.filter((sensor) => !whose.has(sensor)))
  }

  async #readRows(sensors: readonly string[], found: Map<string, number>, context?: QueryContext): Promise<void> {
    if (sensors.length === 0) return
    const { query, buckets } = this.#asked
    const earliest = buckets.from - increaseLookbackMs
    const rows = await readLastRows(
      this.#options.session,
      {
        ...{ measurement: hoursOf(query.kind), value: query.value, sensors },
        span: { from: floorHour(earliest), to: buckets.from },
      },
      context,
    )
    for (const { sensor, rollUp } of rows)
      if (rollUp.last && rollUp.last.ts >= earliest) found.set(sensor, rollUp.last.value)
  }
}
