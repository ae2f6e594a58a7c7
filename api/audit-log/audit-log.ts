import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import type { TrailEntry } from '#telemetry/audit-log.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { ApiMetrics } from '../metrics.ts'
import { TrailFiles } from './audit-log-files.ts'

/** Bounds of what waits for the store; what is more is lost, counted and logged in full. */
export interface TrailLimits {
  /** entries; of what nobody signed in did half as many, so that a flood of refused sign-ins hides nobody's deeds */
  maxHeld: number
  /** their size as JSON, bytes */
  maxHeldBytes: number
}

const trailLimits: TrailLimits = { maxHeld: 10_000, maxHeldBytes: 67_108_864 }

/** entries in one write */
const maxBatch = 1_000

/** ms between two tries while the store is away */
const retryMs = 2_000

/** What is told to the trail; `at` is now unless given. */
export type NewTrailEntry = Omit<TrailEntry, 'id' | 'at'> & { at?: number }

/** The append-only audit trail. */
export interface Trail {
  /**
   * Keeps an entry. Durable when it resolves: on disk here, and soon after in the store. Where the disk does not take it, it
   * waits for the store instead, and when that is away too, in memory. Never rejects. Wait for it before answering what has
   * changed something.
   */
  record(entry: NewTrailEntry): Promise<void>
  /** What the store does not have yet, oldest first. */
  waiting(): readonly TrailEntry[]
  /** Writes what is held, once more. Idempotent. */
  close(): Promise<void>
}

interface TrailParts {
  store: TelemetryStore
  /** where entries are on disk until the store has them; they wait in memory without */
  folder: string | undefined
  metrics: ApiMetrics
  log: Logger
  clock: () => number
  limits?: TrailLimits
}

/** Who asks, and from where: spread it into an entry. */
export type Asker = Pick<TrailEntry, 'who' | 'from'>

/** The asker of a request. */
export function askerOf(request: FastifyRequest): Asker {
  return { who: request.person.name, from: request.ip }
}

/**
 * Opens the trail, which is the event stream `audit` of the store, and goes on with what a former process had not told it.
 * @throws ConfigError when the folder cannot be read
 */
export async function openTrail(parts: TrailParts): Promise<Trail> {
  if (parts.folder === undefined) return new StoredTrail(parts, undefined, [])
  const { files, left } = await TrailFiles.open(parts.folder, parts.log)
  return new StoredTrail(parts, files, left)
}

/** bytes */
const sizeOf = (entry: TrailEntry) => Buffer.byteLength(JSON.stringify(entry))

class StoredTrail implements Trail {
  readonly #parts: TrailParts
  readonly #limits: TrailLimits
  readonly #files: TrailFiles | undefined
  #held: TrailEntry[]
  /** of those held and those on their way to the disk */
  #taken = { entries: 0, bytes: 0 }
  #writing: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: TrailParts, files: TrailFiles | undefined, left: TrailEntry[]) {
    this.#parts = parts
    this.#limits = parts.limits ?? trailLimits
    this.#files = files
    this.#held = left
    parts.metrics.trailLimit.set(this.#limits.maxHeld)
    parts.metrics.trailBytesLimit.set(this.#limits.maxHeldBytes)
    for (const entry of left) this.#take(1, sizeOf(entry))
    void this.#write()
  }

  async record({ at = this.#parts.clock(), ...told }: NewTrailEntry): Promise<void> {
    const { metrics, log } = this.#parts
    metrics.trail.inc({ what: told.what })
    const entry = { id: randomUUID(), at, ...told }
    const size = sizeOf(entry)
    if (!this.#hasRoom(entry, size)) {
      metrics.trailLost.inc()
      log.error({ entry }, 'the store is away and no more entries of the audit trail can be held: this one is lost')
      return
    }
    this.#take(1, size)
    const durable = await this.#keep(entry)
    this.#held.push(entry)
    if (!durable) await this.#write()
    else if (!this.#retry) void this.#write()
  }

  waiting(): readonly TrailEntry[] {
    return this.#held.slice()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#write()
    clearTimeout(this.#retry)
  }

  #hasRoom({ who }: TrailEntry, size: number): boolean {
    const { maxHeld, maxHeldBytes } = this.#limits
    const share = who === '' ? 0.5 : 1
    return this.#taken.entries < maxHeld * share && this.#taken.bytes + size <= maxHeldBytes * share
  }

  #take(entries: number, bytes: number): void {
    const { metrics } = this.#parts
    this.#taken.entries += entries
    this.#taken.bytes += bytes
    metrics.trailHeld.set(this.#taken.entries)
    metrics.trailBytes.set(this.#taken.bytes)
  }

  /** Whether the entry is on disk. */
  async #keep(entry: TrailEntry): Promise<boolean> {
    if (!this.#files) return false
    try {
      await this.#files.keep(entry)
      return true
    } catch (error) {
      this.#parts.metrics.trailDiskFaults.inc()
      this.#parts.log.error({ err: error }, 'the disk takes no entries of the audit trail: they wait in memory')
      return false
    }
  }

  /** Writes what is held, and what comes meanwhile; resolves when nothing is left or the store is away. */
  #write(): Promise<void> {
    if (this.#held.length === 0) return Promise.resolve()
    this.#writing ??= this.#attempt()
    return this.#writing
  }

  async #attempt(): Promise<void> {
    const { store, metrics, log } = this.#parts
    clearTimeout(this.#retry)
    this.#retry = undefined
    let size = maxBatch
    while (this.#held.length > 0) {
      const entries = this.#held.slice(0, size)
      try {
        await store.appendEvents(entries.map((entry) => ({ stream: 'audit', id: entry.id, ts: entry.at, body: entry })))
        await this.#letGo(entries)
      } catch (error) {
        if (!(error instanceof StoreRejectedError)) {
          log.warn({ err: error, held: this.#held.length }, 'the store is away: entries of the audit trail wait for it')
          if (!this.#closed) this.#retry = setTimeout(() => void this.#write(), retryMs)
          break
        }
        if (entries.length === 1) {
          metrics.trailLost.inc()
          log.error({ err: error, entries }, 'the store refuses an entry of the audit trail: it is lost')
          await this.#letGo(entries)
        }
        // one that never fits must not keep the others
        size = 1
      }
    }
    this.#writing = undefined
  }

  async #letGo(entries: readonly TrailEntry[]): Promise<void> {
    this.#held = this.#held.slice(entries.length)
    let bytes = 0
    for (const entry of entries) bytes += sizeOf(entry)
    this.#take(-entries.length, -bytes)
    await this.#files?.forget(entries)
  }
}
