import { mergeBatch } from '../merge-readings.ts'
import type { TelemetryStore } from '../store.ts'
import { bodiesOf, linesOf, type ReadingToWrite } from './line-protocol.ts'
import { RecentReadings } from './recent-readings.ts'
import type { InfluxSession } from './session.ts'
import { writeInAcceptedParts } from './split-writes.ts'
import { withStoredStates } from './stored-states.ts'

/**
 * How readings are written to InfluxDB. It knows a point by measurement, tags and time, and overwrites field by field: that merges
 * the readings of one (sensor, ts) in the order in which they are written, but for their states, which are one field; and one
 * from another district is a point of its own.
 */
export function readingWrites(session: InfluxSession): Pick<TelemetryStore, 'write'> {
  const recent = new RecentReadings()
  return {
    async write(readings) {
      const merged = mergeBatch(readings)
      const kinds = [...new Set(merged.readings.map(({ kind }) => kind))]
      let toWrite: readonly ReadingToWrite[] = []
      await session.write(kinds, async (connection) => {
        toWrite = await withStoredStates((query) => connection.query(query), recent, merged.readings)
        await writeInAcceptedParts(toWrite, async (part) => {
          for (const body of bodiesOf(linesOf(part))) await connection.write(body, 'ms')
        })
      })
      return { corrected: merged.corrected + recent.written(toWrite.map(({ reading }) => reading)) }
    },
  }
}
