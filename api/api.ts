import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { districtDistance } from '#city/district-distance.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { District } from '#telemetry/district.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { createAlertsClient } from './alerts-client/alerts-client.ts'
import { openAuditLog } from './audit-log/audit-log.ts'
import { LampCommands } from './commands/lamp-commands.ts'
import type { ConnectionLimits } from './limits/connection-limits.ts'
import type { QueryLimits } from './limits/query-scheduler.ts'
import { startLiveHub } from './live/live-hub.ts'
import { apiMetrics } from './metrics.ts'
import { DeviceRefusals } from './mqtt/device-refusals.ts'
import { startMqttFeed } from './mqtt/mqtt-feed.ts'
import { PlatformHealth, watchStore } from './platform-health.ts'
import { type RegistrySeed, seedRegistry } from './sensors/registry-seed.ts'
import { SensorRegistry } from './sensors/sensor-registry.ts'
import type { ApiServer } from './server/api-server.ts'
import type { CertificateSource } from './server/certificate-source.ts'
import { clientAddressReader } from './server/client-address.ts'
import { buildServer } from './server/server.ts'
import { openAuthentication } from './sign-in/authentication.ts'
import type { OpenIdOptions } from './sign-in/openid.ts'
import { RefusedSignIns } from './sign-in/refused-sign-ins.ts'
import type { WebOptions } from './web-options.ts'

export interface ApiOptions {
  host: string
  /** 0 takes a free one */
  port: number
  store: TelemetryStore
  mqtt: MqttAccess
  districts: readonly District[]
  /** a GeoJSON FeatureCollection, served as it is */
  map: unknown
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
  /** bounds of what is answered at once, where they are not the usual ones */
  questions?: Partial<QueryLimits>
  /** bounds of connections, where they are not the usual ones */
  connections?: Partial<ConnectionLimits>
  /** most sensors held */
  maxSensors?: number
  /** ms a lamp has to answer a command */
  commandAnswerMs?: number
  registry: Registry
  /** what is wrong with other parts of this process: said by readiness */
  faults?: HealthFaults
  log: Logger
  /** epoch ms */
  clock?: () => number
}

export interface Api {
  /** without a slash at its end */
  url: string
  port: number
  /** Ends every connection; the store stays open. Idempotent. */
  close(): Promise<void>
}

/** ms that clients have to say goodbye before their connections are cut */
const goodbyeMs = 500

async function listen(app: ApiServer, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        `HTTP_PORT is ${port}: ${host}:${port} is already taken; choose another with HTTP_PORT`,
        error,
      )
    if (code === 'EACCES')
      throw new ConfigError(`HTTP_PORT is ${port}: this user may not open it; choose another with HTTP_PORT`, error)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(`HOST is "${host}": this machine has no such address`, error)
    throw error
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** Keeps track of connections, to cut those that do not end by themselves. */
function connectionsOf(app: ApiServer): Set<Socket> {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/**
 * Starts REST, live feed and dashboard; neither broker nor store need be up. Rejects with ConfigError when it cannot
 * listen; nothing is left running then.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { store, log, host, web, dashboardDir, adminToken, loginToken } = options
  const steady = new SteadyClock()
  const { clock = steady.now } = options
  const metrics = apiMetrics(options.registry)
  const sensors = new SensorRegistry({
    metrics,
    ...(options.maxSensors === undefined ? {} : { max: options.maxSensors }),
  })
  const health = new PlatformHealth(clock, options.faults, () => steady.offMs)
  const auditLog = await openAuditLog({ store, folder: options.auditLogDir, metrics, log, clock })
  const refusedSignIns = new RefusedSignIns(auditLog, clock)
  const authentication = await openAuthentication({ store, log, clock, adminToken, loginToken })
  const { sessions } = authentication
  const openId = options.openId && new (await import('./sign-in/openid.ts')).OpenId(options.openId, adminToken, clock)
  const { tls } = options
  const alerts = createAlertsClient(options.mqtt, { metrics, log })
  let seed: RegistrySeed | undefined
  const refusals = new DeviceRefusals({ metrics })
  const commands = new LampCommands({ sensors, health, auditLog, metrics, clock, answerMs: options.commandAnswerMs })
  const { districts, map, registry } = options
  const app = await buildServer({
    ...{
      store,
      sensors,
      health,
      ...authentication,
      auditLog,
      refusedSignIns,
      commands,
      alerts,
      refusals,
      districts,
      map,
      web,
      openId,
      tls,
      dashboardDir,
      questions: options.questions,
      connections: options.connections,
      metrics,
      registry,
      log,
      clock,
    },
    isSeeded: () => seed?.done ?? false,
  })
  const sockets = connectionsOf(app)
  const cookies = (header: string) => app.parseCookie(header)
  const addressOf = clientAddressReader(web.trustProxy)
  const hub = startLiveHub({
    ...{
      http: app.server,
      registry: sensors,
      alerts,
      health,
      sessions,
      auditLog,
      refusedSignIns,
      metrics,
      log,
      clock,
      cookies,
      addressOf,
    },
    web,
  })
  const stopWatching = watchStore(store, health)
  seed = await seedRegistry({ store, registry: sensors, log, clock, steady }, () => hub.resync())
  health.onChange(() => {
    if (health.now.broker) seed?.soon()
  })
  const events = {
    ...hub,
    answer: commands.handleAnswer.bind(commands),
    refusals: (text: string) => refusals.take(text),
  }
  const distance = districtDistance(districts)
  const feed = startMqttFeed(options.mqtt, { registry: sensors, health, metrics, log, events, distance, clock, steady })
  commands.connect({ send: feed.send, publish: hub.command })
  alerts.follow(hub)

  const stop = async () => {
    stopWatching()
    seed?.stop()
    await commands.close()
    await feed.close()
    await alerts.close()
    hub.close()
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, goodbyeMs)
    await app.close()
    clearTimeout(cut)
    authentication.close()
    await refusedSignIns.close()
    await auditLog.close()
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= stop()
    return closing
  }
  try {
    const port = await listen(app, host, options.port)
    const name = host.includes(':') ? `[${host}]` : host
    return { url: `${tls ? 'https' : 'http'}://${name}:${port}`, port, close }
  } catch (error) {
    await close()
    throw error
  }
}
