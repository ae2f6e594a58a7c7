import type { Logger } from 'pino'
import { ConfigError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import type { TelemetryStore } from '../store.ts'
import { StoredReadings } from '../stored-readings.ts'
import { InfluxConnection } from './connection.ts'
import { documentStorage } from './document-storage.ts'
import { openFault } from './errors.ts'
import { eventStorage } from './event-storage.ts'
import { newestReadingQueries } from './newest-reading-queries.ts'
import type { InfluxConnectionOptions } from './options.ts'
import { readingQueries } from './reading-queries.ts'
import { readingWrites } from './reading-writes.ts'
import { type RollUpOptions, rollUpStorage } from './roll-up/roll-up-storage.ts'
import { eventMeasurement, measurements } from './schema.ts'
import { InfluxSession } from './session.ts'

export interface InfluxdbStoreOptions extends InfluxConnectionOptions {
  log: Logger
  /** the zone whose days are rolled up */
  timeZone?: string
  rollUps?: Omit<RollUpOptions, 'timeZone'>
}

/**
 * Opens the store in an InfluxDB of 1.x (no token; the database is made when it is missing) or 2.x (token).
 * @throws UnreachableError when no InfluxDB answers, ConfigError when it refuses the token, organisation or bucket
 */
export async function openInfluxdbStore(options: InfluxdbStoreOptions): Promise<TelemetryStore> {
  const { log, timeZone = defaultTimeZone, rollUps, ...where } = options
  const url = new URL(options.url).origin
  const connection = new InfluxConnection(where)
  try {
    await connection.prepare()
  } catch (error) {
    connection.close()
    throw error instanceof ConfigError ? error : openFault(error, url)
  }
  const session = new InfluxSession(connection, url)
  const stored = new StoredReadings(log)
  const readings = readingQueries(session, stored)
  const events = eventStorage(session)
  const documents = documentStorage(session)
  const parts = { ...readingWrites(session), ...readings, ...events, ...documents, ...trimming(session) }
  return {
    keptMs: () => session.keptMs,
    ...newestReadingQueries(session, stored),
    ...parts,
    ...rollUpStorage(session, parts, { ...rollUps, timeZone }),
    // a series is a sensor's own in any case
    sortReadings: async () => ({ readings: 0, more: false }),
    ping: () => ping(session),
    close: () => session.close(),
  }
}

function trimming(session: InfluxSession): Pick<TelemetryStore, 'trim' | 'trimEvents'> {
  return {
    async trim(before) {
      // one by one: a close of the store waits for one of them only
      for (const measurement of measurements) await session.deleteBefore(before, measurement)
    },
    trimEvents: (stream, before) => session.deleteBefore(before, eventMeasurement(stream)),
  }
}

async function ping(session: InfluxSession): Promise<void> {
  try {
    await session.use((connection) => connection.check())
  } catch (error) {
    // the probe is well: an InfluxDB that refuses it takes nothing
    if (!(error instanceof StoreRejectedError)) throw error
    throw new StoreUnavailableError(`InfluxDB at ${session.url} takes nothing now: ${error.message}`, { cause: error })
  }
}
