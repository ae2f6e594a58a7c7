import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { TrailEntry } from '#telemetry/trail.ts'
import type { ApiMetrics } from './metrics.ts'

/** entries held while the store is away; more are lost, counted and logged */
const maxHeld = 10_000

/** ms between two tries while the store is away */
const retryMs = 2_000

/** What is told to the trail; `at` is now unless given. */
export type NewTrailEntry = Omit<TrailEntry, 'id' | 'at'> & { at?: number }

/** The append-only audit trail. */
export interface Trail {
  /**
   * Keeps an entry. Durable when it resolves, unless the store is away: then the entry is held in memory and tried again.
   * Never rejects. Wait for it before answering what has changed something.
   */
  record(entry: NewTrailEntry): Promise<void>
  /** Writes what is held, once more. Idempotent. */
  close(): Promise<void>
}

interface TrailParts {
  store: TelemetryStore
  metrics: ApiMetrics
  log: Logger
  clock: () => number
}

/** Who asks, and from where: spread it into an entry. */
export type Asker = Pick<TrailEntry, 'who' | 'from'>

/** The asker of a request. */
export function askerOf(request: FastifyRequest): Asker {
  return { who: request.person.name, from: request.ip }
}

/** Opens the trail, which is the event stream `audit` of the store. */
export function openTrail(parts: TrailParts): Trail {
  return new StoredTrail(parts)
}

class StoredTrail implements Trail {
  readonly #parts: TrailParts
  #held: TrailEntry[] = []
  #writing: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: TrailParts) {
    this.#parts = parts
    parts.metrics.trailLimit.set(maxHeld)
  }

  async record({ at = this.#parts.clock(), ...entry }: NewTrailEntry): Promise<void> {
    const { metrics, log } = this.#parts
    metrics.trail.inc({ what: entry.what })
    if (this.#held.length >= maxHeld) {
      metrics.trailLost.inc()
      log.error(
        { ...entry, at },
        'the store is away and no more entries of the audit trail can be held: this one is lost',
      )
      return
    }
    this.#held.push({ id: randomUUID(), at, ...entry })
    metrics.trailHeld.set(this.#held.length)
    // a write that is under way may have left before this entry came
    await this.#writing
    await this.#write()
  }

  #write(): Promise<void> {
    this.#writing ??= this.#attempt().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #attempt(): Promise<void> {
    const { store, metrics, log } = this.#parts
    clearTimeout(this.#retry)
    const entries = this.#held.slice()
    if (entries.length === 0) return
    try {
      await store.appendEvents(entries.map((entry) => ({ stream: 'audit', id: entry.id, ts: entry.at, body: entry })))
      this.#held = this.#held.slice(entries.length)
    } catch (error) {
      if (error instanceof StoreRejectedError) {
        metrics.trailLost.inc(entries.length)
        log.error({ err: error, entries }, 'the store refuses entries of the audit trail: they are lost')
        this.#held = this.#held.slice(entries.length)
      } else {
        log.warn({ err: error, held: this.#held.length }, 'the store is away: entries of the audit trail wait for it')
        if (!this.#closed) this.#retry = setTimeout(() => void this.#write(), retryMs)
      }
    }
    metrics.trailHeld.set(this.#held.length)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#write()
    clearTimeout(this.#retry)
  }
}
