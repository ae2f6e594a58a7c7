import type { Logger } from 'pino'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'

/** ms between two looks at what other processes of the api have ended */
const pollMs = 2_000
/** between two of them that fail */
const backoff = { firstMs: 1_000, longestMs: pollMs }

/** ms by which a look reaches back behind the one before: clocks differ, and a write takes its time */
const overlapMs = 60_000

/** ms between two trims */
const trimMs = hourMs

/** sessions remembered as ended; the oldest goes first */
const maxEnded = 100_000

/** The sessions that were signed out before their time, for as long as their cookies would be good. Shared through the store. */
export class EndedSessions {
  readonly #parts: { store: TelemetryStore; log: Logger; clock: () => number; lifetimeMs: number }
  readonly #ended = new Map<string, number>()
  readonly #listeners: (() => void)[] = []
  #unwritten: StoredEvent[] = []
  #from = 0
  #trimmedAt = 0
  readonly #polling: RepeatedTask

  constructor(parts: { store: TelemetryStore; log: Logger; clock: () => number; lifetimeMs: number }) {
    this.#parts = parts
    this.#polling = new RepeatedTask({
      task: () => this.#exchange(),
      everyMs: pollMs,
      backoff,
      onFault: ({ error }) =>
        parts.log.warn({ err: error }, 'ended sessions cannot be exchanged with the store now; trying again'),
    })
  }

  /** Looks for the first time, and from then on again and again. Does not reject. */
  open(): Promise<void> {
    return this.#polling.run()
  }

  has(id: string): boolean {
    return this.#ended.has(id)
  }

  /** Ends a session here at once; the other processes learn of it through the store. Does not reject. */
  async end(id: string): Promise<void> {
    const ts = this.#parts.clock()
    this.#remember(id, ts)
    for (const listener of this.#listeners) listener()
    this.#unwritten.push({ stream: 'session-end', id, ts, body: null })
    await this.#write().catch((error) =>
      this.#parts.log.warn({ err: error }, 'a session ended here only, until the store is back'),
    )
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    void this.#polling.close()
  }

  #remember(id: string, ts: number): void {
    this.#ended.set(id, ts)
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= maxEnded) break
      this.#ended.delete(oldest)
    }
  }

  async #write(): Promise<void> {
    const events = this.#unwritten
    if (events.length === 0) return
    await this.#parts.store.appendEvents(events)
    this.#unwritten = this.#unwritten.filter((event) => !events.includes(event))
  }

  /** Writes what ended here, and reads what ended elsewhere. */
  async #exchange(): Promise<void> {
    const { store, clock, lifetimeMs } = this.#parts
    await this.#write()
    const now = clock()
    const from = Math.max(this.#from, now - lifetimeMs)
    const events = await store.readEvents({ stream: 'session-end', from, limit: maxEnded })
    this.#from = now - overlapMs
    const news = events.filter(({ id }) => !this.#ended.has(id)).toReversed()
    for (const { id, ts } of news) this.#remember(id, ts)
    if (news.length > 0) for (const listener of this.#listeners) listener()
    if (now - this.#trimmedAt < trimMs) return
    this.#trimmedAt = now
    await store.trimEvents('session-end', now - lifetimeMs)
    for (const [id, ts] of this.#ended) if (ts < now - lifetimeMs) this.#ended.delete(id)
  }
}
