import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import type { Logger } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeBlock, recordBytes } from '#journal/block-codec.ts'
import type { Journal } from '#journal/journal.ts'
import { encodeKey } from '#journal/local/block-key.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { ConfigError, JournalFullError } from '#telemetry/errors.ts'
import { mountSmallDisk } from '../real/small-disk.ts'
import {
  listeningLog,
  numbered,
  numberedFrom,
  numberOf,
  numbersOf,
  readAll,
  readRecords,
  silent,
  until,
} from './journal-parts.ts'

type Level = ClassicLevel<Uint8Array, Uint8Array>

describe('the journal on this machine', () => {
  let folder: string
  let path: string
  let opened: Journal[] = []
  let writers: ChildProcess[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-journal-'))
    path = join(folder, 'journal')
  })
  afterEach(async () => {
    for (const writer of writers) writer.kill('SIGKILL')
    for (const journal of opened) await journal.close()
    writers = []
    opened = []
    await rm(folder, { recursive: true })
  })

  async function open(log: Logger = silent, consumers = ['store']): Promise<Journal> {
    const journal = await openLocalJournal({ path, consumers, maxBytes: 1_073_741_824, log })
    opened.push(journal)
    return journal
  }

  /** Looks into the database of the journal, which must be closed. */
  async function inside(work: (level: Level) => Promise<void>): Promise<void> {
    const level: Level = new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view' })
    try {
      await work(level)
    } finally {
      await level.close()
    }
  }

  const blocksOf = (level: Level) => level.iterator({ gte: Buffer.from('b') }).all()

  /** A process that appends, and the numbers it got acknowledged so far. */
  function startWriter(first: number): { writer: ChildProcess; acknowledged: number[] } {
    const script = fileURLToPath(new URL('../real/journal-writer.ts', import.meta.url))
    const writer = spawn(process.execPath, ['--import', 'tsx', script, path, String(first), '200'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    writers.push(writer)
    const acknowledged: number[] = []
    if (writer.stdout) createInterface({ input: writer.stdout }).on('line', (line) => acknowledged.push(Number(line)))
    return { writer, acknowledged }
  }

  it('gives large messages a few at a time, however many records are asked for: a journal full of them fits into no memory', async () => {
    const journal = await open()
    const large = (n: number) => numbered(n, 1_000_000)
    for (let n = 0; n < 60; n++) await journal.append([large(n)])
    const reader = await journal.read(0)
    const found: number[] = []
    while (found.length < 60) {
      const blocks = await reader.next({ maxRecords: 10_000, waitMs: 5_000 })
      expect(blocks.length).toBeLessThan(20)
      found.push(...numbersOf(blocks))
    }
    expect(found).toEqual(Array.from({ length: 60 }, (_, n) => n))
    await reader.close()
  })

  it('loses nothing acknowledged when its process is killed in the middle of a burst, again and again', async () => {
    const promised: number[] = []
    for (const round of [0, 1, 2]) {
      const { writer, acknowledged } = startWriter(round * 1_000_000)
      await until('acknowledgements', () => acknowledged.length > 2_000)
      const gone = once(writer, 'close')
      writer.kill('SIGKILL')
      await gone
      promised.push(...acknowledged)
      const journal = await open()
      const held = new Set(numbersOf(await readAll(journal)))
      expect(promised.filter((number) => !held.has(number))).toEqual([])
      await journal.close()
    }
  })

  it('recognises a torn last write: what was before is there, and it goes on from there', async () => {
    const journal = await open()
    for (const number of [0, 1, 2, 3]) await journal.append([numbered(number, 1_000)])
    await journal.close()
    const logs = (await readdir(path)).filter((name) => name.endsWith('.log')).sort()
    const last = join(path, logs.at(-1) ?? '')
    await truncate(last, (await stat(last)).size - 500)

    const again = await open()
    expect(numbersOf(await readAll(again))).toEqual([0, 1, 2])
    await again.append([numbered(4)])
    expect(numbersOf(await readAll(again))).toEqual([0, 1, 2, 4])
    await again.close()
    expect(numbersOf(await readAll(await open()))).toEqual([0, 1, 2, 4])
  })

  it('leaves a damaged block out, says so, and gives all the others', async () => {
    const journal = await open()
    for (const number of [0, 1, 2, 3, 4]) await journal.append([numbered(number)])
    await journal.close()
    await inside(async (level) => {
      const [key, value] = (await blocksOf(level))[2] ?? expect.fail('no third block')
      value[value.length - 1] = (value.at(-1) ?? 0) ^ 1
      await level.put(key, value)
    })
    const { log, lines } = listeningLog()
    expect(numbersOf(await readAll(await open(log)))).toEqual([0, 1, 3, 4])
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ offset: 3, msg: expect.stringContaining('damaged') })
  })

  it('reads on behind damaged blocks at the end', async () => {
    const journal = await open()
    for (const number of [0, 1]) await journal.append([numbered(number)])
    await journal.close()
    await inside(async (level) => {
      for (const [key] of await blocksOf(level)) await level.put(key, Buffer.from('torn'))
    })
    const again = await open()
    const reader = await again.read(0)
    // the damaged ones come without records
    const waiting = readRecords(reader, 1)
    await again.append([numbered(2)])
    expect(numbersOf(await waiting)).toEqual([2])
  })

  it('belongs to one process: a second one is told which setting to change', async () => {
    const { acknowledged } = startWriter(0)
    await until('the other process', () => acknowledged.length > 0)
    const failure: unknown = await open().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect(String(failure)).toMatch(/DATA_DIR.*another process/)
  })

  it('refuses the data of another release and leaves them as they are', async () => {
    await (await open()).close()
    await inside((level) => level.put(Buffer.from('a:version'), Buffer.from('99')))
    const failure: unknown = await open().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect(String(failure)).toMatch(/DATA_DIR.*version 99/)
    await inside((level) => level.put(Buffer.from('a:version'), Buffer.from('1')))
    await open()
  })

  it('names the setting when its folder cannot be made', async () => {
    await writeFile(path, 'a file stands where the folder should be')
    const failure: unknown = await open().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect(String(failure)).toContain('DATA_DIR')
  })

  it('opens and measures many waiting blocks without reading one', async () => {
    await (await open()).close()
    const records = numberedFrom(0, 100, 100)
    const block = encodeBlock(
      records,
      records.reduce((sum, record) => sum + recordBytes(record), 0),
    )
    // whoever reads one of these says that it is damaged
    block[block.length - 1] = 0xff
    await inside(async (level) => {
      const bytes = block.length
      for (let offset = 1; offset <= 2_000; offset++) {
        const key = { offset, bytesBefore: (offset - 1) * bytes, bytes, arrivedAt: 5_000 + offset }
        await level.put(encodeKey(key), block)
      }
    })
    const { log, lines } = listeningLog()
    const journal = await open(log)
    expect(await journal.end()).toBe(2_000)
    expect(await journal.stats()).toMatchObject({ blocks: 2_000, bytes: 2_000 * block.length, oldestAt: 5_001 })
    await journal.commit('store', 1_000)
    expect(await journal.stats()).toMatchObject({ blocks: 1_000, bytes: 1_000 * block.length, oldestAt: 6_001 })
    expect(lines).toEqual([])
  })

  it('gives every block that was acknowledged, also where a write failed that lies on disk all the same', async () => {
    const journal = await open()
    const reader = await journal.readRaw(0)
    const seen: number[] = []
    const read = async () => {
      for (const { offset } of await reader.next({ maxRecords: 1_000, waitMs: 0 })) seen.push(offset)
    }
    await journal.append([numbered(1)])
    await read()
    const { put } = ClassicLevel.prototype
    const failing = vi.spyOn(ClassicLevel.prototype, 'put').mockImplementationOnce(async function (
      this: ClassicLevel,
      ...args: unknown[]
    ) {
      await Reflect.apply(put, this, args)
      throw new Error('EIO')
    })
    await expect(journal.append([numbered(2)])).rejects.toThrow('cannot be written')
    failing.mockRestore()
    await journal.append([numbered(3)])
    await read()
    await journal.append([numbered(4)])
    await read()
    expect(seen).toEqual([1, 2, 3, 4])
    await reader.close()
  })

  it('refuses before the disk is full, keeps what it took, and takes again once that is committed', async ({
    skip,
  }) => {
    const disk = await mountSmallDisk(134_217_728)
    if (!disk) return skip('only root may mount a small disk')
    path = join(disk.path, 'journal')
    const journal = await open()
    try {
      for (const round of [0, 1]) {
        const committed = await journal.end()
        // bytes that LevelDB does not compress
        const append = () =>
          journal.append([{ ...numbered(round), payload: randomBytes(200_000) }]).then(
            () => undefined,
            (error: unknown) => error,
          )
        let taken = 0
        let refusal = await append()
        for (; refusal === undefined; taken++) refusal = await append()
        expect(refusal).toBeInstanceOf(JournalFullError)
        const held = await readAll(journal, committed)
        expect(held).toHaveLength(taken)
        await journal.commit('store', held.at(-1)?.offset ?? 0)
        await until('room', async () => (await append()) === undefined)
        await journal.commit('store', await journal.end())
      }
    } finally {
      await journal.close()
      await disk.close()
    }
  })

  it('goes on trimming after a commit that freed nothing', async () => {
    const journal = await open(silent, ['fast', 'slow'])
    for (const number of [0, 1, 2]) await journal.append([numbered(number)])
    await journal.commit('fast', 3)
    await journal.commit('slow', 2)
    await until('removal', async () => numbersOf(await readAll(journal)).length === 1)
    expect(numbersOf(await readAll(journal))).toEqual([numberOf(numbered(2))])
  })
})
