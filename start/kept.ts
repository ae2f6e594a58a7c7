import type { StorageConfig } from '#storage/config.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'

const daysText = (days: number) => `${Number(days.toFixed(2))} ${days === 1 ? 'day' : 'days'}`

/**
 * One line for the operator when the store itself removes readings sooner than the settings say that they are kept; undefined
 * when it does not. What is older is refused as `PAST`.
 */
export function keptSooner(
  store: Pick<TelemetryStore, 'keptMs'>,
  config: Pick<StorageConfig, 'INFLUX_BUCKET' | 'RETENTION_DAYS'> & { BACKFILL_DAYS?: number },
): string | undefined {
  const days = store.keptMs() / dayMs
  const { INFLUX_BUCKET, RETENTION_DAYS, BACKFILL_DAYS = 0 } = config
  const longer = [
    ...(RETENTION_DAYS === 0 || RETENTION_DAYS > days ? [`RETENTION_DAYS is ${RETENTION_DAYS}`] : []),
    ...(BACKFILL_DAYS > days ? [`BACKFILL_DAYS is ${BACKFILL_DAYS}`] : []),
  ]
  if (!Number.isFinite(days) || longer.length === 0) return undefined
  return `INFLUX_BUCKET "${INFLUX_BUCKET}" keeps ${daysText(days)} by its own retention, but ${longer.join(' and ')}: what is older is refused as PAST; give the bucket a longer retention to keep more`
}
