// How long a local journal takes to open with millions of records waiting, and to say how full it is.
// npm run bench:journal           BENCH_RECORDS=5000000 waiting
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Journal, JournalRecord } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'

const records = Number(process.env.BENCH_RECORDS ?? 5_000_000)
const perBlock = 1_000
const payload = Buffer.from(
  '{"ts":1763900000000,"seq":1000000000,"intensity":18,"averageVehicleSpeed":31.5,"occupancy":0.31,'.padEnd(150, '.'),
)

const open = (path: string): Promise<Journal> =>
  openLocalJournal({ path, consumers: ['store'], maxBytes: 20_000_000_000, log: pino({ level: 'warn' }) })

async function timed<T>(task: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const began = performance.now()
  const result = await task()
  return { ms: Math.round((performance.now() - began) * 10) / 10, result }
}

const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
const rows: Record<string, object> = {}

/** Opens a journal that holds all of the records, and asks it how full it is. */
async function measure(what: string, path: string): Promise<void> {
  const opening = await timed(() => open(path))
  const asking = await timed(() => opening.result.stats())
  const reader = await opening.result.read(0)
  const reading = await timed(() => reader.next({ maxRecords: 1, waitMs: 10_000 }))
  const { bytes, blocks } = asking.result
  rows[what] = {
    records: blocks * perBlock,
    MB: Math.round(bytes / 1e6),
    'open ms': opening.ms,
    'size and age ms': asking.ms,
    'first block ms': reading.ms,
  }
  await opening.result.close()
}

try {
  const path = join(folder, 'journal')
  const journal = await open(path)
  for (let written = 0; written < records; written += perBlock) {
    const block: JournalRecord[] = Array.from({ length: perBlock }, (_, index) => ({
      topic: `city/v1/tay-ninh/traffic/bench-${index % 500}/reading`,
      payload,
      arrivedAt: Date.now(),
    }))
    await journal.append(block)
  }
  // its files as a kill in this moment would leave them
  await cp(path, join(folder, 'killed'), { recursive: true })
  await journal.close()
  await measure('after a close', path)
  await measure('after a kill', join(folder, 'killed'))
  console.table(rows)
} finally {
  await rm(folder, { recursive: true })
}
