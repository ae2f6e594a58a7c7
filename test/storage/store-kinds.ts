import { join } from 'node:path'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { silent } from '../journal/journal-parts.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'

/** A sort of store, for tests that are to hold on each. */
export interface StoreKind {
  name: 'DuckDB' | 'InfluxDB'
  /** Whether what it needs is installed; in CI it must be. */
  isThere(): boolean
  /** A server that stores live in; DuckDB needs none. */
  start(): Promise<StoreServer>
}

export interface StoreServer {
  /** Opens the store of this name, a new one when there is none yet. */
  open(folder: string, name: string): Promise<TelemetryStore>
  close(): Promise<void>
}

const duckdb: StoreKind = {
  name: 'DuckDB',
  isThere: () => true,
  start: async () => ({
    open: (folder, name) => openDuckdbStore({ path: join(folder, `${name}.duckdb`), log: silent }),
    close: async () => {},
  }),
}

const influxdb: StoreKind = {
  name: 'InfluxDB',
  isThere: () => influxdInstalled() || process.env.CI !== undefined,
  async start() {
    const influxd: Influxd = await startInfluxd()
    return {
      open: (_folder, bucket) => openInfluxdbStore({ url: influxd.url, bucket, log: silent }),
      close: () => influxd.close(),
    }
  },
}

/** Every sort of store there is. */
export const storeKinds: readonly StoreKind[] = [duckdb, influxdb]
