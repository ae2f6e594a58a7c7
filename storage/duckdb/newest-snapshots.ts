import type { DuckDBConnection } from '@duckdb/node-api'
import type { Logger } from 'pino'
import { hourMs, minuteMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import { valueLookbackMs } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Database } from './database.ts'
import { type Ask, askingOn, newestInSpan } from './newest-in-span.ts'
import { newestBySnapshot, readSnapshot } from './newest-snapshot.ts'
import {
  beginSnapshotSql,
  completeSnapshotSql,
  deleteChangesSql,
  deleteSnapshotSql,
  renewSnapshotSql,
  sealSnapshotSql,
  unsealSnapshotSql,
} from './newest-snapshot-sql.ts'

/** ms between two snapshots of a kind that is written to */
const defaultEveryMs = 2 * minuteMs
/** ms before now at which a snapshot is cut: what comes later than that is written down as a change of it */
const lateMs = 5_000
/** ms that a close waits for a first snapshot that is being made */
const firstSnapshotMs = 2_000
/** ms that readings of now are old at most: older ones are a history that is filled in, and no snapshot is made meanwhile */
const liveMs = hourMs
/** changes of one kind after which a new snapshot is made at once */
const maxChanges = 10_000

/** What is known of the snapshot of a kind by who writes. */
interface Known {
  /** epoch ms */
  cut: number
  /** time of the newest reading of each sensor in it, epoch ms */
  newest: ReadonlyMap<string, number>
  changes: number
  /** ms, of the steady clock */
  madeAt: number
}

/** Keeps a snapshot of the newest readings of each kind, in the file itself and in step with every write to it. */
export class NewestSnapshots {
  readonly #database: Database
  readonly #stored: StoredReadings
  readonly #log: Logger
  readonly #everyMs: number
  /** undefined: there is none */
  readonly #known = new Map<Kind, Known | undefined>()
  readonly #underWay = new Map<Kind, Promise<void>>()
  /** whose first snapshot is being made, which may take as long as all readings take to read */
  readonly #making = new Set<Kind>()
  #closed = false

  constructor(database: Database, options: { stored: StoredReadings; log: Logger; everyMs?: number | undefined }) {
    this.#database = database
    this.#stored = options.stored
    this.#log = options.log
    this.#everyMs = options.everyMs ?? defaultEveryMs
    database.onWriteFault(() => this.#known.clear())
  }

  /** Notes in the running transaction which of these readings change the snapshot of their kind. */
  async note(connection: DuckDBConnection, kind: Kind, readings: readonly Reading[]): Promise<void> {
    const known = this.#known.has(kind) ? this.#known.get(kind) : await this.#load(connection, kind)
    if (!known) return
    const changes = readings.filter(
      ({ sensor, ts }) => ts < known.cut && ts > (known.newest.get(sensor) ?? 0) - valueLookbackMs,
    )
    if (changes.length === 0) return
    known.changes += changes.length
    const appender = await connection.createAppender('newest_changes')
    try {
      for (const { sensor, ts } of changes) {
        appender.appendVarchar(kind)
        appender.appendVarchar(sensor)
        appender.appendBigInt(BigInt(ts))
        appender.endRow()
      }
    } finally {
      appender.closeSync()
    }
  }

  /** Makes a new snapshot of a kind in the background when it is time. To be called after each write of readings of this kind. */
  written(kind: Kind, readings: readonly Reading[]): void {
    if (this.#closed || this.#underWay.has(kind)) return
    const known = this.#known.get(kind)
    const isDue = known
      ? known.changes > maxChanges || performance.now() - known.madeAt >= this.#everyMs
      : readings.some(({ ts }) => ts > Date.now() - liveMs)
    if (isDue) void this.#start(kind, known ? () => this.#renew(kind, Date.now() - lateMs) : () => this.#make(kind))
  }

  /** The newest readings of some sensors may be gone: whatever older ones come now change the snapshot. */
  trimmed(kind: Kind): void {
    const known = this.#known.get(kind)
    if (known) this.#known.set(kind, { ...known, newest: new Map() })
  }

  /** Makes the last snapshots, so that the next start reads nothing beside them. */
  async close(): Promise<void> {
    this.#closed = true
    await waitAtMost(Promise.all(this.#underWay.values()), firstSnapshotMs)
    for (const kind of kinds) {
      if (!this.#known.get(kind) || this.#making.has(kind)) continue
      await this.#start(kind, () => this.#renew(kind, Date.now()))
      await this.#start(kind, () => this.#database.run(sealSnapshotSql(kind), { kind }))
    }
  }

  /** A fault leaves the snapshot as it was, which holds all the same. */
  async #start(kind: Kind, task: () => Promise<void>): Promise<void> {
    const running = task().catch((error) => {
      if (!this.#database.isClosing) this.#log.warn({ err: error, kind }, 'no snapshot of the newest readings was made')
    })
    this.#underWay.set(kind, running)
    await running
    this.#underWay.delete(kind)
  }

  async #load(connection: DuckDBConnection, kind: Kind): Promise<Known | undefined> {
    const snapshot = await readSnapshot(kind, askingOn(connection))
    if (snapshot) await connection.run(unsealSnapshotSql, { kind })
    else for (const sql of [deleteSnapshotSql, deleteChangesSql]) await connection.run(sql, { kind })
    const known = snapshot && knownOf(snapshot.cut, snapshot.readings)
    this.#known.set(kind, known)
    return known
  }

  /** The first snapshot: changes are noted from here on, then all that lies before is read, beside the writes. */
  async #make(kind: Kind): Promise<void> {
    this.#making.add(kind)
    await this.#makeFirst(kind).finally(() => this.#making.delete(kind))
  }

  async #makeFirst(kind: Kind): Promise<void> {
    const cut = Date.now() - lateMs
    await this.#database.transaction(
      async (connection) => {
        await connection.run(deleteSnapshotSql, { kind })
        await connection.run(deleteChangesSql, { kind })
        await connection.run(beginSnapshotSql, { kind, cut: BigInt(cut) })
      },
      () => this.#known.set(kind, knownOf(cut, [])),
    )
    const ask: Ask = (sql, values) => this.#database.rows(sql, values)
    const readings = await newestInSpan({ kind, from: 0, to: cut }, { ask, stored: this.#stored })
    await this.#database.transaction(
      (connection) => connection.run(completeSnapshotSql, { kind, readings: JSON.stringify(readings) }),
      () => this.#known.set(kind, { ...knownOf(cut, readings), changes: this.#known.get(kind)?.changes ?? 0 }),
    )
  }

  async #renew(kind: Kind, until: number): Promise<void> {
    const before = this.#known.get(kind)
    if (!before) return
    // a clock that was ahead by more than this would have every reading noted until then
    if (before.cut > Date.now() + this.#everyMs) return this.#make(kind)
    const cut = Math.max(before.cut, until)
    await this.#database.transaction(
      async (connection) => {
        const readings = await newestBySnapshot(kind, { ask: askingOn(connection), stored: this.#stored, to: cut })
        if (!readings) return undefined
        await connection.run(renewSnapshotSql, { kind, cut: BigInt(cut), readings: JSON.stringify(readings) })
        await connection.run(deleteChangesSql, { kind })
        return readings
      },
      (readings) => this.#known.set(kind, readings && knownOf(cut, readings)),
    )
  }
}

function knownOf(cut: number, readings: readonly NewestReading[]): Known {
  const newest = new Map(readings.map(({ sensor, ts }) => [sensor, ts]))
  return { cut, newest, changes: 0, madeAt: performance.now() }
}
