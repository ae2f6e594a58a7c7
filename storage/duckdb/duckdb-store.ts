import type { Logger } from 'pino'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { rollUpsOfReadings } from '../roll-up/from-readings.ts'
import { LocalDays } from '../roll-up/local-days.ts'
import type { TelemetryStore } from '../store.ts'
import { StoredReadings } from '../stored-readings.ts'
import { BackgroundMigration } from './background-migration.ts'
import { Database } from './database.ts'
import { documentStorage } from './document-storage.ts'
import { eventStorage, migrateEvents } from './event-storage.ts'
import { newestReadingQueries } from './newest-reading-queries.ts'
import { NewestSnapshots } from './newest-snapshots.ts'
import { readingQueries } from './reading-queries.ts'
import { readingSorting, type SortingSizes } from './reading-sorting.ts'
import { readingWrites } from './reading-writes.ts'
import { DirtyHours } from './roll-up/dirty-hours.ts'
import { rollUpQueries } from './roll-up/roll-up-queries.ts'
import { rollUpTrimming } from './roll-up/trim-roll-ups.ts'
import { RollUpTables, rollUpUpkeep } from './roll-up/upkeep.ts'
import { trimming } from './trimming.ts'

export interface DuckdbStoreOptions {
  /** the database file; made when missing */
  path: string
  log: Logger
  /** zone of the local days that have roll-ups of their own */
  timeZone?: string
  /** ms between two snapshots of the newest readings of a kind that is written to */
  snapshotEveryMs?: number
  /** how much is sorted at once */
  sorting?: SortingSizes
}

/**
 * Opens the embedded store: one DuckDB file that this process owns.
 * @throws ConfigError when the file is in use, cannot be written, or was written by another version
 */
export async function openDuckdbStore(options: DuckdbStoreOptions): Promise<TelemetryStore> {
  const database = new Database(options)
  await database.open()
  const stored = new StoredReadings(options.log)
  const { snapshotEveryMs: everyMs } = options
  const snapshots = new NewestSnapshots(database, { stored, log: options.log, everyMs })
  // a start does not wait for it: only queries by what it fills do
  const migration = new BackgroundMigration({ migrate: () => migrateEvents(database), log: options.log })
  migration.start()
  const readings = readingQueries(database, stored)
  const dirty = new DirtyHours()
  database.onWriteFault(() => dirty.forget())
  const { timeZone: zone = defaultTimeZone } = options
  const days = { zone, days: new LocalDays(zone) }
  const rollUps = new RollUpTables({ database, dirty, migration, days })
  const events = eventStorage(database, migration, dirty)
  const documents = documentStorage(database)
  return {
    keptMs: () => Number.POSITIVE_INFINITY,
    ...readingWrites(database, snapshots, dirty),
    ...newestReadingQueries(database, stored),
    ...readings,
    ...events,
    ...documents,
    ...rollUpsOfReadings({ ...readings, ...events, ...documents }),
    ...rollUpUpkeep(rollUps),
    ...rollUpQueries(database, migration, days),
    ...rollUpTrimming(database, days),
    ...trimming(database, snapshots, rollUps),
    ...readingSorting(database, options.sorting),
    ping: () => ping(database),
    async close() {
      migration.close()
      await snapshots.close()
      await database.close()
    },
  }
}

async function ping(database: Database): Promise<void> {
  try {
    await database.run('UPDATE probe SET mark = mark + 1')
    await database.rows('SELECT mark FROM probe')
  } catch (error) {
    // the probe is well: a store that refuses it takes nothing
    if (error instanceof StoreUnavailableError) throw error
    throw new StoreUnavailableError(`DuckDB takes nothing now: ${String(error)}`, { cause: error })
  }
}
