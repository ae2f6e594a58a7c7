import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { z } from 'zod'
import type { Passwords, ServiceRole } from '#broker/auth/service-accounts.ts'
import { parseConfig } from '#telemetry/config.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { ownHosts } from '#telemetry/own-host.ts'
import { watchClock } from './clock-watch.ts'
import { platformConfig } from './config.ts'
import { createLog } from './log.ts'
import { run } from './run.ts'
import { logMendedPermissions, openDataFolder, readSecrets } from './secrets.ts'
import { Stack } from './stack.ts'

/** What a service that runs alone has at hand. */
export interface ServiceContext<Config> {
  config: Config
  parts: Stack
  registry: Registry
  /** what is wrong with the parts of this process */
  faults: HealthFaults
  log: Logger
}

const passwordOf = {
  admin: 'ADMIN_TOKEN',
  ingest: 'INGEST_PASSWORD',
  alerts: 'ALERTS_PASSWORD',
  api: 'API_PASSWORD',
  simulators: 'SIMULATORS_PASSWORD',
} as const satisfies Record<ServiceRole, string>

/** A secret for a service that runs alone: from its variable, else from the secrets that the broker made in the same DATA_DIR. */
export async function secretOf(config: z.infer<typeof platformConfig>, role: ServiceRole): Promise<string> {
  const variable = passwordOf[role]
  const kept: Passwords | undefined = config[variable] ? undefined : await readSecrets(config.DATA_DIR)
  const secret = config[variable] ?? kept?.[role]
  if (!secret)
    throw new ConfigError(`${variable} is missing: a service that runs alone needs the one that the broker knows`)
  return secret
}

/** Fails unless journal and store are of the kind that several processes can share. */
export function requireShared(config: { JOURNAL?: string; STORE?: string }): void {
  if (config.JOURNAL === 'local')
    throw new ConfigError(
      'JOURNAL is "local": services started apart share JOURNAL=nats with NATS_URL ("npm start" runs all in one)',
    )
  if (config.STORE === 'duckdb')
    throw new ConfigError(
      'STORE is "duckdb": services started apart share STORE=influxdb with INFLUX_URL ("npm start" runs all in one)',
    )
}

/**
 * `/health/live`, `/health/ready` and `/metrics` of a service that has no HTTP of its own, open to who reaches `METRICS_HOST`. It answers under
 * its own names only, names of one label among them: a page of another site must not read it through a name that leads here.
 */
async function startMonitor(registry: Registry, faults: HealthFaults, config: z.infer<typeof platformConfig>) {
  const { METRICS_HOST: host, METRICS_PORT: port, ALLOWED_HOSTS: others = [] } = config
  const server = Fastify()
  const isOwnHost = ownHosts(undefined, others, true)
  server.addHook('onRequest', async (request, reply) => {
    if (isOwnHost(request.raw)) return
    await reply.code(421).send({ error: 'this is not a name of this service; ALLOWED_HOSTS may name it' })
  })
  server.get('/health/live', async () => ({ status: 'live' }))
  server.get('/health/ready', async (_request, reply) => {
    const ready = faults.areTolerable
    return reply.code(ready ? 200 : 503).send({ ready, faults: faults.now })
  })
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  await server.listen({ host, port }).catch((error: Error) => {
    throw new ConfigError(
      `METRICS_HOST is "${host}" and METRICS_PORT ${port}: cannot listen there (${error.message})`,
      error,
    )
  })
  const address = server.server.address() as AddressInfo // a listening TCP server has one
  return { port: address.port, close: () => server.close() }
}

/** Runs one service as a process of its own, with its settings, log, metrics and a clean stop. */
export async function runService<Shape extends z.ZodRawShape>(
  name: ServiceRole | 'broker' | 'bridge',
  settings: z.ZodObject<Shape>,
  start: (context: ServiceContext<z.infer<typeof platformConfig> & z.infer<z.ZodObject<Shape>>>) => Promise<string>,
): Promise<void> {
  await run(async () => {
    // the two shapes never share a name with different meanings, so the merged type is their intersection
    const config = parseConfig(platformConfig.extend(settings.shape), process.env) as z.infer<typeof platformConfig> &
      z.infer<z.ZodObject<Shape>>
    const parts = new Stack()
    const registry = new Registry()
    const faults = new HealthFaults()
    collectDefaultMetrics({ register: registry })
    try {
      const mended = await openDataFolder(config.DATA_DIR)
      const log = (await createLog(config)).child({ service: name })
      logMendedPermissions(log, mended)
      await parts.add(Promise.resolve(watchClock({ registry, log })))
      const ready = await start({ config, parts, registry, faults, log })
      if (name !== 'api') await parts.add(startMonitor(registry, faults, config))
      console.error(`nhip ${name}: ${ready}`)
    } catch (error) {
      await parts.close().catch(() => {}) // the fault at the start is the one to tell
      throw error
    }
    return parts
  })
}
