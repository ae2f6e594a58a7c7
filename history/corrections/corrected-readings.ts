import type { TelemetryStore } from '#storage/store.ts'
import { CorrectionReader } from './correction-reader.ts'

type Store = Pick<TelemetryStore, 'readings' | 'readEvents' | 'eventHeads'>

/**
 * The readings of a store as they count: changed where a person corrected them; what one left out is in a state in which nothing is judged
 * by it. For what roll-ups cannot say.
 */
export function correctedReadings(
  store: Store,
  reader = new CorrectionReader(store),
): Pick<TelemetryStore, 'readings'> {
  return {
    async *readings(query, context) {
      const corrected = await reader.within(query.kind, query, context)
      for await (const page of store.readings(query, context))
        yield corrected.size === 0
          ? page
          : page.map((reading) => corrected.get(reading.sensor)?.correctReading(reading) ?? reading)
    },
  }
}
