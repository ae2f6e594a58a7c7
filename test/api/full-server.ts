import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createAlertsClient } from '#api/alerts-client/alerts-client.ts'
import { openAuditLog } from '#api/audit-log/audit-log.ts'
import { LampCommands } from '#api/commands/lamp-commands.ts'
import { LampOverrides } from '#api/commands/lamp-overrides.ts'
import { Corrections } from '#api/corrections/corrections.ts'
import { apiMetrics } from '#api/metrics.ts'
import { DeviceRefusals } from '#api/mqtt/device-refusals.ts'
import { PlatformHealth } from '#api/platform-health.ts'
import { SensorRegistry } from '#api/sensors/sensor-registry.ts'
import type { ApiServer } from '#api/server/api-server.ts'
import { buildServer } from '#api/server/server.ts'
import { ShiftLog } from '#api/shift-log/shift-log.ts'
import { SnapshotSeal } from '#api/shift-log/snapshot-seal.ts'
import { type Authentication, startAuthentication } from '#api/sign-in/authentication.ts'
import { OpenId } from '#api/sign-in/openid.ts'
import { RefusedSignIns } from '#api/sign-in/refused-sign-ins.ts'
import { PlacementReader } from '#history/placements.ts'
import { adminToken, type TestStore, web } from './api-parts.ts'

const provider = { clientId: 'nhip', clientSecret: 'unused', scope: 'openid', roleClaim: 'roles', roles: {} }

/** The HTTP side of an api, with every option that adds routes. */
export interface FullServer {
  server: ApiServer
  authentication: Authentication
  ask(options: RequestOptions): Promise<{ status: number; body: string }>
  close(): Promise<void>
}

/** A request to every route, over a real connection: authorization looks at what was really sent. */
export interface RequestOptions {
  method: string
  url: string
  headers?: Record<string, string>
  /** sent as JSON */
  payload?: unknown
}

/** Builds every route there can be, on a free port. */
export async function buildFullServer(test: TestStore, brokerPort: number): Promise<FullServer> {
  const [registry, log, clock] = [new Registry(), pino({ level: 'silent' }), Date.now]
  const { store } = test
  const metrics = apiMetrics(registry)
  const [sensors, health] = [new SensorRegistry({ metrics }), new PlatformHealth(clock)]
  const auditLog = await openAuditLog({ store, folder: undefined, metrics, log, clock })
  const refusedSignIns = new RefusedSignIns(auditLog, clock)
  const openId = new OpenId({ issuer: 'https://id.example', ...provider }, adminToken, clock)
  const authentication = await startAuthentication({ store, log, clock, adminToken, loginToken: undefined })
  const overrides = new LampOverrides({ store, sensors, metrics, log, clock })
  const mqtt = { url: `mqtt://127.0.0.1:${brokerPort}`, username: 'api', password: 'unused' }
  const server = await buildServer({
    ...{
      store,
      registry,
      log,
      clock,
      metrics,
      districts: [],
      map: {},
      web,
      openId,
      tls: undefined,
      baseMap: undefined,
    },
    ...{ sensors, health, auditLog, refusedSignIns, overrides },
    commands: new LampCommands({ sensors, health, auditLog, overrides, metrics, clock, answerMs: undefined }),
    refusals: new DeviceRefusals({ metrics }),
    shiftLog: new ShiftLog({ store, metrics, log, clock }),
    corrections: new Corrections({ store, metrics, log, clock, needConfirmation: false }),
    snapshotSeal: new SnapshotSeal(adminToken),
    placements: new PlacementReader({ store, sensors: () => sensors.list(), clock }),
    isSeeded: () => true,
    ...authentication,
    alerts: createAlertsClient(mqtt, { metrics, log }),
    dashboardDir: test.folder,
  })
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  return {
    server,
    authentication,
    async ask({ method, url, headers = {}, payload }) {
      const body = payload === undefined ? undefined : JSON.stringify(payload)
      const told =
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sent = request({ host: '127.0.0.1', port, method, path: url, headers: { ...told, ...headers } })
      sent.end(body)
      const [answer] = (await once(sent, 'response')) as [IncomingMessage] // what this event gives
      return { status: answer.statusCode ?? 0, body: await text(answer) }
    },
    async close() {
      authentication.close()
      await server.close()
    },
  }
}
