import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'

/** ms between two looks while there is nothing to sort: it gathers for days */
const defaultIdleMs = hourMs / 2
/** ms from the start to the first look: a start has more urgent things to do */
const defaultFirstMs = minuteMs
/** ms of pause behind a step at the least, and for each ms that it took */
const [leastPauseMs, pausePerMs] = [50, 4]
/** ms: younger readings still change often, and are asked for by time rather than by sensor */
const leastAgeMs = dayMs
const backoff = { firstMs: minuteMs, longestMs: hourMs }

export interface ReadingSortingOptions {
  store: Pick<TelemetryStore, 'sortReadings'>
  registry: Registry
  log: Logger
  /** epoch ms */
  clock?: () => number
  /** ms between two looks while there is nothing to do */
  idleMs?: number
  /** ms until the first */
  firstMs?: number
}

/**
 * Has a store sort readings older than a day by sensor and time, in the background: in short steps with pauses four times as
 * long, so that readings that come in and questions have the store.
 */
export class ReadingSorting {
  readonly #task: RepeatedTask

  constructor(options: ReadingSortingOptions) {
    const { store, registry, log, clock = Date.now, idleMs = defaultIdleMs } = options
    const counter = (name: string, help: string) =>
      new Counter({ name: `nhip_history_sorting_${name}_total`, help, registers: [registry] })
    const sorted = counter('readings', 'readings sorted by sensor and time in the background')
    const seconds = counter('seconds', 's that the sorting of readings kept the store busy')
    const faults = counter('faults', 'times that the store failed over sorting readings, which is tried again')
    this.#task = new RepeatedTask({
      async task() {
        const startedAt = performance.now()
        const { readings, more } = await store.sortReadings(clock() - leastAgeMs)
        const ms = performance.now() - startedAt
        sorted.inc(readings)
        seconds.inc(ms / 1_000)
        return more ? Math.max(ms * pausePerMs, leastPauseMs) : idleMs
      },
      everyMs: idleMs,
      backoff,
      onFault({ error, waitMs }) {
        faults.inc()
        log.warn({ err: error, waitMs }, 'the store cannot sort readings now: questions about one sensor take longer')
      },
    })
    this.#task.runIn(options.firstMs ?? defaultFirstMs)
  }

  /** Ends after the step under way. Idempotent. */
  close(): Promise<void> {
    return this.#task.close()
  }
}
