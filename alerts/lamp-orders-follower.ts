import type { Logger } from 'pino'
import { LampOrders, maxLampOrders } from '#storage/lamp-orders.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Commanded } from '#telemetry/alert.ts'
import { SingleFlight } from '#telemetry/concurrency/single-flight.ts'
import type { Cause, Failure } from '#telemetry/conditions/conditions.ts'
import { explainsCause } from '#telemetry/lamp-override.ts'
import type { AlertsMetrics } from './metrics.ts'

/** ms between two looks at what the api has stored */
const refreshMs = 2_000

interface LampOrdersFollowerOptions {
  store: TelemetryStore
  metrics: AlertsMetrics
  log: Logger
  /** epoch ms */
  clock: () => number
}

/** Which lamps follow an order instead of their schedule, as the api stores it. While the store is away it stays as it was. */
export class LampOrdersFollower {
  readonly #options: LampOrdersFollowerOptions
  readonly #orders = new LampOrders()
  readonly #refreshing = new SingleFlight(() => this.#refresh())
  #timer: NodeJS.Timeout | undefined

  private constructor(options: LampOrdersFollowerOptions) {
    this.#options = options
    options.metrics.lampOverridesLimit.set(maxLampOrders)
  }

  /** Reads what is in force. @throws StoreUnavailableError */
  static async load(options: LampOrdersFollowerOptions): Promise<LampOrdersFollower> {
    const follower = new LampOrdersFollower(options)
    await follower.#orders.refresh(options.store)
    return follower
  }

  /** Looks again and again from now on. */
  start(): void {
    this.#timer ??= setInterval(() => void this.#refreshing.run(), refreshMs)
  }

  /** By whose command a lamp is now as an alert of this cause says; undefined when no command is the reason. */
  commandedOf(sensor: string, cause: Cause | Failure): Commanded | undefined {
    const override = this.#orders.overrideOf(sensor, this.#options.clock())
    if (!override || !explainsCause(override, cause)) return undefined
    const { order, by, since } = override
    return { order, by, since }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#refreshing.idle()
  }

  async #refresh(): Promise<void> {
    const { store, metrics, log, clock } = this.#options
    try {
      await this.#orders.refresh(store)
      metrics.lampOverrides.set(this.#orders.overrides(clock()).length)
    } catch (error) {
      metrics.storeFaults.inc()
      log.warn({ err: error }, 'the store does not give the orders of lamps now; trying again')
    }
  }
}
