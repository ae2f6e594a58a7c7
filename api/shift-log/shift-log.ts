import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { EventHead, QueryContext, StoredEvent, TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import type { StoredShiftEntry } from '#telemetry/shift-log.ts'
import type { ShiftState } from '#telemetry/shift-rest.ts'
import type { ApiMetrics } from '../metrics.ts'
import { type DutyState, type LastHandOver, readDuty } from './read-duty.ts'

/** ms between two looks at what other processes of the api have recorded */
const pollMs = 2_000
/** between two of them that fail */
const backoff = { firstMs: 1_000, longestMs: pollMs }

/** newest entries that are looked at for that: those of a process whose clock is a little behind are not the very newest */
const watched = 20

/** ms by which an entry may get a later time than the clock's, so that it stands behind the newest one that is known */
const maxAheadMs = minuteMs

interface ShiftLogParts {
  store: TelemetryStore
  metrics: ApiMetrics
  log: Logger
  clock: () => number
}

const idsOf = (heads: readonly EventHead[]): string => heads.map(({ id }) => id).join()

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
  #duty: DutyState = { onDuty: [] }
  /** the newest entries, newest first */
  #newest: readonly EventHead[] = []
  readonly #polling: RepeatedTask
  readonly #appending = pLimit(1)
  /** a look that began earlier must not end later */
  readonly #reading = pLimit(1)

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
    return { now: this.#parts.clock(), onDuty: [...this.#duty.onDuty], ...(newest && { newest: newest.id }) }
  }

  /** The last hand-over; undefined when there was none. */
  get lastHandOver(): LastHandOver | undefined {
    return this.#duty.lastHandOver
  }

  isOnDuty(person: string): boolean {
    return this.#duty.onDuty.some((each) => each.person === person)
  }

  /** Calls back after each change, also by another process. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Reads what is new: all that was in the store when this was called is known then. Rejects with StoreUnavailableError. */
  refresh(context?: QueryContext): Promise<void> {
    return this.#reading(() => this.#read(context))
  }

  /**
   * Appends the entries that `make` gives, with who is on duty known as of now; one at a time in this process. `at` is the time of
   * the entries, epoch ms: behind that of every entry that is known. Durable when it resolves. Rejects with what `make` throws, or
   * StoreUnavailableError.
   */
  append<Entries extends readonly StoredShiftEntry[]>(
    make: (at: () => number) => Entries | Promise<Entries>,
  ): Promise<Entries> {
    return this.#appending(async () => {
      const { store, metrics } = this.#parts
      await this.refresh()
      const entries = await make(() => this.#nextTime())
      if (entries.length === 0) return entries
      await store.appendEvents(entries.map(toEvent))
      for (const { type } of entries) metrics.shiftEntries.inc({ type })
      await this.refresh()
      return entries
    })
  }

  async #read(context: QueryContext | undefined): Promise<void> {
    const { store } = this.#parts
    const newest = await store.eventHeads({ stream: 'shift', limit: watched }, context)
    if (idsOf(newest) === idsOf(this.#newest)) return
    this.#duty = await readDuty(store, context)
    this.#newest = newest
    for (const listener of this.#listeners) listener()
  }

  /** Now, or just behind the newest entry: what was recorded later stands later, though the clock of another process is a little ahead. */
  #nextTime(): number {
    const now = this.#parts.clock()
    const behind = (this.#newest[0]?.ts ?? 0) + 1
    return behind > now && behind - now <= maxAheadMs ? behind : now
  }

  close(): void {
    void this.#polling.close()
  }
}
