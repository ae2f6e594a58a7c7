import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import type { Journal, JournalBlock, JournalReader, JournalRecord } from '#journal/journal.ts'
import { UnreachableError } from '#telemetry/errors.ts'

const deadlineMs = 30_000

/** Waits until `probe` gives something other than undefined or false; fails after 30 s. */
export async function until<T>(what: string, probe: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false> // checked just here
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A log that says nothing. */
export const silent: Logger = pino({ level: 'silent' })

/** A log that remembers its lines. */
export function listeningLog(): { log: Logger; lines: string[] } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  return { log: pino(stream), lines }
}

/** The record that bears this number. */
export function numbered(number: number, bytes = 0): JournalRecord {
  return {
    topic: `city/v1/tay-ninh/lighting/lamp-${number % 7}/reading`,
    payload: Buffer.from(`${number} `.padEnd(bytes, '.')),
    arrivedAt: 1_763_900_000_000 + number,
  }
}

/** The records that bear the numbers from `from` up to, not including, `to`. */
export function numberedFrom(from: number, to: number, bytes = 0): JournalRecord[] {
  return Array.from({ length: to - from }, (_, index) => numbered(from + index, bytes))
}

/** The number that a record bears. */
export function numberOf(record: JournalRecord): number {
  return Number.parseInt(Buffer.from(record.payload).toString(), 10)
}

/** The next blocks; none, after a moment, while the journal cannot be reached. */
export async function nextReached(
  reader: Pick<JournalReader, 'next'>,
  options: { maxRecords: number; waitMs: number },
): Promise<JournalBlock[]> {
  try {
    return await reader.next(options)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    await new Promise((resolve) => setTimeout(resolve, 20))
    return []
  }
}

/** Reads on until `count` records are there; fails when they do not come. */
export async function readRecords(reader: JournalReader, count: number): Promise<JournalBlock[]> {
  const blocks: JournalBlock[] = []
  const deadline = Date.now() + deadlineMs
  for (let held = 0; held < count; ) {
    const read = await nextReached(reader, { maxRecords: 1_000, waitMs: 500 })
    blocks.push(...read)
    held += read.reduce((sum, block) => sum + block.records.length, 0)
    if (Date.now() > deadline) throw new Error(`only ${held} of ${count} records came`)
  }
  return blocks
}

/** Everything the journal holds behind `offset`. */
export async function readAll(journal: Journal, offset = 0): Promise<JournalBlock[]> {
  const end = await journal.end()
  const reader = await journal.read(offset)
  const blocks: JournalBlock[] = []
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline && (blocks.at(-1)?.offset ?? 0) < end; )
    blocks.push(...(await nextReached(reader, { maxRecords: 10_000, waitMs: 1_000 })))
  await reader.close()
  return blocks
}

/** The numbers of all records in these blocks, in order. */
export function numbersOf(blocks: readonly JournalBlock[]): number[] {
  return blocks.flatMap((block) => [...block.records].map(numberOf))
}
