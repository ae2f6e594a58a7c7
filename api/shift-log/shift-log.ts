import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { QueryContext, StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { OnDuty } from '#telemetry/hand-over.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import { type Duty, dutySchema, type StoredShiftEntry } from '#telemetry/shift-log.ts'
import type { ShiftState } from '#telemetry/shift-rest.ts'
import type { ApiMetrics } from '../metrics.ts'

/** ms between two looks at what other processes of the api have recorded */
const pollMs = 2_000
/** between two of them that fail */
const backoff = { firstMs: 1_000, longestMs: pollMs }

/** newest entries that are looked at for that: those of a process whose clock is a little behind are not the very newest */
const watched = 20

/** newest steps of duty that say who is on duty */
const maxDutySteps = 500

interface ShiftLogParts {
  store: TelemetryStore
  metrics: ApiMetrics
  log: Logger
  clock: () => number
}

/** Who is on duty after these steps, longest first. */
function onDutyAfter(steps: readonly Duty[]): OnDuty[] {
  const since = new Map<string, number>()
  for (const { person, step, at } of steps.toSorted((a, b) => a.at - b.at))
    if (step === 'end') since.delete(person)
    else if (!since.has(person)) since.set(person, at)
  return [...since].map(([person, from]) => ({ person, since: from }))
}

const toEvent = (entry: StoredShiftEntry): StoredEvent => ({
  ...{ stream: 'shift', id: entry.id, ts: entry.at, body: entry },
})

/**
 * The shift log: who is on duty, notes and hand-overs. It is the event stream `shift` of the store, to which entries are only
 * appended; looked up again every 2 s, because other processes of the api append to it too.
 */
export class ShiftLog {
  readonly #parts: ShiftLogParts
  readonly #listeners: (() => void)[] = []
  #onDuty: readonly OnDuty[] = []
  #handedOverAt: number | undefined
  /** ids of the newest entries, newest first */
  #newest: readonly string[] = []
  readonly #polling: RepeatedTask
  readonly #oneAtATime = pLimit(1)

  constructor(parts: ShiftLogParts) {
    this.#parts = parts
    this.#polling = new RepeatedTask({
      task: () => this.refresh(),
      everyMs: pollMs,
      backoff,
      onFault: ({ error }) => parts.log.warn({ err: error }, 'the shift log cannot be read now; trying again'),
    })
  }

  /** Reads who is on duty, and from then on again and again. Does not reject: a store that is away is asked again. */
  open(): Promise<void> {
    return this.#polling.run()
  }

  /** Who is on duty, as last read. */
  get state(): ShiftState {
    const [newest] = this.#newest
    return { now: this.#parts.clock(), onDuty: [...this.#onDuty], ...(newest === undefined ? {} : { newest }) }
  }

  /** When the last hand-over was signed, epoch ms; undefined when there was none. */
  get handedOverAt(): number | undefined {
    return this.#handedOverAt
  }

  isOnDuty(person: string): boolean {
    return this.#onDuty.some((each) => each.person === person)
  }

  /** Calls back after each change, also by another process. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Reads what is new: all that was in the store when this was called is known then. Rejects with StoreUnavailableError. */
  async refresh(context?: QueryContext): Promise<void> {
    const { store } = this.#parts
    const heads = await store.eventHeads({ stream: 'shift', limit: watched }, context)
    const newest = heads.map(({ id }) => id)
    if (newest.join() === this.#newest.join()) return
    const [duty, [handOver]] = await Promise.all([
      store.readEvents({ stream: 'shift', subject: 'duty', limit: maxDutySteps }, context),
      store.eventHeads({ stream: 'shift', subject: 'hand-over', limit: 1 }, context),
    ])
    this.#onDuty = onDutyAfter(duty.flatMap(({ body }) => dutySchema.safeParse(body).data ?? []))
    this.#handedOverAt = handOver?.ts
    this.#newest = newest
    for (const listener of this.#listeners) listener()
  }

  /**
   * Appends the entries that `make` gives, with who is on duty known as of now; one at a time in this process. Durable when it
   * resolves. Rejects with what `make` throws, or StoreUnavailableError.
   */
  append<Entries extends readonly StoredShiftEntry[]>(make: () => Entries | Promise<Entries>): Promise<Entries> {
    return this.#oneAtATime(async () => {
      const { store, metrics } = this.#parts
      await this.refresh()
      const entries = await make()
      if (entries.length === 0) return entries
      await store.appendEvents(entries.map(toEvent))
      for (const { type } of entries) metrics.shiftEntries.inc({ type })
      await this.refresh()
      return entries
    })
  }

  close(): void {
    void this.#polling.close()
  }
}
