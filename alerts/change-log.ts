import type { Logger } from 'pino'
import type { Counter, Gauge } from 'prom-client'
import type { EventStream, StoredEvent, TelemetryStore } from '#storage/store.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'

/** ms between two looks at what is to be written */
const writeEveryMs = 1_000
/** between two writes that fail */
const backoff = { firstMs: writeEveryMs, longestMs: 5_000 }
/** ms in which at most two notes are made of one sensor: one that changes its mind for ever costs no more */
const restMs = 60_000
/** notes in one write, which others wait for; all of a city's sensors may come at once */
const maxInWrite = 1_000
/** newest notes read at a start; of a sensor that is not among them what it says is noted once more, which changes nothing */
const maxRead = 20_000

/** What every log of changes is given. */
export interface ChangeLogOptions {
  store: TelemetryStore
  log: Logger
  /** epoch ms */
  clock: () => number
  /** called with whether writing to the store fails */
  reportWrites?: (failing: boolean) => void
}

/** What is logged of sensors, and how it is kept in a stream of events. */
export interface ChangeKind<Said> {
  stream: EventStream
  /** in a warning: what the store does not take */
  what: string
  /** the body of an event; `before` is what was noted last, absent in the first note of a sensor */
  bodyOf: (sensor: string, said: Said, before: Said | undefined) => unknown
  /** undefined when the body has not the shape of today */
  parse: (body: unknown) => { sensor: string; said: Said } | undefined
  isSame: (one: Said, other: Said) => boolean
  metrics: { storeFaults: Counter; waiting: Gauge }
}

/** What a sensor says, and since when, epoch ms. */
interface Noted<Said> {
  said: Said
  at: number
  /** when the one before was noted; long ago when absent */
  beforeAt?: number
}

/**
 * Records in the store from when on each sensor says what, as its meta does. One note when it changes; while the store is away the
 * last change of each sensor waits. Who tells of sensors bounds how many there are.
 */
export class ChangeLog<Said> {
  readonly #options: ChangeLogOptions
  readonly #kind: ChangeKind<Said>
  /** the last one of each sensor */
  readonly #noted: Map<string, Noted<Said>>
  /** changes that are not written yet */
  readonly #waiting = new Map<string, Noted<Said>>()
  readonly #writing = new RepeatedTask({
    task: () => this.#write(this.#options.clock() - restMs, maxInWrite),
    ...{ everyMs: writeEveryMs, backoff },
  })

  private constructor(options: ChangeLogOptions, kind: ChangeKind<Said>, noted: Map<string, Noted<Said>>) {
    this.#options = options
    this.#kind = kind
    this.#noted = noted
    this.#writing.runIn(writeEveryMs)
  }

  /** Reads what was noted before, and begins. @throws StoreUnavailableError, and then nothing is left running */
  static async load<Said>(options: ChangeLogOptions, kind: ChangeKind<Said>): Promise<ChangeLog<Said>> {
    return new ChangeLog(options, kind, await readNoted(options.store, kind))
  }

  /** Records what a sensor says from now on; the same once more is no change. */
  record(sensor: string, said: Said): void {
    const { isSame, metrics } = this.#kind
    const isNow = (noted: Noted<Said> | undefined) => noted !== undefined && isSame(noted.said, said)
    if (isNow(this.#waiting.get(sensor) ?? this.#noted.get(sensor))) return
    if (isNow(this.#noted.get(sensor))) this.#waiting.delete(sensor)
    else this.#waiting.set(sensor, { said, at: this.#options.clock() })
    metrics.waiting.set(this.#waiting.size)
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
    const { store, log, reportWrites } = this.#options
    const { metrics, what } = this.#kind
    const rested = [...this.#waiting].filter(([sensor]) => (this.#noted.get(sensor)?.beforeAt ?? 0) <= restedSince)
    const due = rested.slice(0, most)
    if (due.length === 0) {
      reportWrites?.(false)
      return
    }
    try {
      await store.appendEvents(due.map(([sensor, { said, at }]) => this.#event(sensor, said, at)))
      reportWrites?.(false)
    } catch (error) {
      metrics.storeFaults.inc()
      reportWrites?.(!(error instanceof StoreRejectedError))
      log.warn({ err: error, changes: due.length }, `the store does not take ${what}`)
      if (!(error instanceof StoreRejectedError)) throw error
    }
    for (const [sensor, change] of due) {
      const beforeAt = this.#noted.get(sensor)?.at
      this.#noted.set(sensor, { ...change, ...(beforeAt === undefined ? {} : { beforeAt }) })
      // it may have changed once more meanwhile
      if (this.#waiting.get(sensor) === change) this.#waiting.delete(sensor)
    }
    metrics.waiting.set(this.#waiting.size)
  }

  #event(sensor: string, said: Said, at: number): StoredEvent {
    const { stream, bodyOf } = this.#kind
    return { stream, id: `${sensor}@${at}`, ts: at, body: bodyOf(sensor, said, this.#noted.get(sensor)?.said) }
  }
}

/** The newest note of each sensor. */
async function readNoted<Said>(
  store: TelemetryStore,
  { stream, parse }: ChangeKind<Said>,
): Promise<Map<string, Noted<Said>>> {
  const noted = new Map<string, Noted<Said>>()
  // at once and not in pages: all of a city may have been noted in the same ms
  for (const { ts, body } of await store.readEvents({ stream, limit: maxRead })) {
    const found = parse(body)
    if (found && !noted.has(found.sensor)) noted.set(found.sensor, { said: found.said, at: ts })
  }
  return noted
}
