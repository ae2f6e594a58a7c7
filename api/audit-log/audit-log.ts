import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { RunningStore } from '#storage/running-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { AuditedAction } from '#telemetry/audit-actions.ts'
import type { AuditEntry } from '#telemetry/audit-log.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import type { ApiMetrics } from '../metrics.ts'
import { AuditLogFiles } from './audit-log-files.ts'

/** Bounds of what waits for the store; what is more is lost, counted and logged in full. */
export interface AuditLogLimits {
  /** entries; of what nobody signed in did half as many, so that a flood of refused sign-ins hides no action of a person */
  maxHeld: number
  /** their size as JSON, bytes */
  maxHeldBytes: number
}

const defaultLimits: AuditLogLimits = { maxHeld: 10_000, maxHeldBytes: 67_108_864 }

/** entries in one write */
const maxEntriesInWrite = 1_000

/** between two tries while the store is away */
const backoff = { firstMs: 1_000, longestMs: 2_000 }

/** A new entry of the audit log; `at` is now unless given. */
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at' | 'what' | 'detail'> & AuditedAction & { at?: number }

/** The append-only audit log. */
export interface AuditLog {
  /**
   * Records an entry. Durable when it resolves: on disk here, and soon after in the store. Where the disk does not take it, it
   * waits for the store instead, and when that is away too, in memory. Never rejects. Wait for it before answering what has
   * changed something.
   */
  record(entry: NewAuditEntry): Promise<void>
  /** What the store does not have yet, oldest first. */
  pending(): readonly AuditEntry[]
  /** Writes what is held, once more. Idempotent. */
  close(): Promise<void>
}

interface AuditLogParts {
  store: TelemetryStore
  /** where entries are on disk until the store has them; they wait in memory without */
  folder: string | undefined
  metrics: ApiMetrics
  log: Logger
  clock: () => number
  limits?: AuditLogLimits
}

/** The caller's name and address: spread it into an entry. */
export type Actor = Pick<AuditEntry, 'who' | 'from'>

/** The actor of a request. */
export function actorOf(request: FastifyRequest): Actor {
  return { who: request.person.name, from: request.ip }
}

/**
 * Opens the audit log, which is the event stream `audit` of the store, and goes on with what a former process had not written.
 * @throws ConfigError when the folder cannot be read
 */
export async function openAuditLog(parts: AuditLogParts): Promise<AuditLog> {
  if (parts.folder === undefined) return new StoredAuditLog(parts, undefined, [])
  const { files, left } = await AuditLogFiles.open(parts.folder, parts.log)
  return new StoredAuditLog(parts, files, left)
}

const toEvent = (entry: AuditEntry): StoredEvent => ({ stream: 'audit', id: entry.id, ts: entry.at, body: entry })

/** bytes */
const sizeOf = (entry: AuditEntry) => Buffer.byteLength(JSON.stringify(entry))

class StoredAuditLog implements AuditLog {
  readonly #parts: AuditLogParts
  readonly #limits: AuditLogLimits
  readonly #files: AuditLogFiles | undefined
  #held: AuditEntry[]
  /** of those held and those on their way to the disk */
  #taken = { entries: 0, bytes: 0 }
  #writing: Promise<void> | undefined
  readonly #running: RunningStore
  readonly #stopping = new AbortController()
  /** wakes who waits for a write: nothing is left, or the store is away */
  readonly #tried = new WakeSignal()
  #isAway = false

  constructor(parts: AuditLogParts, files: AuditLogFiles | undefined, left: AuditEntry[]) {
    this.#parts = parts
    this.#limits = parts.limits ?? defaultLimits
    this.#files = files
    this.#held = left
    this.#running = new RunningStore({
      ...{ store: parts.store, backoff, signal: this.#stopping.signal },
      metrics: parts.metrics.runningStore,
      onFault: ({ error }) => this.#recordFault(error),
      onSuccess: () => {
        this.#isAway = false
      },
    })
    parts.metrics.auditLimit.set(this.#limits.maxHeld)
    parts.metrics.auditBytesLimit.set(this.#limits.maxHeldBytes)
    for (const entry of left) this.#countHeld(1, sizeOf(entry))
    void this.#write()
  }

  async record({ at = this.#parts.clock(), ...fields }: NewAuditEntry): Promise<void> {
    const { metrics, log } = this.#parts
    metrics.auditLog.inc({ what: fields.what })
    const entry = { id: randomUUID(), at, ...fields }
    const size = sizeOf(entry)
    if (!this.#hasRoom(entry, size)) {
      metrics.auditLost.inc()
      log.error({ entry }, 'the store is away and no more entries of the audit log can be held: this one is lost')
      return
    }
    this.#countHeld(1, size)
    const durable = await this.#storeOnDisk(entry)
    this.#held.push(entry)
    if (!durable) await this.#write()
    else void this.#write()
  }

  pending(): readonly AuditEntry[] {
    return this.#held.slice()
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#writing
    this.#isAway = false
    await this.#write()
  }

  #hasRoom({ who }: AuditEntry, size: number): boolean {
    const { maxHeld, maxHeldBytes } = this.#limits
    const share = who === '' ? 0.5 : 1
    return this.#taken.entries < maxHeld * share && this.#taken.bytes + size <= maxHeldBytes * share
  }

  #countHeld(entries: number, bytes: number): void {
    const { metrics } = this.#parts
    this.#taken.entries += entries
    this.#taken.bytes += bytes
    metrics.auditHeld.set(this.#taken.entries)
    metrics.auditBytes.set(this.#taken.bytes)
  }

  /** Whether the entry is on disk. */
  async #storeOnDisk(entry: AuditEntry): Promise<boolean> {
    if (!this.#files) return false
    try {
      await this.#files.store(entry)
      return true
    } catch (error) {
      this.#parts.metrics.auditDiskFaults.inc()
      this.#parts.log.error({ err: error }, 'the disk takes no entries of the audit log: they wait in memory')
      return false
    }
  }

  /** Writes what is held, and what comes meanwhile; resolves when nothing is left or the store is away. */
  #write(): Promise<void> {
    if (this.#held.length === 0) return Promise.resolve()
    this.#writing ??= this.#writeHeld()
    return this.#isAway ? Promise.resolve() : this.#tried.woken()
  }

  #recordFault(error: unknown): void {
    this.#isAway = true
    this.#tried.wake()
    this.#parts.log.warn(
      { err: error, held: this.#held.length },
      'the store is away: entries of the audit log wait for it',
    )
  }

  async #writeHeld(): Promise<void> {
    const { store, metrics, log } = this.#parts
    let size = maxEntriesInWrite
    while (this.#held.length > 0) {
      let entries: AuditEntry[] = []
      const append = () => {
        entries = this.#held.slice(0, size)
        return store.appendEvents(entries.map(toEvent))
      }
      try {
        await this.#running.retry(append, (error) => !(error instanceof StoreRejectedError))
        await this.#release(entries)
      } catch (error) {
        if (!(error instanceof StoreRejectedError)) {
          this.#recordFault(error)
          break
        }
        if (entries.length === 1) {
          metrics.auditLost.inc()
          log.error({ err: error, entries }, 'the store refuses an entry of the audit log: it is lost')
          await this.#release(entries)
        }
        // one that never fits must not keep the others
        size = 1
      }
    }
    // in the same turn as the last look at what is held: nobody joins a run that has ended
    this.#writing = undefined
    this.#tried.wake()
  }

  async #release(entries: readonly AuditEntry[]): Promise<void> {
    this.#held = this.#held.slice(entries.length)
    let bytes = 0
    for (const entry of entries) bytes += sizeOf(entry)
    this.#countHeld(-entries.length, -bytes)
    await this.#files?.remove(entries)
  }
}
