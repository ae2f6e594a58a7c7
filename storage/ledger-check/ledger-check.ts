import { createReadStream, type ReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { ConfigError } from '#telemetry/errors.ts'
import { type LedgerEntry, parseLedgerLine } from '#telemetry/ledger.ts'
import type { TelemetryStore } from '../store.ts'
import { Comparison, type Identity, type LedgerCheckRow } from './comparison.ts'
import { refusedReadings } from './refused-readings.ts'

/** lines of a ledger taken at once */
const linesAtOnce = 50_000
/** missing readings that are named */
const namedMissing = 20

/** What a ledger check found. */
export interface LedgerReport {
  rows: LedgerCheckRow[]
  total: Omit<LedgerCheckRow, 'kind'>
  /** the first of the missing, by time of measuring */
  missing: Identity[]
  /** lines of the ledgers that could not be read, such as a last one that a crash cut short */
  unreadable: number
  /** messages that were refused and not kept, of which not even the times are known; readings of them are among the missing */
  unlisted: number
}

/** Readings that wait in the journal for the store. */
export interface WaitingPage {
  readings: readonly Identity[]
  /** how much of the journal has been gone through, of how much */
  done: number
  total: number
}

/** How far a ledger check is: first through the ledgers, in bytes, then the journal, in blocks, then the store, in readings. */
export interface LedgerCheckProgress {
  step: 'ledger' | 'journal' | 'store'
  done: number
  /** in the store an estimate: as many as were acknowledged */
  total: number
}

export interface LedgerCheckOptions {
  /** files of ledgers */
  ledgers: readonly string[]
  store: TelemetryStore
  /** what waits in the journal; begins to look when it is asked for its first page */
  waiting?: AsyncIterable<WaitingPage>
  /** what was measured before this time (epoch ms) is not kept, and so not missing; all is kept when absent */
  keptFrom?: number
  /** called now and then */
  onProgress?: (progress: LedgerCheckProgress) => void
}

/**
 * The ledger check (`npm run audit`): compares what sensors say was acknowledged with what the store holds, and with what the journal still holds for it.
 * Works through millions of readings in bounded memory, beside a running platform too: whatever a ledger holds was in
 * the journal before, and leaves the journal only once it is in the store. Hence this order.
 * @throws ConfigError when a ledger cannot be read or is none, StoreUnavailableError when the store does not answer
 */
export async function checkLedgers({
  ledgers,
  store,
  waiting,
  keptFrom = 0,
  onProgress = () => {},
}: LedgerCheckOptions): Promise<LedgerReport> {
  const sizes = await Promise.all(ledgers.map(sizeOf))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const comparison = await Comparison.open()
  try {
    let unreadable = 0
    let acknowledged = 0
    let done = 0
    for (const [index, path] of ledgers.entries()) {
      const found = await addLedger(comparison, path, (read) =>
        onProgress({ step: 'ledger', done: done + read, total: bytes }),
      )
      done += sizes[index] ?? 0
      unreadable += found.unreadable
      acknowledged += found.acknowledged
    }
    for await (const { readings, done: blocks, total } of waiting ?? []) {
      await comparison.addWaiting(readings)
      onProgress({ step: 'journal', done: blocks, total })
    }
    let rows = 0
    for (const span of await comparison.spans())
      for await (const page of store.identities(span)) {
        await comparison.addStored(span.kind, page)
        rows += page.length
        onProgress({ step: 'store', done: rows, total: Math.max(rows, acknowledged) })
      }
    let unlisted = 0
    for await (const page of refusedReadings(store)) {
      await comparison.addRefused(page.readings)
      await comparison.addNotKept(page.notKept)
      unlisted += page.unlisted
    }
    const found = await comparison.rows(keptFrom)
    const missing = await comparison.missing(namedMissing, keptFrom)
    return { rows: found, total: totalOf(found), missing, unreadable, unlisted }
  } finally {
    await comparison.close()
  }
}

const noLedger = (path: string, why: string, cause?: unknown) =>
  new ConfigError(`the ledger "${path}" cannot be read: ${why}`, cause)

/** bytes */
async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch((error: Error) => {
    throw noLedger(path, error.message, error)
  })
  if (info.isDirectory()) throw noLedger(path, 'it is a folder')
  return info.size
}

/** How many lines a ledger has. */
interface Lines {
  readable: number
  unreadable: number
  acknowledged: number
}

async function addLedger(comparison: Comparison, path: string, progress: (bytes: number) => void): Promise<Lines> {
  const lines = { readable: 0, unreadable: 0, acknowledged: 0 }
  const input = createReadStream(path)
  let entries: LedgerEntry[] = []
  const add = async () => {
    await comparison.addLedger(entries)
    progress(input.bytesRead)
    entries = []
  }
  for await (const line of linesOf(path, input)) {
    const entry = parseLedgerLine(line)
    if (entry) {
      entries.push(entry)
      lines.readable += 1
    } else if (line !== '') lines.unreadable += 1
    if (entry?.event === 'acked') lines.acknowledged += 1
    if (entries.length >= linesAtOnce) await add()
  }
  await add()
  if (lines.readable === 0 && lines.unreadable > 0) throw noLedger(path, 'no line of it is one of a ledger')
  return lines
}

async function* linesOf(path: string, input: ReadStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw noLedger(path, error instanceof Error ? error.message : String(error), error)
  }
}

function totalOf(rows: readonly LedgerCheckRow[]): Omit<LedgerCheckRow, 'kind'> {
  const total = {
    sent: 0,
    acknowledged: 0,
    stored: 0,
    waiting: 0,
    missing: 0,
    duplicated: 0,
    late: 0,
    refused: 0,
    notKept: 0,
    expired: 0,
  }
  for (const row of rows) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += row[name] // its own keys
  return total
}
