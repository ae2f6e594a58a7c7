import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { City } from '#city/city.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { LedgerEntry } from '#telemetry/ledger.ts'
import { keyOf, uniform } from './behaviour/noise.ts'
import { Device } from './device.ts'
import { Ledger } from './ledger.ts'
import { simulatorsMetrics } from './metrics.ts'
import { simulatedCity } from './placement.ts'
import type { SimulatedSensor } from './sensor.ts'

export interface SimulatorsOptions {
  /** the broker */
  url: string
  username?: string | undefined
  password?: string | undefined
  /** how many sensors */
  count: number
  /** whether kinds that come on top of these are there, too; not unless told */
  samples?: boolean
  seed: number
  city: City
  log: Logger
  registry?: Registry
  /** file to which the sensors write what they sent and what was acknowledged */
  ledger?: string | undefined
  /** share of the lamps that answer no command, 0 to 1; none unless told */
  deafLamps?: number
  /** epoch ms now */
  clock?: () => number
}

/** How the simulated city does. */
export interface SimulatorsStats {
  sensors: number
  connected: number
  /** readings acknowledged by the broker */
  delivered: number
  /** readings not acknowledged yet */
  queued: number
  /** readings lost because a device's queue was full */
  dropped: number
}

export interface Simulators {
  sensors: readonly SimulatedSensor[]
  stats(): SimulatorsStats
  /** Every device says `offline` and disconnects, within 2 s. Idempotent. */
  close(): Promise<void>
}

/** ms over which 1,000 devices or fewer connect; more take longer, at 1,000 a second */
const spreadMs = 1_500
const connectsPerSecond = 1_000

/** stream of numbers that decides which lamps are deaf */
const deafStream = 0

/** ms between two warnings about failing connections, or about a ledger that cannot be written */
const warnEveryMs = 10_000

const sum = (devices: readonly Device[], of: (device: Device) => number) =>
  devices.reduce((total, device) => total + of(device), 0)

async function openLedger(path: string, log: Logger): Promise<Ledger> {
  let warnedAt = Number.NEGATIVE_INFINITY
  const onError = (error: Error) => {
    const now = performance.now()
    if (now - warnedAt < warnEveryMs) return
    warnedAt = now
    log.error({ err: error, ledger: path }, 'the ledger cannot be written: it will lack lines')
  }
  return Ledger.open(path, { onError }).catch((error: Error) => {
    throw new ConfigError(`LEDGER is "${path}": cannot write there (${error.message})`, error)
  })
}

/** Starts the simulated city: one MQTT client per sensor. Resolves at once; the devices keep trying until the broker is there. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const { url, username, password, count, seed, city, log, registry = new Registry(), clock = Date.now } = options
  const { deafLamps = 0, samples = false } = options
  const sensors = simulatedCity(city, { count, samples, seed })
  const spread = Math.max(spreadMs, (sensors.length / connectsPerSecond) * 1_000)
  const ledger = options.ledger === undefined ? undefined : await openLedger(options.ledger, log)
  const devices: Device[] = []
  let delivered = 0
  let warnedAt = Number.NEGATIVE_INFINITY
  const stats = () => ({
    sensors: sensors.length,
    connected: sum(devices, (device) => (device.online ? 1 : 0)),
    delivered,
    queued: sum(devices, (device) => device.queued),
    dropped: sum(devices, (device) => device.dropped),
  })
  const metrics = simulatorsMetrics(registry, stats)
  const note = ({ kind, id }: SimulatedSensor, event: LedgerEntry['event'], ts: number) =>
    ledger?.record({ event, kind, sensor: id, ts, at: Date.now() })
  const onError = (error: Error) => {
    metrics.errors.inc()
    const now = performance.now()
    if (now - warnedAt < warnEveryMs) return
    warnedAt = now
    log.warn({ err: error, connected: stats().connected }, 'simulated sensors cannot reach the broker; trying again')
  }
  for (const [index, sensor] of sensors.entries()) {
    const delayMs = (index * spread) / Math.max(1, sensors.length)
    const onSent = (ts: number) => note(sensor, 'sent', ts)
    const onDelivered = (ts: number) => {
      delivered += 1
      metrics.delivered.inc()
      note(sensor, 'acked', ts)
    }
    const deaf = uniform(keyOf(sensor.id, seed), deafStream, 0) < deafLamps
    const watch = { onSent, onDelivered, onError }
    devices.push(new Device({ sensor, url, username, password, seed, clock, delayMs, deaf, ...watch }))
  }
  log.info({ sensors: sensors.length, seed }, 'the simulated city is running')
  const closeAll = async () => {
    await Promise.all(devices.map((device) => device.close()))
    await ledger?.close()
    if (ledger && ledger.lost > 0) log.warn({ lines: ledger.lost }, 'the ledger lacks lines that could not be written')
  }
  let closing: Promise<void> | undefined
  return {
    sensors,
    stats,
    async close() {
      closing ??= closeAll()
      await closing
    },
  }
}
