import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../real/free-port.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { interpolate, readCompose, variablesIn } from './compose.ts'
import { type ServiceProcess, startService } from './platform-process.ts'

/** The services of docker-compose.yml, in the order in which they start. */
export const serviceNames = ['broker', 'ingest', 'alerts', 'api', 'simulators'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Where a service finds the others, if not where they are: a line or a proxy of a test's in between. */
export interface Detours {
  influxUrl?: string
  natsPort?: number
  /** further settings of this process alone */
  env?: Readonly<Record<string, string>>
}

/** The services as processes of this machine, with the environment that stands in docker-compose.yml, a real influxd and a real nats-server. */
export interface Services {
  url: string
  mqttPort: number
  adminToken: string
  influxd: Influxd
  nats: NatsServer
  /** Starts a service and waits until it says that it is ready. */
  start(name: ServiceName, detours?: Detours): Promise<void>
  /** Starts one more of the same, as on another machine. It is ended by {@link close} at the latest. */
  startAnother(name: ServiceName, detours?: Detours): Promise<ServiceProcess>
  process(name: ServiceName): ServiceProcess
  /** Ends a service with SIGKILL. */
  kill(name: ServiceName): Promise<void>
  /** Ends influxd with SIGKILL and starts it again with its data. */
  restartInfluxd(): Promise<void>
  close(): Promise<void>
}

/** Whether these tests can run here; with `CI` set they must. */
export function servicesInstalled(): boolean {
  return process.env.CI !== undefined || (influxdInstalled() && natsInstalled())
}

/** Starts influxd and nats-server, but no service yet. */
export async function openServices(): Promise<Services> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-services-'))
  const compose = await readCompose()
  const secrets = Object.fromEntries(
    variablesIn(compose.text).needed.map((name) => [name, randomBytes(24).toString('hex')]),
  )
  const user = { args: ['--user', 'nhip', '--pass', secrets.NATS_PASSWORD ?? ''] }
  const nats = await startNatsServer(user)
  let influxd = await startInfluxd()
  const [mqttPort, wsPort, httpPort] = [await freePort(), await freePort(), await freePort()]
  const running = new Map<ServiceName, ServiceProcess>()
  const others: ServiceProcess[] = []

  const environment = (name: ServiceName, detours: Detours): Record<string, string> => {
    // where things are differs from a composed network; and this engine, a 1.x, knows no tokens
    const places: Record<string, string> = {
      ...{ HOST: '127.0.0.1', METRICS_HOST: '127.0.0.1', METRICS_PORT: '0', INFLUX_TOKEN: '', INFLUX_ORG: '' },
      // as many sensors as SENSORS says
      SAMPLE_SENSORS: 'false',
      ...{ MQTT_PORT: String(mqttPort), MQTT_WS_PORT: String(wsPort), HTTP_PORT: String(httpPort) },
      INFLUX_URL: detours.influxUrl ?? influxd.url,
    }
    const given = Object.entries(compose.services[name]?.environment ?? {}).map(([variable, value]) => {
      const text = interpolate(value, secrets)
        .replace('nats:4222', `127.0.0.1:${detours.natsPort ?? nats.port}`)
        .replace('broker:1883', `127.0.0.1:${mqttPort}`)
      return [variable, places[variable] ?? text]
    })
    return { ...Object.fromEntries(given), ...detours.env, DATA_DIR: join(folder, name) }
  }
  const processOf = (name: ServiceName): ServiceProcess => {
    const service = running.get(name)
    if (!service) throw new Error(`${name} was not started`)
    return service
  }
  return {
    url: `http://127.0.0.1:${httpPort}`,
    mqttPort,
    adminToken: secrets.ADMIN_TOKEN ?? '',
    nats,
    get influxd() {
      return influxd
    },
    async start(name, detours = {}) {
      const service = startService(name, environment(name, detours))
      running.set(name, service)
      await service.says(new RegExp(`^nhip ${name}: `, 'm'))
    },
    async startAnother(name, detours = {}) {
      const place = join(folder, `${name}-${others.length + 2}`)
      const service = startService(name, { ...environment(name, detours), DATA_DIR: place })
      others.push(service)
      await service.says(new RegExp(`^nhip ${name}: `, 'm'))
      return service
    },
    process: processOf,
    async kill(name) {
      await processOf(name).stop('SIGKILL')
    },
    async restartInfluxd() {
      const { port, dir } = influxd
      await influxd.stop('SIGKILL')
      influxd = await startInfluxd({ port, dir })
    },
    async close() {
      for (const service of [...running.values(), ...others]) await service.stop('SIGKILL')
      await nats.close()
      await influxd.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
