import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bridge, startBridge } from '#broker/bridge/bridge.ts'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { numbersOf, readRecords, silent, until } from '../journal/journal-parts.ts'
import { blockedJournal } from './blocked-journal.ts'

const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'

/** Against Aedes, which tells what is acknowledged to it. */
describe('the bridge to an outside broker', () => {
  let folder: string
  let broker: Aedes
  let port: number
  let connections = 0
  let acknowledged = 0
  let journal: Journal
  let bridge: Bridge | undefined
  let open = () => {}
  let closers: (() => unknown)[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-bridge-'))
    journal = await openLocalJournal({
      path: join(folder, 'journal'),
      consumers: ['store'],
      maxBytes: 1e8,
      log: silent,
    })
    broker = await Aedes.createBroker()
    acknowledged = 0
    connections = 0
    broker.on('ack', () => {
      acknowledged += 1
    })
    const server = createServer((socket) => {
      connections += 1
      broker.handle(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address() as AddressInfo // a TCP server that listens has one
    port = address.port
    closers = [() => broker.close(), () => server.close()]
  })
  afterEach(async () => {
    open()
    await bridge?.close()
    await journal.close()
    for (const close of closers) close()
    await rm(folder, { recursive: true })
  })

  /** Starts the bridge before a journal that takes nothing until `open` is called. */
  const start = async (options: { keepaliveS?: number; maxHeldBytes?: number } = {}) => {
    const blocked = blockedJournal(journal)
    open = blocked.unblock
    const url = `mqtt://127.0.0.1:${port}`
    bridge = startBridge({
      url,
      clientId: 'nhip-bridge',
      journal: blocked.journal,
      registry: new Registry(),
      log: silent,
      ...options,
    })
    await once(broker, 'subscribe')
  }
  const publish = async (count: number, qos: 0 | 1 = 1) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 })
    for (let number = 0; number < count; number++)
      await client.publishAsync(topic, `${number} `.padEnd(100, '.'), { qos })
    await client.endAsync()
  }
  const journaled = async (count: number) => {
    const blocks = await readRecords(await journal.read(0), count)
    return numbersOf(blocks)
  }

  it('acknowledges what the journal has, and nothing before', async () => {
    await start()
    await publish(20)
    expect(acknowledged).toBe(0)
    expect(await journal.end()).toBe(0)
    open()
    await until('20 acknowledgements', () => acknowledged === 20)
    expect(await journaled(20)).toEqual(Array.from({ length: 20 }, (_, number) => number))
  })

  it('takes readings of QoS 0 the same way', async () => {
    await start()
    await publish(5, 0)
    open()
    expect(await journaled(5)).toEqual([0, 1, 2, 3, 4])
    expect(acknowledged).toBe(0)
  })

  it('stays connected while the journal holds it up for longer than the keep-alive', async () => {
    await start({ keepaliveS: 1 })
    await publish(20)
    let pings = 0
    broker.on('ping', () => {
      pings += 1
    })
    await until('four signs of life', () => pings >= 4)
    expect(acknowledged).toBe(0)
    open()
    await until('20 acknowledgements', () => acknowledged === 20)
    expect(connections).toBe(2) // the bridge's and the publisher's
  })

  it('reads no further than its bound, and goes on when there is room', async () => {
    await start({ maxHeldBytes: 1_000 })
    await publish(50)
    open()
    await until('50 acknowledgements', () => acknowledged === 50)
    expect(await journaled(50)).toEqual(Array.from({ length: 50 }, (_, number) => number))
  })
})
