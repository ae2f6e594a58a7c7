import type { Logger } from 'pino'
import { offlineSince } from '#storage/presence.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { Arrived } from '#telemetry/newest.ts'
import { maxClockAheadMs, type NewestReading } from '#telemetry/reading.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import type { SensorRegistry } from './sensor-registry.ts'

/** ms startApi waits for the store's first answer before it listens without it */
const firstAnswerMs = 5_000

const backoff = { firstMs: 500, longestMs: 15_000 }

/**
 * ms until the store is asked again. What came in while nobody listened to the live feed is in the store a little later,
 * so it is asked a few times soon after each connection to the broker, then now and then.
 */
const againMs = [1_000, 3_000, 10_000, 60_000] as const
const longestAgainMs = 60_000

/** ms that a reading of a clock that is ahead may lie in the future at most */
const aheadReachMs = 25 * hourMs

/** A reading of the store with the times of its values. */
function arrivedOf({ valueTimes, ...reading }: NewestReading): Arrived {
  if (!valueTimes) return { reading }
  return {
    reading,
    valueTimes: Object.fromEntries(Object.entries(valueTimes).map(([name, ts]) => [name, { ts }])),
  }
}

/** sensors that have measured by a time, which it is then at least: ingest found nothing wrong with their clocks */
const neededSensors = 3

/** The time that it is at least, as the newest readings say; 0 when they are of too few sensors. */
function leastTime(readings: readonly Arrived[]): number {
  const times = readings.flatMap(({ reading }) => (reading.aheadMs === undefined ? [reading.ts] : []))
  return (times.sort((a, b) => b - a)[neededSensors - 1] ?? 0) - maxClockAheadMs
}

/** The newest readings of sensors whose clocks are ahead, as far as they lie in the future. */
async function readAhead(store: TelemetryStore, now: number): Promise<Arrived[]> {
  const newest: Arrived[] = []
  for (const kind of kinds)
    for (const reading of await store.newestAhead({ kind, from: now, to: now + aheadReachMs })) newest.push({ reading })
  return newest
}

/** The newest readings of the store on their way into the registry. */
export interface RegistrySeed {
  /** true once the store has answered */
  readonly done: boolean
  /** The live feed may have had a hole: asks the store again soon. */
  soon(): void
  stop(): void
}

interface SeedOptions {
  store: TelemetryStore
  registry: SensorRegistry
  log: Logger
  clock: () => number
  /** gets the least time that it can be now */
  steady: SteadyClock
}

/**
 * Fills the registry from the store, and again and again with what the live feed did not bring. Resolves after the first answer or its
 * deadline; calls `onFound` when a later answer brought something new.
 */
export async function seedRegistry(options: SeedOptions, onFound: () => void): Promise<RegistrySeed> {
  const seed = new StoreSeed(options, onFound)
  await seed.start()
  return seed
}

class StoreSeed implements RegistrySeed {
  readonly #options: SeedOptions
  readonly #onFound: () => void
  readonly #asking: RepeatedTask
  #done = false
  #isStarted = false
  #isStopped = false
  #answers = 0
  /** Whether a clock may be ahead that is not known here: those that are known, and those of the live feed, are followed. */
  #mayBeAhead = true

  constructor(options: SeedOptions, onFound: () => void) {
    this.#options = options
    this.#onFound = onFound
    this.#asking = new RepeatedTask({
      task: () => this.#ask(),
      ...{ everyMs: longestAgainMs, backoff },
      onFault: ({ error, waitMs }) =>
        options.log.warn({ err: error, waitMs }, 'the store gives no newest readings: trying again'),
    })
  }

  get done(): boolean {
    return this.#done
  }

  async start(): Promise<void> {
    await waitAtMost(this.#asking.run(), firstAnswerMs)
    this.#isStarted = true
  }

  soon(): void {
    this.#answers = 0
    this.#mayBeAhead = true
    this.#asking.runIn(againMs[0])
  }

  stop(): void {
    this.#isStopped = true
    void this.#asking.close()
  }

  /** Asks the store once; resolves with the ms until it is asked again. */
  async #ask(): Promise<number> {
    const waitMs = againMs[this.#answers++] ?? longestAgainMs
    await this.#fill()
    return waitMs
  }

  async #fill(): Promise<void> {
    const { store, registry, clock, steady } = this.#options
    const readings = (await store.latest()).map(arrivedOf)
    steady.notBefore(leastTime(readings))
    const ahead = await this.#readNewAhead()
    if (this.#isStopped) return
    const now = clock()
    let returned = false
    const found = [...readings, ...ahead].filter((came) => {
      const { isNewer, hasStatus } = registry.applyReading(came, now)
      return isNewer || hasStatus
    })
    // only what was said before this start is judged by it
    if (!this.#done) returned = registry.recallPresence(await offlineSince(store, now), now)
    if (this.#isStopped) return
    if (this.#isStarted && (found.length > 0 || returned || !this.#done)) this.#onFound()
    this.#done = true
  }

  async #readNewAhead(): Promise<Arrived[]> {
    if (!this.#mayBeAhead) return []
    // set again meanwhile, it is asked again
    this.#mayBeAhead = false
    try {
      return await readAhead(this.#options.store, this.#options.clock())
    } catch (error) {
      this.#mayBeAhead = true
      throw error
    }
  }
}
