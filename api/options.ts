import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import type { FigureSettings } from '#telemetry/figures/figure-settings.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import type { ConnectionLimits } from './limits/connection-limits.ts'
import type { QueryLimits } from './limits/query-scheduler.ts'
import type { CertificateSource } from './server/certificate-source.ts'
import type { OpenIdOptions } from './sign-in/openid.ts'
import type { WebOptions } from './web-options.ts'

/** What the api is started with. */
export interface ApiOptions {
  host: string
  /** 0 takes a free one */
  port: number
  store: TelemetryStore
  mqtt: MqttAccess
  districts: readonly District[]
  /** a GeoJSON FeatureCollection, served as it is */
  map: unknown
  /** path of a PMTiles archive that is drawn instead of the sketch */
  baseMap?: string
  adminToken: string
  /** signs in once */
  loginToken?: string
  /** folder where entries of the audit log are on disk until the store has them; in memory when absent */
  auditLogDir?: string
  /** folder of the built dashboard */
  dashboardDir?: string
  web: WebOptions
  /** sign-in through an OpenID provider as well */
  openId?: OpenIdOptions
  /** listens with TLS */
  tls?: CertificateSource
  /** what official figures are reckoned with, where it is not the usual */
  figures?: FigureSettings
  /** bounds of what is answered at once, where they are not the usual ones */
  questions?: Partial<QueryLimits>
  /** bounds of connections, where they are not the usual ones */
  connections?: Partial<ConnectionLimits>
  /** most sensors held */
  maxSensors?: number
  /** whether a second person has to confirm corrections of data */
  correctionsNeedConfirmation?: boolean
  /** ms a lamp has to answer a command */
  commandAnswerMs?: number
  registry: Registry
  /** what is wrong with other parts of this process: said by readiness */
  faults?: HealthFaults
  log: Logger
  /** epoch ms */
  clock?: () => number
}
