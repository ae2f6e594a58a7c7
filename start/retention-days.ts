import type { StorageConfig } from '#storage/config.ts'
import { ConfigError } from '#telemetry/errors.ts'

/**
 * How many days readings and roll-ups are kept.
 * @throws ConfigError when roll-ups would go before the readings of which they are the sums: what is asked of that time would find neither
 */
export function retentionDaysOf(config: Pick<StorageConfig, 'RETENTION_DAYS' | 'ROLL_UP_RETENTION_DAYS'>): {
  retentionDays: number
  rollUpRetentionDays: number
} {
  const { RETENTION_DAYS: retentionDays, ROLL_UP_RETENTION_DAYS: rollUpRetentionDays } = config
  const kept = (days: number) => (days === 0 ? Number.POSITIVE_INFINITY : days)
  if (kept(rollUpRetentionDays) < kept(retentionDays))
    throw new ConfigError(
      `ROLL_UP_RETENTION_DAYS is ${rollUpRetentionDays}: must be 0 (for ever) or at least RETENTION_DAYS, which is ${retentionDays === 0 ? '0 (for ever)' : retentionDays}`,
    )
  return { retentionDays, rollUpRetentionDays }
}
