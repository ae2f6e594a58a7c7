import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { PlacementReader } from '#history/placements.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import type { FigureSettings } from '#telemetry/figures/figure-settings.ts'
import type { AlertsClient } from '../alerts-client/alerts-client.ts'
import type { AuditLog } from '../audit-log/audit-log.ts'
import type { LampCommands } from '../commands/lamp-commands.ts'
import type { LampOverrides } from '../commands/lamp-overrides.ts'
import type { Corrections } from '../corrections/corrections.ts'
import type { ConnectionLimits } from '../limits/connection-limits.ts'
import type { QueryLimits } from '../limits/query-scheduler.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { DeviceRefusals } from '../mqtt/device-refusals.ts'
import type { ApiKeys } from '../people/api-keys.ts'
import type { People } from '../people/people.ts'
import type { Teams } from '../people/teams.ts'
import type { PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import type { ShiftLog } from '../shift-log/shift-log.ts'
import type { SnapshotSeal } from '../shift-log/snapshot-seal.ts'
import type { OpenId } from '../sign-in/openid.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import type { RefusedSignIns } from '../sign-in/refused-sign-ins.ts'
import type { Sessions } from '../sign-in/sessions.ts'
import type { SignIn } from '../sign-in/sign-in.ts'
import type { WebOptions } from '../web-options.ts'
import type { CertificateSource } from './certificate-source.ts'

/** What the routes need. */
export interface ServerParts {
  store: TelemetryStore
  sensors: SensorRegistry
  /** where sensors belonged over time */
  placements: PlacementReader
  /** whether the store's newest readings have been read: before that, an unknown sensor may still turn up */
  isSeeded: () => boolean
  health: PlatformHealth
  people: People
  teams: Teams
  keys: ApiKeys
  passwords: Passwords
  sessions: Sessions
  auditLog: AuditLog
  refusedSignIns: RefusedSignIns
  commands: LampCommands
  overrides: LampOverrides
  alerts: AlertsClient
  refusals: DeviceRefusals
  shiftLog: ShiftLog
  corrections: Corrections
  snapshotSeal: SnapshotSeal
  districts: readonly District[]
  map: unknown
  /** path of the PMTiles archive that the base map is drawn from; absent: the sketch is drawn */
  baseMap: string | undefined
  web: WebOptions
  /** absent: nobody signs in elsewhere */
  openId: OpenId | undefined
  /** absent: listens without TLS */
  tls: CertificateSource | undefined
  dashboardDir: string | undefined
  /** what official figures are reckoned with, where it is not the usual */
  figures?: FigureSettings | undefined
  /** bounds of what is answered at once, where they are not the usual ones */
  questions?: Partial<QueryLimits> | undefined
  /** bounds of connections, where they are not the usual ones */
  connections?: Partial<ConnectionLimits> | undefined
  metrics: ApiMetrics
  registry: Registry
  log: Logger
  clock: () => number
}

/** What the routes need besides, made with the server. */
export interface RouteParts extends ServerParts {
  signIn: SignIn
  limits: RateLimits
}
