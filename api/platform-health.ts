import type { TelemetryStore } from '#storage/store.ts'
import { type HealthFaultCode, HealthFaults } from '#telemetry/health-faults.ts'
import type { Health } from '#telemetry/live.ts'

/** ms between two looks at the store, and between two `health` events */
export const healthIntervalMs = 2_000

/** ms the store has to answer */
const pingTimeoutMs = 5_000

/** Whether the parts the api leans on are well. */
export class PlatformHealth {
  readonly #clock: () => number
  readonly #faults: HealthFaults
  readonly #clockOffMs: () => number
  readonly #listeners: (() => void)[] = []
  #broker = false
  #store = false

  /**
   * @param faults those of the other parts in this process
   * @param clockOffMs ms by which the clock of the machine is ahead of `clock`, or behind it
   */
  constructor(clock: () => number, faults = new HealthFaults(), clockOffMs = () => 0) {
    this.#clock = clock
    this.#clockOffMs = clockOffMs
    this.#faults = faults
  }

  /** What is wrong with other parts of this process. */
  get faults(): HealthFaultCode[] {
    return this.#faults.now
  }

  /** Whether broker, store and those parts do what they are for. */
  get isReady(): boolean {
    return this.#broker && this.#store && this.#faults.areTolerable
  }

  get now(): Health {
    const clockOffMs = Math.round(this.#clockOffMs())
    return { now: this.#clock(), broker: this.#broker, store: this.#store, ...(clockOffMs !== 0 && { clockOffMs }) }
  }

  set broker(well: boolean) {
    const changed = this.#broker !== well
    this.#broker = well
    if (changed) this.#notifyListeners()
  }

  set store(well: boolean) {
    const changed = this.#store !== well
    this.#store = well
    if (changed) this.#notifyListeners()
  }

  /** Calls back after each change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #notifyListeners(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Asks the store how it is, again and again. Returns how to stop. */
export function watchStore(store: TelemetryStore, health: PlatformHealth): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const look = async () => {
    const late = AbortSignal.timeout(pingTimeoutMs)
    const well = await Promise.race([
      store.ping().then(
        () => true,
        () => false,
      ),
      new Promise<false>((resolve) => late.addEventListener('abort', () => resolve(false))),
    ])
    if (stopped) return
    health.store = well
    timer = setTimeout(look, healthIntervalMs)
  }
  void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
