import { join } from 'node:path'
import type { Logger } from 'pino'
import { ConfigError } from '#telemetry/errors.ts'
import type { StorageConfig } from './config.ts'
import type { TelemetryStore } from './store.ts'

/** The file of the embedded store. */
export function duckdbPath(dataDir: string): string {
  return join(dataDir, 'nhip.duckdb')
}

/**
 * Opens the store that the settings ask for; the other engine's library is not even loaded.
 * @throws ConfigError when a setting is missing or the file cannot be used, UnreachableError when InfluxDB does not answer
 */
export async function openStore(
  config: Omit<StorageConfig, 'RETENTION_DAYS' | 'ROLL_UP_RETENTION_DAYS' | 'TIME_ZONE'> & {
    DATA_DIR: string
    TIME_ZONE?: string
  },
  log: Logger,
): Promise<TelemetryStore> {
  const zone = config.TIME_ZONE ? { timeZone: config.TIME_ZONE } : {}
  if (config.STORE === 'duckdb') {
    const { openDuckdbStore } = await import('./duckdb/duckdb-store.ts')
    return openDuckdbStore({ path: duckdbPath(config.DATA_DIR), log, ...zone })
  }
  if (!config.INFLUX_URL)
    throw new ConfigError('INFLUX_URL is missing: STORE=influxdb needs it (for example http://127.0.0.1:8086)')
  if (config.INFLUX_TOKEN && !config.INFLUX_ORG)
    throw new ConfigError('INFLUX_ORG is missing: INFLUX_TOKEN is for InfluxDB 2.x, which writes to an organisation')
  const { openInfluxdbStore } = await import('./influxdb/influxdb-store.ts')
  return openInfluxdbStore({
    url: config.INFLUX_URL,
    bucket: config.INFLUX_BUCKET,
    ...(config.INFLUX_TOKEN ? { token: config.INFLUX_TOKEN } : {}),
    ...(config.INFLUX_ORG ? { org: config.INFLUX_ORG } : {}),
    log,
    ...zone,
  })
}
