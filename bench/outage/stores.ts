import { mkdir, mkdtemp, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { startInfluxd } from '../../test/real/influxd.ts'
import { mountSmallDisk } from '../../test/real/small-disk.ts'

/** A store that can be taken away from the platform and given back. */
export interface BreakableStore {
  name: string
  /** what the platform is started with */
  env: Record<string, string> & { DATA_DIR: string }
  /** its own processes, by name */
  pids(): Record<string, number>
  breakStore(): Promise<void>
  restoreStore(): Promise<void>
  /** Opens it for an audit, once the platform is stopped. */
  open(): Promise<TelemetryStore>
  close(): Promise<void>
}

const log = pino({ level: 'warn' })

/** InfluxDB, stopped and started again. */
export async function breakableInfluxdb(): Promise<BreakableStore> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  let influxd = await startInfluxd()
  const { url, port, dir } = influxd
  let running = true
  return {
    name: 'InfluxDB, stopped',
    env: { DATA_DIR: folder, STORE: 'influxdb', INFLUX_URL: url },
    pids: () => (running ? { influxd: influxd.pid } : {}),
    async breakStore() {
      running = false
      await influxd.stop()
    },
    async restoreStore() {
      influxd = await startInfluxd({ port, dir })
      running = true
    },
    open: () => openInfluxdbStore({ url, bucket: 'nhip', log }),
    async close() {
      await influxd.close()
      await rm(folder, { recursive: true })
    },
  }
}

const diskBytes = 600_000_000

/** DuckDB, whose disk is full for a while; the journal is on another one. Only root may mount such a disk: else undefined. */
export async function breakableDuckdb(): Promise<BreakableStore | undefined> {
  const disk = await mountSmallDisk(diskBytes)
  if (!disk) return undefined
  const journal = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const folder = join(disk.path, 'data')
  await mkdir(folder)
  await symlink(journal, join(folder, 'journal'))
  const filler = join(disk.path, 'filler')
  return {
    name: 'DuckDB, its disk full',
    env: { DATA_DIR: folder },
    pids: () => ({}),
    async breakStore() {
      const { bavail, bsize } = await statfs(disk.path)
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {}) // ends when nothing is left
    },
    restoreStore: () => rm(filler),
    open: () => openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log }),
    async close() {
      await disk.close()
      await rm(journal, { recursive: true })
    },
  }
}
