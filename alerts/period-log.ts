import type { Logger } from 'pino'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import { type PeriodEvent, periodEventSchema } from '#telemetry/reporting-period.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import type { AlertsMetrics } from './metrics.ts'

/** ms between two looks at what is to be written */
const writeEveryMs = 1_000
/** between two writes that fail */
const backoff = { firstMs: writeEveryMs, longestMs: 5_000 }
/** ms in which at most two notes are made of one sensor: one that changes its mind for ever costs no more */
const restMs = 60_000
/** notes in one write, which others wait for; all of a city's sensors may come at once */
const maxInWrite = 1_000
/** newest notes read at a start; of a sensor that is not among them its period is noted once more, which changes nothing */
const maxRead = 20_000

interface PeriodLogOptions {
  store: TelemetryStore
  metrics: AlertsMetrics
  log: Logger
  /** epoch ms */
  clock: () => number
  /** called with whether writing to the store fails */
  reportWrites?: (failing: boolean) => void
}

/** A period, s, and since when, epoch ms. */
interface Noted {
  seconds: number
  at: number
  /** when the one before was noted; long ago when absent */
  beforeAt?: number
}

/**
 * Records in the store from when on a sensor has which reporting period, as its meta says: a count of vehicles means
 * nothing without. One note when it changes; while the store is away the last change of each sensor waits. Who tells of sensors
 * bounds how many there are.
 */
export class PeriodLog {
  readonly #options: PeriodLogOptions
  /** the last one of each sensor */
  readonly #noted: Map<string, Noted>
  /** changes that are not written yet */
  readonly #waiting = new Map<string, Noted>()
  readonly #writing = new RepeatedTask({
    task: () => this.#write(this.#options.clock() - restMs, maxInWrite),
    ...{ everyMs: writeEveryMs, backoff },
  })

  private constructor(options: PeriodLogOptions, noted: Map<string, Noted>) {
    this.#options = options
    this.#noted = noted
    this.#writing.runIn(writeEveryMs)
  }

  /** Reads what was noted before, and begins. @throws StoreUnavailableError, and then nothing is left running */
  static async load(options: PeriodLogOptions): Promise<PeriodLog> {
    return new PeriodLog(options, await readNoted(options.store))
  }

  /** Records the period (s) of a sensor from now on; the same once more is no change. */
  record(sensor: string, seconds: number): void {
    if ((this.#waiting.get(sensor) ?? this.#noted.get(sensor))?.seconds === seconds) return
    if (this.#noted.get(sensor)?.seconds === seconds) this.#waiting.delete(sensor)
    else this.#waiting.set(sensor, { seconds, at: this.#options.clock() })
    this.#options.metrics.periodsWaiting.set(this.#waiting.size)
  }

  /** A sensor is gone; what was noted stays in the store. */
  forget(sensor: string): void {
    this.#waiting.delete(sensor)
    this.#noted.delete(sensor)
  }

  /** Writes what waits, once more. Idempotent. */
  async close(): Promise<void> {
    await this.#writing.close()
    await this.#write(Number.POSITIVE_INFINITY, this.#waiting.size).catch(() => {}) // it has said so
  }

  /** Writes the changes of sensors of which no more than one was noted after `restedSince` (epoch ms). Rejects when the store is away. */
  async #write(restedSince: number, most: number): Promise<void> {
    const { store, metrics, log, reportWrites } = this.#options
    const rested = [...this.#waiting].filter(([sensor]) => (this.#noted.get(sensor)?.beforeAt ?? 0) <= restedSince)
    const due = rested.slice(0, most)
    if (due.length === 0) {
      reportWrites?.(false)
      return
    }
    try {
      await store.appendEvents(due.map(([sensor, { seconds, at }]) => this.#event(sensor, seconds, at)))
      reportWrites?.(false)
    } catch (error) {
      metrics.storeFaults.inc()
      reportWrites?.(!(error instanceof StoreRejectedError))
      log.warn({ err: error, changes: due.length }, 'the store does not take how often sensors report')
      if (!(error instanceof StoreRejectedError)) throw error
    }
    for (const [sensor, change] of due) {
      const beforeAt = this.#noted.get(sensor)?.at
      this.#noted.set(sensor, { ...change, ...(beforeAt === undefined ? {} : { beforeAt }) })
      // it may have changed once more meanwhile
      if (this.#waiting.get(sensor) === change) this.#waiting.delete(sensor)
    }
    metrics.periodsWaiting.set(this.#waiting.size)
  }

  #event(sensor: string, seconds: number, at: number): StoredEvent {
    const before = this.#noted.get(sensor)?.seconds
    const body: PeriodEvent = { sensor, seconds, ...(before === undefined ? {} : { before }) }
    return { stream: 'period', id: `${sensor}@${at}`, ts: at, body }
  }
}

/** The newest note of each sensor. */
async function readNoted(store: TelemetryStore): Promise<Map<string, Noted>> {
  const noted = new Map<string, Noted>()
  // at once and not in pages: all of a city may have been noted in the same ms
  for (const { ts, body } of await store.readEvents({ stream: 'period', limit: maxRead })) {
    const { data } = periodEventSchema.safeParse(body)
    if (data && !noted.has(data.sensor)) noted.set(data.sensor, { seconds: data.seconds, at: ts })
  }
  return noted
}
