import { mkdir, rm } from 'node:fs/promises'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalBlock, SharedConsumer, SharedJournal } from '#journal/journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { startTcpLine, type TcpLine } from '../real/tcp-line.ts'
import { nextReached, numbered, numberedFrom, numberOf, numbersOf, silent, until } from './journal-parts.ts'

/** ms, shorter than by default: tests wait until it is over */
const ackWaitMs = 3_000

/** Several processes that take blocks for one consumer; each has a connection of its own. */
describe.skipIf(!natsInstalled() && !process.env.CI)('a journal on NATS that processes share', () => {
  let server: NatsServer
  let journals: Journal[] = []
  let line: TcpLine | undefined

  beforeEach(async () => {
    server = await startNatsServer()
    journals = []
  })
  afterEach(async () => {
    await Promise.all(journals.map((journal) => journal.close()))
    await line?.close()
    line = undefined
    await server.close()
  })

  async function open(url = server.url): Promise<Journal & { share: SharedJournal }> {
    const journal = await openNatsJournal({ url, consumers: ['store'], maxBytes: 268_435_456, log: silent, ackWaitMs })
    journals.push(journal)
    const { share } = journal
    if (!share) throw new Error('it is not shared')
    return Object.assign(journal, { share })
  }

  const appendEach = async (journal: Journal, from: number, to: number) => {
    for (const record of numberedFrom(from, to)) await journal.append([record])
  }

  /** Takes until `enough`; each block is done as it is taken. */
  async function work(consumer: SharedConsumer, numbers: number[], enough: () => boolean): Promise<void> {
    while (!enough()) {
      const blocks = await nextReached(consumer, { maxRecords: 20, waitMs: 200 })
      numbers.push(...numbersOf(blocks))
      await consumer.acknowledge(blocks)
    }
  }

  async function consumerInfo() {
    const link = await connect({ servers: server.url })
    try {
      const manager = await jetstream(link).jetstreamManager()
      return await manager.consumers.info('nhip-journal', 'store').catch(() => undefined)
    } finally {
      await link.close()
    }
  }

  async function consumeOne(consumer: SharedConsumer): Promise<JournalBlock[]> {
    return until('a block', async () => {
      const blocks = await nextReached(consumer, { maxRecords: 1, waitMs: 1_000 })
      return blocks.length > 0 && blocks
    })
  }

  it('gives each block to one of them, and trims what all of them have done', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    const [first, second] = [await one.share.consume('store'), await two.share.consume('store')]
    const [mine, yours]: [number[], number[]] = [[], []]
    const enough = () => mine.length + yours.length >= 500
    await Promise.all([appendEach(writer, 0, 500), work(first, mine, enough), work(second, yours, enough)])
    expect([...mine, ...yours].sort((a, b) => a - b)).toEqual(numberedFrom(0, 500).map(numberOf))
    expect(mine.length).toBeGreaterThan(0)
    expect(yours.length).toBeGreaterThan(0)
    const end = await writer.end()
    await until('the offset', async () => (await writer.committed('store')) === end)
    await until('trimming', async () => (await writer.stats()).blocks === 0)
  })

  it('gives what a killed process had in hand before all that came since, when nobody else takes', async () => {
    const first = await open()
    await (await first.share.consume('store')).close()
    await until('the consumer', async () => (await consumerInfo()) !== undefined)
    await appendEach(first, 0, 4)
    // takes as a process does, and is gone without a word
    const killed = await connect({ servers: server.url })
    const consumer = await jetstream(killed).consumers.get('nhip-journal', 'store')
    for await (const message of await consumer.fetch({ max_messages: 2, expires: 5_000 })) message.working()
    await killed.close()
    await appendEach(first, 4, 8)
    const next = await (await open()).share.consume('store')
    const numbers: number[] = []
    await work(next, numbers, () => numbers.length >= 8)
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('keeps what one of them has not done, although others have done all behind it', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    await appendEach(writer, 0, 3)
    const first = await one.share.consume('store')
    await consumeOne(first) // and holds on to it
    await until('the first block', async () => (await writer.stats()).blocks === 3)
    const second = await two.share.consume('store')
    await appendEach(writer, 3, 60)
    const numbers: number[] = []
    await work(second, numbers, () => numbers.includes(59) || numbers.length > 20)
    expect(await writer.committed('store')).toBe(0)
    expect(numbers).not.toContain(0)
  })

  it('lets a process hold blocks for as long as it lives', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    await appendEach(writer, 0, 1)
    const first = await one.share.consume('store')
    const held = await consumeOne(first)
    const second = await two.share.consume('store')
    // longer than a process that gives no sign of life is waited for
    for (const deadline = Date.now() + 1.5 * ackWaitMs; Date.now() < deadline; )
      expect(await second.next({ maxRecords: 10, waitMs: 500 })).toEqual([])
    await first.acknowledge(held)
    await until('the offset', async () => (await writer.committed('store')) === 1)
  })

  it('gives to another what a process had in hand when it was cut off', async () => {
    line = await startTcpLine(server.port)
    const [writer, far, near] = [await open(), await open(`nats://127.0.0.1:${line.port}`), await open()]
    await appendEach(writer, 0, 20)
    const first = await far.share.consume('store')
    await consumeOne(first)
    line.cut()
    const second = await near.share.consume('store')
    const numbers: number[] = []
    await work(second, numbers, () => new Set(numbers).size === 20)
    expect(numbers.sort((a, b) => a - b)).toEqual(numberedFrom(0, 20).map(numberOf))
  })

  it('gives what is released, or left at the close, again', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    await appendEach(writer, 0, 2)
    const first = await one.share.consume('store')
    const held = await consumeOne(first)
    first.release(held)
    // both are in hand again
    await consumeOne(first)
    await consumeOne(first)
    await first.close()
    const second = await two.share.consume('store')
    const numbers: number[] = []
    await work(second, numbers, () => numbers.length === 2)
    expect(numbers.sort()).toEqual([0, 1])
  })

  it('gives a block whose acknowledgement is lost not again, for newer ones were stored since', async () => {
    // of the first block, whenever it is the first time that it is given
    const lost = /PUB \$JS\.ACK\.nhip-journal\.store\.1\.1\.\S+( \S+)? 4\r\n\+ACK\r\n/g
    let count = 0
    const sent = (bytes: Buffer) => {
      const text = bytes.toString('latin1').replace(lost, () => {
        count += 1
        return ''
      })
      return Buffer.from(text, 'latin1')
    }
    line = await startTcpLine(server.port, { sent })
    const [writer, other] = [await open(), await open(`nats://127.0.0.1:${line.port}`)]
    const consumer = await other.share.consume('store')
    const numbers: number[] = []
    await appendEach(writer, 0, 1)
    await work(consumer, numbers, () => numbers.length === 1)
    await appendEach(writer, 1, 2)
    const isDone = () => until('the offset', async () => (await writer.committed('store')) === 2)
    let over = false
    await Promise.all([
      work(consumer, numbers, () => over),
      isDone().finally(() => {
        over = true
      }),
    ])
    expect(count).toBeGreaterThan(0)
    expect(numbers).toEqual([0, 1])
  })

  it('gives what is released again before all that is newer', async () => {
    const [writer, other] = [await open(), await open()]
    await appendEach(writer, 0, 40)
    const consumer = await other.share.consume('store')
    for (const _ of [1, 2]) {
      const held = await consumeOne(consumer)
      expect(numbersOf(held)).toEqual([0])
      consumer.release(held)
    }
    const numbers: number[] = []
    await work(consumer, numbers, () => numbers.length >= 40)
    expect(numbers).toEqual(numberedFrom(0, 40).map(numberOf))
  })

  it('gives what was lost on the way with the connection before all that is newer', async () => {
    let deaf = false
    line = await startTcpLine(server.port, { received: (bytes) => (deaf ? Buffer.alloc(0) : bytes) })
    const [writer, other] = [await open(), await open(`nats://127.0.0.1:${line.port}`)]
    const consumer = await other.share.consume('store')
    await until('the consumer', async () => ((await consumerInfo())?.num_waiting ?? 0) > 0)
    deaf = true
    await appendEach(writer, 0, 2)
    await until('blocks on the way', async () => (await consumerInfo())?.num_ack_pending === 2)
    line.cut()
    await appendEach(writer, 2, 4)
    deaf = false
    line.heal()
    const numbers: number[] = []
    await work(consumer, numbers, () => numbers.length >= 4)
    expect(numbers).toEqual([0, 1, 2, 3])
  })

  it('says while it cannot be reached, and goes on by itself', async () => {
    const journal = await open()
    const [consumer, subscription] = [await journal.share.consume('store'), await journal.share.subscribe()]
    await appendEach(journal, 0, 1)
    await consumeOne(consumer)
    await server.stop()
    for (const reader of [consumer, subscription])
      await expect
        .poll(
          () =>
            reader.next({ maxRecords: 10, waitMs: 50 }).then(
              () => 'nothing',
              (error) => `${error}`,
            ),
          { timeout: 10_000 },
        )
        .toContain('NATS_URL')
    await server.start()
    for (const reader of [consumer, subscription])
      await until('the server', () =>
        reader.next({ maxRecords: 10, waitMs: 50 }).then(
          () => true,
          () => false,
        ),
      )
  })

  it('begins behind what was committed before it was shared', async () => {
    const [writer, other] = [await open(), await open()]
    await appendEach(writer, 0, 5)
    await writer.commit('store', 3)
    const consumer = await other.share.consume('store')
    const numbers: number[] = []
    await work(consumer, numbers, () => numbers.length === 2)
    expect(numbers).toEqual([3, 4])
  })

  it('leaves a damaged block out for good', async () => {
    const [writer, other] = [await open(), await open()]
    const link = await connect({ servers: server.url })
    await jetstream(link).publish('nhip.journal', 'this is no block')
    await link.close()
    await writer.append([numbered(1)])
    const consumer = await other.share.consume('store')
    const numbers: number[] = []
    await work(consumer, numbers, () => numbers.length === 1)
    await until('the offset', async () => (await writer.committed('store')) === 2)
  })

  it('misses nothing when the server is killed in the middle of a burst and started again', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    const consumers = [await one.share.consume('store'), await two.share.consume('store')]
    const done: number[] = []
    let over = false
    const enough = () => over
    const working = Promise.all(consumers.map((consumer) => work(consumer, done, enough)))
    const append = async (record: ReturnType<typeof numbered>) => {
      for (;;) {
        try {
          return await writer.append([record])
        } catch (error) {
          expect(error).toMatchObject({ retryable: true })
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    }
    const appending = (async () => {
      for (const record of numberedFrom(0, 3_000)) await append(record)
    })()
    for (const reached of [500, 1_500]) {
      await until('work', () => done.length > reached)
      await server.stop('SIGKILL')
      await server.start()
    }
    await appending
    // a block comes once more to the other one when its acknowledgement got lost with the server
    const allDone = async () => (await writer.committed('store')) === (await writer.end())
    await until('the offset', () => allDone().catch(() => false)) // the server may not be back yet
    over = true
    await working
    expect(new Set(done).size).toBe(3_000)
  })

  it('begins anew when the server comes back with an empty disk', async () => {
    const [writer, other] = [await open(), await open()]
    const consumer = await other.share.consume('store')
    await appendEach(writer, 0, 3)
    const numbers: number[] = []
    await work(consumer, numbers, () => numbers.length === 3)
    await server.stop()
    await rm(server.dir, { recursive: true })
    await mkdir(server.dir)
    await server.start()
    await until('the next', () =>
      writer.append([numbered(3)]).then(
        () => true,
        () => false,
      ),
    )
    await work(consumer, numbers, () => numbers.includes(3))
  })

  it('shows each new block to one of those who follow, and none that is old', async () => {
    const [writer, one, two] = [await open(), await open(), await open()]
    await appendEach(writer, 0, 3)
    const readers = [await one.share.subscribe(), await two.share.subscribe()]
    const seen: number[] = []
    const follow = async (reader: (typeof readers)[number]) => {
      while (!seen.includes(102)) seen.push(...numbersOf(await reader.next({ maxRecords: 10, waitMs: 200 })))
    }
    const following = Promise.all(readers.map(follow))
    // what comes before anybody follows is for no one: until the first is seen
    await until('a subscription', async () => {
      await writer.append([numbered(9)])
      return seen.length > 0
    })
    await appendEach(writer, 100, 103)
    await following
    expect(seen.filter((number) => number >= 100).sort()).toEqual([100, 101, 102])
    expect(seen).not.toContain(0)
  })
})
