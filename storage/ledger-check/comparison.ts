import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BIGINT,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { Kind } from '#telemetry/kinds.ts'
import type { LedgerEntry } from '#telemetry/ledger.ts'

/** rows of one data chunk; DuckDB's vectors hold 2,048 */
const chunkRows = 2_000

/** What is found of one kind, in readings. */
export interface LedgerCheckRow {
  kind: Kind
  sent: number
  acknowledged: number
  /** acknowledged and in the store */
  stored: number
  /** acknowledged, not in the store yet, and safe in the journal */
  waiting: number
  /** acknowledged, and nowhere to be found */
  missing: number
  /** in the store more than once */
  duplicated: number
  /** first acknowledged more than 60 s after it was measured */
  late: number
  /** acknowledged, and in quarantine instead, with the reason */
  refused: number
  /** acknowledged and refused, and not kept: the quarantine had no room */
  notKept: number
  /** acknowledged, in none of these, and measured before the time from which on readings are kept */
  expired: number
}

/** A reading as the ledger check names it. */
export interface Identity {
  kind: Kind
  sensor: string
  ts: number
}

/** ms from measuring to acknowledgement after which a reading is late */
const lateMs = 60_000

const identityTypes = [VARCHAR, VARCHAR, BIGINT]

/** what is found nowhere; it is missing unless it is too old */
const isNowhere =
  'acked.ts IS NOT NULL AND held.n IS NULL AND kept.waits IS NULL AND turned.away IS NULL AND told.alone IS NULL'

const rowsSql = `
  WITH acked AS (SELECT kind, sensor, ts, min(noted) AS noted FROM ledger WHERE event = 'acked' GROUP BY ALL),
       held AS (SELECT kind, sensor, ts, count(*) AS n FROM stored GROUP BY ALL),
       kept AS (SELECT DISTINCT kind, sensor, ts, true AS waits FROM waiting ANTI JOIN stored USING (kind, sensor, ts)),
       turned AS (SELECT DISTINCT kind, sensor, ts, true AS away FROM refused ANTI JOIN stored USING (kind, sensor, ts)
                  ANTI JOIN waiting USING (kind, sensor, ts)),
       told AS (SELECT DISTINCT kind, sensor, ts, true AS alone FROM overflowed ANTI JOIN stored USING (kind, sensor, ts)
                ANTI JOIN waiting USING (kind, sensor, ts) ANTI JOIN refused USING (kind, sensor, ts)),
       sent AS (SELECT kind, count(DISTINCT (sensor, ts)) AS n FROM ledger GROUP BY kind)
  SELECT sent.kind, sent.n AS sent, count(acked.ts) AS acknowledged, count(held.n) AS stored,
         count(kept.waits) AS waiting, count(*) FILTER (${isNowhere} AND acked.ts >= $keptFrom) AS missing,
         (SELECT count(*) FROM held AS twice WHERE twice.kind = sent.kind AND twice.n > 1) AS duplicated,
         count(*) FILTER (acked.noted - acked.ts > ${lateMs}) AS late, count(turned.away) AS refused,
         count(told.alone) AS notKept, count(*) FILTER (${isNowhere} AND acked.ts < $keptFrom) AS expired
  FROM sent LEFT JOIN acked USING (kind) LEFT JOIN held USING (kind, sensor, ts)
       LEFT JOIN kept USING (kind, sensor, ts) LEFT JOIN turned USING (kind, sensor, ts)
       LEFT JOIN told USING (kind, sensor, ts)
  GROUP BY sent.kind, sent.n ORDER BY sent.kind`

const missingSql = `
  SELECT DISTINCT kind, sensor, ts FROM ledger ANTI JOIN stored USING (kind, sensor, ts)
       ANTI JOIN waiting USING (kind, sensor, ts) ANTI JOIN refused USING (kind, sensor, ts)
       ANTI JOIN overflowed USING (kind, sensor, ts)
  WHERE event = 'acked' AND ts >= $keptFrom ORDER BY ts LIMIT $limit`

/** A database on disk for one ledger check, so that millions of readings fit into little memory. */
export class Comparison {
  readonly #clear: () => void
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(clear: () => void, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#clear = clear
    this.#instance = instance
    this.#connection = connection
  }

  static async open(): Promise<Comparison> {
    const folder = await mkdtemp(join(tmpdir(), 'nhip-audit-'))
    const clear = () => rmSync(folder, { recursive: true, force: true })
    process.once('exit', clear) // a check that is stopped leaves nothing either
    const instance = await DuckDBInstance.create(join(folder, 'audit.duckdb'), { memory_limit: '256MB' })
    const connection = await instance.connect()
    await connection.run('CREATE TABLE ledger (event VARCHAR, kind VARCHAR, sensor VARCHAR, ts BIGINT, noted BIGINT)')
    for (const table of ['stored', 'waiting', 'refused', 'overflowed'])
      await connection.run(`CREATE TABLE ${table} (kind VARCHAR, sensor VARCHAR, ts BIGINT)`)
    return new Comparison(clear, instance, connection)
  }

  async addLedger(entries: readonly LedgerEntry[]): Promise<void> {
    const types = [VARCHAR, VARCHAR, VARCHAR, BIGINT, BIGINT]
    await this.#append('ledger', types, entries, (entry) => [
      entry.event,
      entry.kind,
      entry.sensor,
      BigInt(entry.ts),
      BigInt(entry.at),
    ])
  }

  async addStored(kind: Kind, held: readonly { sensor: string; ts: number }[]): Promise<void> {
    await this.#append('stored', identityTypes, held, ({ sensor, ts }) => [kind, sensor, BigInt(ts)])
  }

  async addWaiting(readings: readonly Identity[]): Promise<void> {
    await this.#addIdentities('waiting', readings)
  }

  async addRefused(readings: readonly Identity[]): Promise<void> {
    await this.#addIdentities('refused', readings)
  }

  /** Of what was refused and is not in quarantine. */
  async addNotKept(readings: readonly Identity[]): Promise<void> {
    await this.#addIdentities('overflowed', readings)
  }

  async #addIdentities(table: 'waiting' | 'refused' | 'overflowed', readings: readonly Identity[]): Promise<void> {
    await this.#append(table, identityTypes, readings, ({ kind, sensor, ts }) => [kind, sensor, BigInt(ts)])
  }

  async #append<Row>(
    table: string,
    types: (typeof VARCHAR | typeof BIGINT)[],
    rows: readonly Row[],
    valuesOf: (row: Row) => DuckDBValue[],
  ): Promise<void> {
    const appender = await this.#connection.createAppender(table)
    for (let from = 0; from < rows.length; from += chunkRows) {
      const chunk = DuckDBDataChunk.create(types)
      chunk.setRows(rows.slice(from, from + chunkRows).map(valuesOf))
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  }

  /** The span of measuring times of each kind in the ledger. */
  async spans(): Promise<{ kind: Kind; from: number; to: number }[]> {
    const reader = await this.#connection.runAndReadAll('SELECT kind, min(ts), max(ts) FROM ledger GROUP BY kind')
    // what was written by addLedger
    return reader.getRows().map(([kind, from, to]) => ({ kind: kind as Kind, from: Number(from), to: Number(to) + 1 }))
  }

  /** `keptFrom`: what was measured before (epoch ms) may have been removed from the store. */
  async rows(keptFrom: number): Promise<LedgerCheckRow[]> {
    const reader = await this.#connection.runAndReadAll(rowsSql, { keptFrom: BigInt(keptFrom) })
    return reader.getRows().map(([kind, ...numbers]) => {
      const [sent = 0, acknowledged = 0, stored = 0, waiting = 0, missing = 0, duplicated = 0, late = 0, ...gone] =
        numbers.map(Number)
      const [refused = 0, notKept = 0, expired = 0] = gone
      return {
        kind: kind as Kind,
        sent,
        acknowledged,
        stored,
        waiting,
        missing,
        duplicated,
        late,
        refused,
        notKept,
        expired,
      } // written by addLedger
    })
  }

  /** The first of the missing, by time of measuring. */
  async missing(limit: number, keptFrom: number): Promise<Identity[]> {
    const reader = await this.#connection.runAndReadAll(missingSql, { limit, keptFrom: BigInt(keptFrom) })
    return reader
      .getRows()
      .map(([kind, sensor, ts]) => ({ kind: kind as Kind, sensor: String(sensor), ts: Number(ts) })) // written by addLedger
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
    process.off('exit', this.#clear)
    this.#clear()
  }
}
