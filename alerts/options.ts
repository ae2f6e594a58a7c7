import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import type { NotifyOptions } from './config.ts'
import type { DeliveryLimits } from './notify/delivery-queue.ts'
import type { GatherLimits } from './notify/notifier.ts'
import type { AlarmStateLimits } from './state/alarm-state-store.ts'
import type { LogLimits } from './state/alert-log.ts'

/** What alerts is started with. */
export interface AlertsOptions {
  store: TelemetryStore
  mqtt: MqttAccess
  /** names of districts and wards, for messages to people */
  districts: readonly District[]
  notify: NotifyOptions
  registry: Registry
  /** faults that readiness shows */
  faults?: HealthFaults
  log: Logger
  /** epoch ms */
  clock?: () => number
  /** most sensors monitored */
  maxSensors?: number
  limits?: {
    states?: Partial<AlarmStateLimits>
    log?: Partial<LogLimits>
    gather?: Partial<GatherLimits>
    delivery?: Partial<DeliveryLimits>
    /** ms that a dry run may take */
    dryRunMs?: number
    /** ms between two writes of the watermark */
    markMs?: number
  }
}
