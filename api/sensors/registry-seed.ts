import type { Logger } from 'pino'
import { offlineSince } from '#storage/presence.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { Arrived } from '#telemetry/newest.ts'
import { maxClockAheadMs, type NewestReading } from '#telemetry/reading.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
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
const againMs = [1_000, 3_000, 10_000, 60_000]

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

/** Fills the registry from the store, and again and again what the live feed did not bring. Resolves after the first answer or its deadline; calls `onFound` when a later answer brought something new. */
export async function seedRegistry(
  options: {
    store: TelemetryStore
    registry: SensorRegistry
    log: Logger
    clock: () => number
    /** gets the least time that it can be now */
    steady: SteadyClock
  },
  onFound: () => void,
): Promise<RegistrySeed> {
  const { store, registry, log, clock, steady } = options
  const stopping = new AbortController()
  let done = false
  let listening = false
  let faults = 0
  let answers = 0
  /** Whether a clock may be ahead that is not known here: those that are known, and those of the live feed, are followed. */
  let askAhead = true
  let timer: NodeJS.Timeout | undefined

  const newAhead = async (): Promise<Arrived[]> => {
    if (!askAhead) return []
    // set again meanwhile, it is asked again
    askAhead = false
    try {
      return await readAhead(store, clock())
    } catch (error) {
      askAhead = true
      throw error
    }
  }
  const fill = async (): Promise<void> => {
    const readings = (await store.latest()).map(arrivedOf)
    steady.notBefore(leastTime(readings))
    const ahead = await newAhead()
    if (stopping.signal.aborted) return
    const now = clock()
    let returned = false
    const found = [...readings, ...ahead].filter((came) => {
      const { isNewer, hasStatus } = registry.applyReading(came, now)
      return isNewer || hasStatus
    })
    // only what was said before this start is judged by it
    if (!done) returned = registry.recallPresence(await offlineSince(store, now), now)
    if (stopping.signal.aborted) return
    faults = 0
    if (listening && (found.length > 0 || returned || !done)) onFound()
    done = true
  }
  const attempt = async (): Promise<void> => {
    let waitMs = againMs[Math.min(answers++, againMs.length - 1)]
    try {
      await fill()
    } catch (error) {
      if (stopping.signal.aborted) return
      waitMs = backoffMs(++faults, backoff)
      log.warn({ err: error, waitMs }, 'the store gives no newest readings: trying again')
    }
    clearTimeout(timer)
    if (!stopping.signal.aborted) timer = setTimeout(attempt, waitMs)
  }

  await waitAtMost(attempt(), firstAnswerMs)
  listening = true
  return {
    get done() {
      return done
    },
    soon() {
      answers = 0
      askAhead = true
      clearTimeout(timer)
      if (!stopping.signal.aborted) timer = setTimeout(attempt, againMs[0])
    },
    stop() {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}
