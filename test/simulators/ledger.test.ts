import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Ledger } from '#simulators/ledger.ts'
import { kinds } from '#telemetry/kinds.ts'
import { type LedgerEntry, ledgerLine, parseLedgerLine } from '#telemetry/ledger.ts'

const now = Date.UTC(2026, 10, 20)
const entryOf = (number: number, event: LedgerEntry['event'] = 'acked'): LedgerEntry => ({
  ...{ event, kind: 'lighting', sensor: `lamp-${number}`, ts: now + number, at: now + number + 5 },
})
const entries: fc.Arbitrary<LedgerEntry> = fc.record({
  event: fc.constantFrom('sent', 'acked'),
  kind: fc.constantFrom(...kinds),
  sensor: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  ts: fc.integer({ min: now - 86_400_000, max: now + 86_400_000 }),
  at: fc.integer({ min: now, max: now + 86_400_000 }),
})
const parsed = (text: string) => text.split('\n').flatMap((line) => parseLedgerLine(line) ?? [])

describe('a line of a ledger', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(parseLedgerLine(ledgerLine(entry))).toEqual(entry)
      }),
    )
  })

  it('that was cut short, also with another right behind it, never tells of a reading that was not noted', () => {
    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 4 }), entries, fc.nat(), (before, after, cut) => {
        const text = before.map((entry) => `${ledgerLine(entry)}\n`).join('')
        const torn = text.slice(0, cut % (text.length + 1))
        const noted = [...before, after].map(ledgerLine)
        for (const entry of parsed(`${torn}${ledgerLine(after)}\n`)) expect(noted).toContain(ledgerLine(entry))
      }),
    )
  })

  it.each(['', 'acked', 'hello world', 'lost\tlighting\tlamp-1\t1795132800000\t1795132800005', '\t\t\t\t'])(
    'is not %j',
    (line) => {
      expect(parseLedgerLine(line)).toBeUndefined()
    },
  )
})

describe('a ledger', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-ledger-'))
    path = join(folder, 'ledger.tsv')
  })
  afterEach(() => rm(folder, { recursive: true }))
  const held = async () => parsed(await readFile(path, 'utf8'))

  it('holds what was noted, in order, once it is closed', async () => {
    const all = Array.from({ length: 25_000 }, (_, number) => entryOf(number, number % 2 ? 'acked' : 'sent'))
    const ledger = await Ledger.open(path)
    for (const entry of all) ledger.record(entry)
    await ledger.close()
    expect(await held()).toEqual(all)
    expect(ledger.lost).toBe(0)
  })

  it('is written while it is open', async () => {
    const ledger = await Ledger.open(path)
    ledger.record(entryOf(1))
    await expect.poll(held, { timeout: 20_000 }).toEqual([entryOf(1)])
    await ledger.close()
  })

  it('goes on with a file that is there, on a new line when a crash cut the last one short', async () => {
    await writeFile(path, `${ledgerLine(entryOf(1))}\nacked\tlighting\tlamp-2\t17951`)
    for (const number of [3, 4]) {
      const ledger = await Ledger.open(path)
      ledger.record(entryOf(number))
      await ledger.close()
    }
    expect(await held()).toEqual([entryOf(1), entryOf(3), entryOf(4)])
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(5)
  })

  it('holds a bounded number of lines in memory; those beyond are lost and counted', async () => {
    const ledger = await Ledger.open(path, { maxHeld: 10 })
    for (let number = 0; number < 15; number++) ledger.record(entryOf(number))
    await ledger.close()
    expect(ledger.lost).toBe(5)
    expect(await held()).toEqual(Array.from({ length: 10 }, (_, number) => entryOf(number)))
  })

  it.skipIf(!existsSync('/dev/full'))('tells of a full disk, counts what is lost and ends nothing', async () => {
    const errors: Error[] = []
    const ledger = await Ledger.open('/dev/full', { onError: (error) => errors.push(error) })
    for (const number of [1, 2]) ledger.record(entryOf(number))
    await expect.poll(() => errors.length, { timeout: 20_000 }).toBe(1)
    ledger.record(entryOf(3))
    await ledger.close()
    expect(errors.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining('ENOSPC')))
    expect(ledger.lost).toBe(3)
  })

  it('refuses a file that cannot be written', async () => {
    await expect(Ledger.open(join(folder, 'no', 'folder'))).rejects.toThrow('ENOENT')
  })
})
