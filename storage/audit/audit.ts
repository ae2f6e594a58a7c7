import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type LedgerEntry, parseLedgerLine } from '#telemetry/ledger.ts'
import type { TelemetryStore } from '../store.ts'
import { type AuditRow, Comparison, type Identity } from './comparison.ts'

/** lines of a ledger taken at once */
const linesAtOnce = 50_000
/** missing readings that are named */
const namedMissing = 20

/** What an audit found. */
export interface AuditReport {
  rows: AuditRow[]
  total: Omit<AuditRow, 'kind'>
  /** the first of the missing, by time of measuring */
  missing: Identity[]
  /** lines of the ledgers that could not be read, such as a last one that a crash cut short */
  unreadable: number
}

export interface AuditOptions {
  /** files of ledgers */
  ledgers: readonly string[]
  store: TelemetryStore
  /** called now and then with the lines and stored readings gone through so far */
  onProgress?: (readings: number) => void
}

/** Compares what sensors say was acknowledged with what the store holds. Works through millions of readings in bounded memory. */
export async function audit({ ledgers, store, onProgress = () => {} }: AuditOptions): Promise<AuditReport> {
  const comparison = await Comparison.open()
  let done = 0
  const progress = (readings: number) => {
    done += readings
    onProgress(done)
  }
  try {
    let unreadable = 0
    for (const ledger of ledgers) unreadable += await addLedger(comparison, ledger, progress)
    for (const span of await comparison.spans())
      for await (const page of store.identities(span)) {
        await comparison.addStored(span.kind, page)
        progress(page.length)
      }
    const rows = await comparison.rows()
    return { rows, total: totalOf(rows), missing: await comparison.missing(namedMissing), unreadable }
  } finally {
    await comparison.close()
  }
}

/** Answers how many lines could not be read. */
async function addLedger(comparison: Comparison, path: string, progress: (lines: number) => void): Promise<number> {
  let entries: LedgerEntry[] = []
  let unreadable = 0
  const add = async () => {
    await comparison.addLedger(entries)
    progress(entries.length)
    entries = []
  }
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const entry = parseLedgerLine(line)
    if (entry) entries.push(entry)
    else unreadable += 1
    if (entries.length >= linesAtOnce) await add()
  }
  await add()
  return unreadable
}

function totalOf(rows: readonly AuditRow[]): Omit<AuditRow, 'kind'> {
  const total = { sent: 0, acknowledged: 0, stored: 0, missing: 0, duplicated: 0, late: 0 }
  for (const row of rows) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += row[name] // its own keys
  return total
}
