import { mkdir, rm } from 'node:fs/promises'
import { DiscardPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalBlock } from '#journal/journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { ConfigError, UnreachableError } from '#telemetry/errors.ts'
import { freePort } from '../real/free-port.ts'
import { type NatsServer, type NatsServerOptions, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { startTcpLine, type TcpLine } from '../real/tcp-line.ts'
import {
  listeningLog,
  nextReached,
  numbered,
  numberedFrom,
  numberOf,
  numbersOf,
  readAll,
  silent,
  until,
} from './journal-parts.ts'

const maxBytes = 268_435_456

describe.skipIf(!natsInstalled())('the journal on NATS', () => {
  let servers: NatsServer[] = []
  let journals: Journal[] = []
  let lines: TcpLine[] = []

  beforeEach(() => {
    servers = []
    journals = []
    lines = []
  })
  afterEach(async () => {
    await Promise.all(journals.map((journal) => journal.close()))
    await Promise.all(lines.map((line) => line.close()))
    await Promise.all(servers.map((server) => server.close()))
  })

  async function startServer(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = await startNatsServer(options)
    servers.push(server)
    return server
  }

  async function open(url: string, options: { log?: Logger; maxBytes?: number } = {}): Promise<Journal> {
    const journal = await openNatsJournal({ url, consumers: ['store'], maxBytes, log: silent, ...options })
    journals.push(journal)
    return journal
  }

  const failureOf = (url: string, options: { maxBytes?: number } = {}): Promise<unknown> =>
    open(url, options).then(
      () => undefined,
      (error: unknown) => error,
    )

  /** Appends each number, and again until it is acknowledged, as the broker does; `width` at once. */
  function appendAll(journal: Journal, count: number, width: number) {
    const state = { acknowledged: 0, refused: 0, done: Promise.resolve() }
    let next = 0
    const appendOn = async () => {
      while (next < count) {
        const record = numbered(next++, 200)
        while (!(await appended(journal, record))) state.refused++
        state.acknowledged++
      }
    }
    state.done = Promise.all(Array.from({ length: width }, appendOn)).then(() => {})
    return state
  }

  async function appended(journal: Journal, record: ReturnType<typeof numbered>): Promise<boolean> {
    try {
      await journal.append([record])
      return true
    } catch (error) {
      expect(error).toMatchObject({ retryable: true })
      await new Promise((resolve) => setTimeout(resolve, 50))
      return false
    }
  }

  /** Reads until every number below `count` came. */
  async function follow(journal: Journal, count: number, read: (block: JournalBlock) => Promise<unknown> | undefined) {
    const reader = await journal.read(0)
    const offsets: number[] = []
    for (const missing = new Set(numberedFrom(0, count).map(numberOf)); missing.size > 0; ) {
      for (const block of await nextReached(reader, { maxRecords: 100, waitMs: 1_000 })) {
        offsets.push(block.offset)
        for (const number of numbersOf([block])) missing.delete(number)
        await read(block)
      }
    }
    await reader.close()
    return offsets
  }

  describe('when the server is killed in the middle of a burst and started again', () => {
    it('keeps what was acknowledged, takes what is sent again, and its reader goes on without gap or repeat', async () => {
      const server = await startServer()
      const journal = await open(server.url)
      const following = follow(journal, 30_000, () => undefined)
      const appending = appendAll(journal, 30_000, 100)
      for (const reached of [5_000, 15_000]) {
        await until('acknowledgements', () => appending.acknowledged > reached)
        await server.stop('SIGKILL')
        await until('refusals', () => appending.refused > 0)
        await server.start()
      }
      await appending.done
      const offsets = await following
      const held = await readAll(journal)
      expect(new Set(numbersOf(held)).size).toBe(30_000)
      expect(offsets).toEqual(held.map((block) => block.offset).slice(0, offsets.length))
    })

    it('loses nothing although blocks are trimmed meanwhile', async () => {
      const server = await startServer()
      const journal = await open(server.url)
      const following = follow(journal, 30_000, (block) =>
        journal
          .commit('store', block.offset)
          .catch((error: unknown) => expect(error).toMatchObject({ retryable: true })),
      )
      const appending = appendAll(journal, 30_000, 100)
      for (const reached of [3_000, 10_000, 20_000]) {
        await until('acknowledgements', () => appending.acknowledged > reached)
        await server.stop('SIGKILL')
        await server.start()
      }
      await appending.done
      const offsets = await following
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
      await journal.append([numbered(30_000)])
      await journal.commit('store', await journal.end())
      await until('trimming', async () => (await journal.stats()).blocks === 0)
    })

    it('goes on behind the last offset although everything was trimmed before', async () => {
      const server = await startServer()
      const journal = await open(server.url)
      for (const number of [0, 1, 2]) await journal.append([numbered(number)])
      const end = await journal.end()
      await journal.commit('store', end)
      await until('trimming', async () => (await readAll(journal)).length === 1)
      await server.stop('SIGKILL')
      await server.start()
      await until('the next', () => appended(journal, numbered(3)))
      expect(await journal.end()).toBe(end + 1)
      expect(numbersOf(await readAll(journal, end))).toEqual([3])
    })
  })

  it('rejects at once, worth another try, as long as the server is away', async () => {
    const server = await startServer()
    const { log, lines: said } = listeningLog()
    const journal = await open(server.url, { log })
    await journal.append([numbered(0)])
    await server.stop()
    await until('the loss to be noticed', () => said.some((line) => line.includes('is lost')))
    for (const asked of [journal.append([numbered(1)]), journal.stats(), journal.commit('store', 1), journal.end()])
      await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true })
    await server.start()
    await until('the server to be back', () => appended(journal, numbered(1)))
    expect(numbersOf(await readAll(journal))).toEqual([0, 1])
  })

  it('closes while the server is away', async () => {
    const server = await startServer()
    const journal = await open(server.url)
    const reader = await journal.read(0)
    // it may hear that the server is away before it hears that it is closed
    const waiting = reader.next({ maxRecords: 10, waitMs: 50_000 }).catch((error: unknown) => error)
    await server.stop()
    const appending = journal.append([numbered(0)]).catch((error: unknown) => error)
    await journal.close()
    expect([[], expect.any(UnreachableError)]).toContainEqual(await waiting)
    expect(await appending).toBeInstanceOf(UnreachableError)
  })

  it('goes on without gap or repeat when the network is cut and healed', async () => {
    const server = await startServer()
    const line = await startTcpLine(server.port)
    lines.push(line)
    const journal = await open(`nats://127.0.0.1:${line.port}`)
    const following = follow(journal, 20_000, () => undefined)
    const appending = appendAll(journal, 20_000, 100)
    for (const reached of [2_000, 8_000, 14_000]) {
      await until('acknowledgements', () => appending.acknowledged > reached)
      line.cut()
      await until('refusals', () => appending.refused > 0)
      line.heal()
    }
    await appending.done
    const offsets = await following
    const held = await readAll(journal)
    expect(new Set(numbersOf(held)).size).toBe(20_000)
    expect(offsets).toEqual(held.map((block) => block.offset).slice(0, offsets.length))
  })

  it('begins anew when the server comes back with an empty disk, and says so', async () => {
    const server = await startServer()
    const { log, lines: said } = listeningLog()
    const journal = await open(server.url, { log })
    const reader = await journal.read(0)
    for (const number of [0, 1, 2]) await journal.append([numbered(number)])
    for (let read = 0; read < 3; )
      read += numbersOf(await nextReached(reader, { maxRecords: 10, waitMs: 1_000 })).length
    await journal.commit('store', 3)
    await server.stop()
    await rm(server.dir, { recursive: true })
    await mkdir(server.dir)
    await server.start()
    await until('the next', () => appended(journal, numbered(3)))
    expect(numbersOf(await reader.next({ maxRecords: 10, waitMs: 30_000 }))).toEqual([3])
    expect(await journal.committed('store')).toBe(0)
    expect(said.join()).toContain('ends before')
  })

  it('is shared by processes: several append, another reads and commits', async () => {
    const server = await startServer()
    const [one, two, reader] = await Promise.all([open(server.url), open(server.url), open(server.url)])
    const following = follow(reader, 4_000, () => undefined)
    const halves = [numberedFrom(0, 2_000), numberedFrom(2_000, 4_000)]
    await Promise.all([one, two].flatMap((journal, index) => halves[index]?.map((record) => journal.append([record]))))
    await following
    await reader.commit('store', await reader.end())
    expect(await one.committed('store')).toBe(await two.end())
    await until('trimming', async () => (await one.stats()).blocks === 0)
  })

  it('leaves a damaged block out, says so, and gives all the others', async () => {
    const server = await startServer()
    const { log, lines: said } = listeningLog()
    const journal = await open(server.url, { log })
    await journal.append([numbered(0)])
    const other = await connect({ servers: server.url })
    await jetstream(other).publish('nhip.journal', 'this is no block')
    await other.close()
    await journal.append([numbered(1)])
    expect(numbersOf(await readAll(journal))).toEqual([0, 1])
    expect(said).toHaveLength(1)
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ offset: 2, msg: expect.stringContaining('damaged') })
  })

  it('keeps in order what is appended behind many bytes, for which it must ask whether there is room', async () => {
    const server = await startServer()
    const journal = await open(server.url)
    const sizes = [300_000, 300_000, 0, 300_000, 300_000, 300_000, 0, 0]
    const turns = [[0, 1], [2], [3, 4, 5], [6], [7]]
    const appending = []
    for (const numbers of turns) {
      appending.push(journal.append(numbers.map((number) => numbered(number, sizes[number]))))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(appending)
    expect(numbersOf(await readAll(journal))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('refuses a message larger than the server takes, and goes on with the others', async () => {
    const server = await startServer()
    const journal = await open(server.url)
    const appending = [
      journal.append([numbered(0)]),
      journal.append([numbered(1, 1_048_576)]),
      journal.append([numbered(2)]),
    ]
    const outcomes = await Promise.allSettled(appending)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(appending[1]).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('max_payload'),
    })
    expect(numbersOf(await readAll(journal))).toEqual([0, 2])
  })

  describe('opening', () => {
    it('says in one line which setting leads to no server', async () => {
      const port = await freePort()
      const failure = await failureOf(`nats://somebody:secret@127.0.0.1:${port}`)
      expect(failure).toBeInstanceOf(UnreachableError)
      expect(String(failure)).toContain(`NATS_URL: no NATS server answers at 127.0.0.1:${port}`)
      expect(String(failure)).not.toMatch(/\n|secret/)
    })

    it.each(['', 'localhost:4222', 'not a url', 'nats://'])('refuses "%s" as a URL', async (url) => {
      expect(await failureOf(url)).toBeInstanceOf(ConfigError)
    })

    it('says when the server runs without JetStream', async () => {
      const failure = await failureOf((await startServer({ jetstream: false })).url)
      expect(failure).toBeInstanceOf(ConfigError)
      expect(String(failure)).toMatch(/NATS_URL.*JetStream/)
    })

    it('says when the server has less room than JOURNAL_MAX_BYTES', async () => {
      const failure = await failureOf((await startServer()).url, { maxBytes: 1e15 })
      expect(failure).toBeInstanceOf(ConfigError)
      expect(String(failure)).toContain('JOURNAL_MAX_BYTES')
    })

    it('takes user and password, or a token, from the URL', async () => {
      const byUser = await startServer({ args: ['--user', 'nhip', '--pass', 'so/secret'] })
      await (await open(`nats://nhip:so%2Fsecret@127.0.0.1:${byUser.port}`)).append([numbered(0)])
      const byToken = await startServer({ args: ['--auth', 'a-token'] })
      await (await open(`nats://a-token@127.0.0.1:${byToken.port}`)).append([numbered(0)])
      for (const url of [byUser.url, `nats://nhip:wrong@127.0.0.1:${byUser.port}`, byToken.url]) {
        const failure = await failureOf(url)
        expect(failure).toBeInstanceOf(ConfigError)
        expect(String(failure)).not.toContain('wrong')
      }
    })

    it('reaches the server that is up when several are named', async () => {
      const server = await startServer()
      await (await open(`nats://127.0.0.1:${await freePort()}, ${server.url}`)).append([numbered(0)])
    })

    it('gives a stream that is there its own limits and keeps what it holds', async () => {
      const server = await startServer()
      const other = await connect({ servers: server.url })
      const manager = await jetstreamManager(other)
      await manager.streams.add({
        name: 'nhip-journal',
        subjects: ['nhip.journal'],
        discard: DiscardPolicy.Old,
        max_bytes: 10_000_000,
        max_age: 3_600_000_000_000,
        max_msgs: 3,
      })
      const journal = await open(server.url)
      for (const number of [0, 1, 2, 3, 4]) await journal.append([numbered(number)])
      expect(numbersOf(await readAll(journal))).toEqual([0, 1, 2, 3, 4])
      const { config } = await manager.streams.info('nhip-journal')
      expect(config).toMatchObject({ discard: 'new', max_age: 0, max_msgs: -1 })
      await other.close()
    })

    it('refuses a stream that is of another kind', async () => {
      const server = await startServer()
      const other = await connect({ servers: server.url })
      const manager = await jetstreamManager(other)
      await manager.streams.add({ name: 'nhip-journal', subjects: ['nhip.journal'], retention: 'workqueue' })
      await other.close()
      const failure = await failureOf(server.url)
      expect(failure).toBeInstanceOf(ConfigError)
      expect(String(failure)).toContain('nhip-journal')
    })
  })
})
