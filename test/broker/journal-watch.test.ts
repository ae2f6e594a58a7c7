import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchJournal } from '#broker/metrics/journal-watch.ts'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { listeningLog, numbered, silent, until } from '../journal/journal-parts.ts'

const maxBytes = 1_000_000

describe('the watch over the journal', () => {
  let folder: string
  let journal: Journal
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-watch-'))
    journal = await openLocalJournal({ path: join(folder, 'journal'), consumers: ['store'], maxBytes, log: silent })
  })
  afterEach(async () => {
    await journal.close()
    await rm(folder, { recursive: true })
  })

  const fill = (bytes: number, ageMs: number) =>
    journal.append([{ ...numbered(0), payload: randomBytes(bytes), arrivedAt: Date.now() - ageMs }])
  /** What a watch that begins now shows and says at its first look. */
  const look = async () => {
    const registry = new Registry()
    const { log, lines } = listeningLog()
    const watch = watchJournal(journal, registry, log)
    const shown = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0
    await until('the first look', async () => (await shown('nhip_journal_max_bytes')) > 0)
    watch.close()
    const recent = {
      bytes: await shown('nhip_journal_recent_bytes'),
      most: await shown('nhip_journal_recent_max_bytes'),
    }
    return { bytes: await shown('nhip_journal_bytes'), age: await shown('nhip_journal_oldest_seconds'), recent, lines }
  }

  it('shows how full and how old it is, and is quiet below 80 %', async () => {
    expect(await look()).toMatchObject({ bytes: 0, age: 0, recent: { bytes: 0 }, lines: [] })
    await fill(100_000, 60_000)
    await fill(600_000, 0)
    const { bytes, age, recent, lines } = await look()
    expect(bytes).toBe((await journal.stats()).bytes)
    expect(bytes).toBeGreaterThan(700_000)
    // what lies in memory has its bound, and says how close it is
    expect(recent.bytes).toBeGreaterThan(700_000)
    expect(recent.most).toBeGreaterThan(recent.bytes)
    expect(age).toBeGreaterThanOrEqual(60)
    expect(age).toBeLessThan(600)
    expect(lines).toEqual([])
  })

  it('warns loudly from 80 % on, and is quiet again once there is room', async () => {
    await fill(850_000, 0)
    const { lines } = await look()
    expect(lines.join('')).toContain('THE JOURNAL IS 85 % FULL')
    await journal.commit('store', await journal.end())
    expect(await look()).toMatchObject({ bytes: 0, age: 0, recent: { bytes: 0 }, lines: [] })
  })
})
