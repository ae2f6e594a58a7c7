/**
 * Keeps writes to a measurement apart from deletes of it. A delete takes out of InfluxDB's index each series that has no point yet in a shard;
 * so one that is written there for the first time meanwhile was acknowledged and not found again, until it was written once more (InfluxDB
 * 1.6.7: 138 of 150 such writes, though nothing was old enough to be deleted). Only within this process.
 */
export class MeasurementLocks {
  readonly #writes = new Map<string, Set<Promise<unknown>>>()
  /** the last delete of each measurement that is under way or due */
  readonly #deletes = new Map<string, Promise<unknown>>()

  /** Writes to these measurements once nothing is deleted from them. */
  async write<T>(measurements: readonly string[], task: () => Promise<T>): Promise<T> {
    while (measurements.some((measurement) => this.#deletes.has(measurement)))
      await Promise.all(measurements.map((measurement) => this.#deletes.get(measurement)))
    const running = task()
    const sets = measurements.map((measurement) => this.#writesTo(measurement))
    for (const set of sets) set.add(running)
    try {
      return await running
    } finally {
      for (const set of sets) set.delete(running)
    }
  }

  /** Deletes from a measurement once the writes to it that are under way have ended; later ones wait for it. */
  async delete(measurement: string, task: () => Promise<void>): Promise<void> {
    const before = this.#deletes.get(measurement)
    const run = async () => {
      await before
      await Promise.allSettled(this.#writesTo(measurement))
      await task()
    }
    const running = run()
    // whoever waits for it has no part in how it ends
    const ended = running
      .catch(() => {})
      .finally(() => {
        if (this.#deletes.get(measurement) === ended) this.#deletes.delete(measurement)
      })
    this.#deletes.set(measurement, ended)
    await running
  }

  #writesTo(measurement: string): Set<Promise<unknown>> {
    const known = this.#writes.get(measurement)
    if (known) return known
    const made = new Set<Promise<unknown>>()
    this.#writes.set(measurement, made)
    return made
  }
}
