import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { listeningLog, numbered, numberOf, readRecords, silent } from './journal-parts.ts'

describe('the journal on this machine', () => {
  let path: string
  const open = (log = silent) => openLocalJournal({ path, consumers: ['store'], maxBytes: 10_000_000, log })
  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'nhip-journal-')), 'journal')
  })
  afterEach(() => rm(join(path, '..'), { recursive: true }))

  it('leaves a damaged block out, says so, and gives all the others', async () => {
    const journal = await open()
    for (let number = 0; number < 5; number++) await journal.append([numbered(number)])
    await journal.close()
    const level = new ClassicLevel<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
    const blocks = await level.iterator({ gte: Buffer.from('b') }).all()
    const [key, value] = blocks[2] ?? expect.fail('no third block')
    value[value.length - 1] = (value.at(-1) ?? 0) ^ 1
    await level.put(key, value)
    await level.close()
    const { log, lines } = listeningLog()
    const damaged = await open(log)
    const read = await readRecords(await damaged.read(0), 4)
    expect(read.flatMap(({ records }) => records).map(numberOf)).toEqual([0, 1, 3, 4])
    expect(lines.join()).toContain('damaged')
    await damaged.close()
  })
})
