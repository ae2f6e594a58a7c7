import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import type { SensorRegistry } from './sensors.ts'

/** ms startApi waits for the store's first answer before it listens without it */
const firstAnswerMs = 5_000

/** ms between two tries; doubled up to the longest, with jitter */
const backoff = { firstMs: 500, longestMs: 15_000 }

/** The newest readings of the store on their way into the registry. */
export interface Seed {
  /** true once the store has answered */
  readonly done: boolean
  stop(): void
}

/** Fills the registry from the store. Resolves after the first answer or its deadline; keeps trying, then calls `onLate`. */
export async function seedRegistry(
  options: { store: TelemetryStore; registry: SensorRegistry; log: Logger },
  onLate: () => void,
): Promise<Seed> {
  const { store, registry, log } = options
  const stopping = new AbortController()
  let done = false
  let late = false
  let waitMs = backoff.firstMs
  let timer: NodeJS.Timeout | undefined

  const attempt = async (): Promise<void> => {
    try {
      const readings = await store.latest()
      if (stopping.signal.aborted) return
      for (const reading of readings) registry.takeReading(reading)
      done = true
      if (late) onLate()
    } catch (error) {
      if (stopping.signal.aborted) return
      log.warn({ err: error, waitMs }, 'the store gives no newest readings: trying again')
      late = true
      timer = setTimeout(attempt, waitMs * (0.5 + Math.random()))
      waitMs = Math.min(waitMs * 2, backoff.longestMs)
    }
  }

  await new Promise<void>((resolve) => {
    const deadline = setTimeout(() => {
      late = true
      resolve()
    }, firstAnswerMs)
    void attempt().then(() => {
      clearTimeout(deadline)
      resolve()
    })
  })
  return {
    get done() {
      return done
    },
    stop() {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}
