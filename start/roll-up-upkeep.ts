import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { RollUpUpkeep } from '#history/roll-up-upkeep.ts'
import { UpkeepLease } from '#history/upkeep-lease.ts'
import type { StorageConfig } from '#storage/config.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'

/** Starts the upkeep of the roll-ups where readings are written. Of several processes that share a store one does it at a time. */
export async function startRollUpUpkeep(
  config: Pick<StorageConfig, 'STORE'>,
  options: { store: TelemetryStore; registry: Registry; faults: HealthFaults; log: Logger },
): Promise<RollUpUpkeep> {
  const isShared = config.STORE === 'influxdb'
  return new RollUpUpkeep({ ...options, ...(isShared && { lease: new UpkeepLease({ store: options.store }) }) })
}
