import { type PeriodEvent, periodEventSchema } from '#telemetry/reporting-period.ts'
import { ChangeLog, type ChangeLogOptions } from './change-log.ts'
import type { AlertsMetrics } from './metrics.ts'

/** From when on a sensor has which reporting period (s): a count of vehicles means nothing without. */
export type PeriodLog = ChangeLog<number>

/** Reads the periods that were noted before, and begins to note changes. @throws StoreUnavailableError, and then nothing is left running */
export function loadPeriodLog({
  metrics,
  ...options
}: ChangeLogOptions & { metrics: AlertsMetrics }): Promise<PeriodLog> {
  return ChangeLog.load<number>(options, {
    stream: 'period',
    what: 'how often sensors report',
    bodyOf: (sensor, seconds, before): PeriodEvent => ({
      ...{ sensor, seconds },
      ...(before === undefined ? {} : { before }),
    }),
    parse(body) {
      const { data } = periodEventSchema.safeParse(body)
      return data && { sensor: data.sensor, said: data.seconds }
    },
    isSame: (one, other) => one === other,
    metrics: { storeFaults: metrics.storeFaults, waiting: metrics.periodsWaiting },
  })
}
