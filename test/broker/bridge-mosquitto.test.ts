import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, connectAsync } from 'mqtt'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bridge, type BridgeOptions, startBridge } from '#broker/bridge/bridge.ts'
import { type Journal, storeConsumer } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { listeningLog, numbersOf, readAll, readRecords, silent, until } from '../journal/journal-parts.ts'
import {
  type Mosquitto,
  type MosquittoOptions,
  mosquittoInstalled,
  mosquittoPassword,
  startMosquitto,
} from '../real/mosquitto.ts'
import { startTcpLine } from '../real/tcp-line.ts'
import { blockedJournal } from './blocked-journal.ts'

const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)

describe.skipIf(!mosquittoInstalled() && !process.env.CI)('the bridge to mosquitto', () => {
  let folder: string
  let mosquitto: Mosquitto
  let journal: Journal
  let registry: Registry
  let closers: (() => Promise<unknown>)[]

  const begin = async (options: { mosquitto?: MosquittoOptions; maxBytes?: number } = {}) => {
    mosquitto = await startMosquitto(options.mosquitto)
    journal = await openLocalJournal({
      ...{ path: join(folder, 'journal'), consumers: [storeConsumer], maxBytes: options.maxBytes ?? 1e8, log: silent },
    })
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-bridge-'))
    closers = []
  })
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
    await journal.close()
    await mosquitto.close()
    await rm(folder, { recursive: true })
  })

  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value
  const connected = () => until('the bridge is there', async () => (await metric('nhip_bridge_connected')) === 1)
  const launch = (options: Partial<BridgeOptions> = {}): Bridge => {
    registry = new Registry()
    const bridge = startBridge({
      ...{ url: mosquitto.url, clientId: 'nhip-bridge', journal, registry, log: silent },
      ...options,
    })
    closers.push(() => bridge.close())
    return bridge
  }
  const start = async (options: Partial<BridgeOptions> = {}) => {
    const bridge = launch(options)
    await connected()
    return bridge
  }
  /** Publishes these numbers and resolves when mosquitto has acknowledged all. */
  const publish = async (numbers: readonly number[], options: { retain?: boolean } = {}) => {
    const client = await connectAsync(mosquitto.url, { protocolVersion: 4 })
    const payload = (number: number) => `${number} `.padEnd(100, '.')
    await Promise.all(
      numbers.map((number) => client.publishAsync(topic, payload(number), { qos: 1, retain: options.retain ?? false })),
    )
    await client.endAsync()
  }
  /** Waits until the journal holds each of the first numbers, once or more. */
  const expectJournaled = async (count: number) => {
    let found = new Set<number>()
    await until(`${count} numbers in the journal`, async () => {
      found = new Set(numbersOf(await readAll(journal)))
      return found.size >= count
    }).catch(() => {}) // the comparison says which are missing
    expect([...found].sort((a, b) => a - b)).toEqual(upTo(count))
  }

  it('brings everything that mosquitto acknowledged into the journal', async () => {
    await begin()
    await start()
    await publish(upTo(3_000))
    await expectJournaled(3_000)
    await until('3,000 acknowledgements', async () => (await metric('nhip_bridge_acknowledged_total')) === 3_000)
  })

  it('leaves with mosquitto what the journal has not taken', async () => {
    await begin()
    const blocked = blockedJournal(journal)
    const first = await start({ journal: blocked.journal })
    await publish(upTo(50))
    await until('all are held', async () => (await metric('nhip_bridge_held_messages')) === 50)
    await first.close()
    expect(await metric('nhip_bridge_acknowledged_total')).toBe(0)
    expect(await journal.end()).toBe(0)
    await start()
    await expectJournaled(50)
  })

  it('misses nothing that was published while it was away', async () => {
    await begin()
    const first = await start()
    await publish(upTo(10))
    await first.close()
    await publish(upTo(2_000).slice(10))
    await start()
    await expectJournaled(2_000)
  })

  it('misses nothing when the connection is cut in the middle of a burst', async () => {
    await begin()
    const line = await startTcpLine(mosquitto.port)
    closers.push(() => line.close())
    await start({ url: `mqtt://127.0.0.1:${line.port}` })
    const published = publish(upTo(5_000))
    for (let cut = 1; cut <= 3; cut++) {
      const before = Number(await metric('nhip_bridge_journaled_total'))
      await until('more in the journal', async () => Number(await metric('nhip_bridge_journaled_total')) > before)
      line.cut()
      await until('the loss is noticed', async () => (await metric('nhip_bridge_connected')) === 0)
      line.heal()
      await connected()
      // the burst may be through already: something for the next cut to wait for
      await publish([cut])
    }
    await published
    await expectJournaled(5_000)
  })

  it('misses nothing that mosquitto had on disk when it was killed', async () => {
    await begin()
    const first = await start()
    await first.close()
    await publish(upTo(200))
    // mosquitto acknowledges before it saves: only what is in this file does it still know
    await until('mosquitto has saved the last one', async () => {
      const saved = await readFile(join(mosquitto.folder, 'mosquitto.db'), 'latin1').catch(() => '')
      return upTo(200).every((number) => saved.includes(`${`${number} `.padEnd(100, '.')}`))
    })
    await mosquitto.stop('SIGKILL')
    launch()
    await mosquitto.start()
    await connected()
    await expectJournaled(200)
  })

  it('says so when mosquitto has forgotten its session', async () => {
    await begin()
    const { log, lines } = listeningLog()
    await start({ log })
    await mosquitto.stop('SIGKILL')
    await until('the loss is noticed', async () => (await metric('nhip_bridge_connected')) === 0)
    await rm(join(mosquitto.folder, 'mosquitto.db'), { force: true })
    await mosquitto.start()
    await connected()
    expect(lines.join('')).toMatch(/has forgotten the session/)
    await publish(upTo(10))
    await expectJournaled(10)
  })

  it('waits while the journal is full, and goes on when there is room', async () => {
    await begin({ maxBytes: 20_000 })
    await start()
    await publish(upTo(2_000))
    await until('the journal is full', async () => Number(await metric('nhip_bridge_journal_retries_total')) > 0)
    const found: number[] = []
    const reader = await journal.read(0)
    for (let left = new Set(upTo(2_000)); left.size > 0; ) {
      const blocks = await readRecords(reader, 1)
      for (const number of numbersOf(blocks)) left.delete(number)
      found.push(...numbersOf(blocks))
      await journal.commit(storeConsumer, blocks.at(-1)?.offset ?? 0)
    }
    expect(new Set(found)).toEqual(new Set(upTo(2_000)))
    await until('all acknowledged', async () => (await metric('nhip_bridge_acknowledged_total')) === 2_000)
  })

  it('puts a retained reading in the journal too', async () => {
    await begin()
    await publish([0], { retain: true })
    await start()
    await expectJournaled(1)
  })

  it('shares a subscription with another bridge: each message goes to one of them', async () => {
    await begin()
    await start({ clientId: 'nhip-bridge-1', shareGroup: 'nhip' })
    await start({ clientId: 'nhip-bridge-2', shareGroup: 'nhip' })
    await publish(upTo(200))
    const numbers = numbersOf(await readRecords(await journal.read(0), 200))
    expect(numbers.sort((a, b) => a - b)).toEqual(upTo(200))
    expect(await metric('nhip_bridge_journaled_total')).toBeLessThan(200)
  })

  it('names the settings when its password is refused, and keeps trying until it is let in', async () => {
    const passwords = mosquittoPassword('bridge', 'another one')
    const lines = ['allow_anonymous false', 'password_file {folder}/passwords']
    await begin({ mosquitto: { lines, files: { passwords } } })
    const heard = listeningLog()
    launch({ log: heard.log, username: 'bridge', password: 'of the bridge' })
    await until('the password is refused', () => /BRIDGE_USERNAME, BRIDGE_PASSWORD/.test(heard.lines.join('')))
    await writeFile(join(mosquitto.folder, 'passwords'), mosquittoPassword('bridge', 'of the bridge'))
    mosquitto.reload()
    await connected()
    expect(heard.lines.join('')).not.toContain('of the bridge"')
  })

  it('connects when mosquitto starts after it', async () => {
    await begin()
    await mosquitto.stop()
    launch()
    await mosquitto.start()
    await connected()
    const publisher = connect(mosquitto.url, { protocolVersion: 4 })
    closers.push(() => publisher.endAsync(true))
    await publisher.publishAsync(topic, '0 ', { qos: 1 })
    await expectJournaled(1)
  })
})
