import type { DuckDBConnection } from '@duckdb/node-api'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { tableOf } from './schema.ts'

/** sensors of one kind whose newest time is remembered; readings of further ones are compared with all that is stored */
const defaultMaxSensors = 100_000

/** Readings of one batch and kind, apart by whether they need to be compared with what is stored. */
export interface SortedReadings {
  /** each certainly not stored yet, and there once */
  fresh: Reading[]
  /** perhaps stored already, or there more than once */
  doubtful: Reading[]
  /** newest time of each sensor once the batch is stored */
  newest: ReadonlyMap<string, number>
}

/**
 * The time of the newest stored reading of every sensor of a kind. A reading is known by sensor and time, so one that is newer than all
 * of its sensor is new, and nothing needs to be looked up: nearly all are. It holds as long as nobody else writes.
 */
export class NewestTimes {
  readonly #times: Map<string, number>
  readonly #maxSensors: number
  /** whether a sensor that is not remembered has nothing stored */
  #complete: boolean

  /** @param times of what is stored, by sensor */
  constructor(times: ReadonlyMap<string, number>, maxSensors = defaultMaxSensors) {
    this.#times = new Map([...times].slice(0, maxSensors))
    this.#maxSensors = maxSensors
    this.#complete = times.size <= maxSensors
  }

  static async read(connection: DuckDBConnection, kind: Kind): Promise<NewestTimes> {
    const sql = `SELECT sensor, max(ts) FROM ${tableOf(kind)} GROUP BY sensor LIMIT ${defaultMaxSensors + 1}`
    const rows = (await connection.runAndReadAll(sql)).getRows()
    return new NewestTimes(new Map(rows.map(([sensor, ts]) => [String(sensor), Number(ts)])))
  }

  /** Sorts a batch; nothing is remembered of it before {@link stored}. */
  sort(readings: readonly Reading[]): SortedReadings {
    const newest = new Map<string, number>()
    const fresh: Reading[] = []
    const doubtful: Reading[] = []
    for (const reading of readings) {
      const { sensor, ts } = reading
      const known = newest.get(sensor) ?? this.#times.get(sensor) ?? (this.#complete ? 0 : Number.POSITIVE_INFINITY)
      if (ts > known) {
        newest.set(sensor, ts)
        fresh.push(reading)
      } else doubtful.push(reading)
    }
    return { fresh, doubtful, newest }
  }

  /** Remembers a batch that is stored. */
  stored({ newest }: Pick<SortedReadings, 'newest'>): void {
    for (const [sensor, ts] of newest) {
      if (this.#times.size < this.#maxSensors || this.#times.has(sensor)) this.#times.set(sensor, ts)
      else this.#complete = false
    }
  }
}
