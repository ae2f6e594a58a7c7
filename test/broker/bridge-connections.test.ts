import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bridge, type BridgeOptions, startBridge } from '#broker/bridge/bridge.ts'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { listeningLog, numberOf, numbersOf, readAll, readRecords, silent, until } from '../journal/journal-parts.ts'
import { type BlockedJournal, blockedJournal } from './blocked-journal.ts'
import { type ScriptedBroker, startScriptedBroker } from './scripted-broker.ts'

const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index)

/** What the bridge makes of its connections, against a broker that does what the test says. */
describe('the bridge, whatever becomes of its connection,', () => {
  let folder: string
  let broker: ScriptedBroker
  let journal: Journal
  let blocked: BlockedJournal
  let registry: Registry
  let bridge: Bridge | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-bridge-'))
    journal = await openLocalJournal({
      ...{ path: join(folder, 'journal'), consumers: ['store'], maxBytes: 1e8, log: silent },
    })
    broker = await startScriptedBroker(topic)
  })
  afterEach(async () => {
    blocked.unblock()
    await bridge?.close()
    await journal.close()
    broker.close()
    await rm(folder, { recursive: true })
  })

  const start = (options: Partial<BridgeOptions> = {}, refuses?: Parameters<typeof blockedJournal>[1]) => {
    blocked = blockedJournal(journal, refuses)
    registry = new Registry()
    bridge = startBridge({
      ...{ url: broker.url, clientId: 'nhip-bridge', journal: blocked.journal, registry, log: silent },
      ...options,
    })
  }
  const connection = (number: number) => until(`connection ${number}`, () => broker.connections[number - 1])
  const metric = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value

  it('never acknowledges on a new connection what came on an old one', async () => {
    start()
    const first = await connection(1)
    first.send(from(1, 100))
    await until('something held', () => blocked.offered > 0)
    first.cut()
    const second = await connection(2)
    second.send(from(201, 3))
    blocked.unblock()
    await until('acknowledgements', () => second.acknowledged.length >= 3)
    expect(second.acknowledged).toEqual([201, 202, 203])
    expect(first.acknowledged).toEqual([])
    expect(numbersOf(await readRecords(await journal.read(0), 103))).toEqual([...from(1, 100), 201, 202, 203])
  })

  it('acknowledges nothing that waited within MQTT.js for room when its connection was lost', async () => {
    start({ maxHeldBytes: 500 })
    const first = await connection(1)
    first.send(from(1, 100))
    await until('something held', () => blocked.offered > 0)
    first.cut()
    await until('the loss is noticed', async () => (await metric('nhip_bridge_connected')) === 0)
    blocked.unblock()
    const second = await connection(2)
    second.send(from(201, 3))
    await until('acknowledgements', () => second.acknowledged.length >= 3)
    expect(second.acknowledged).toEqual([201, 202, 203])
  })

  it('holds no more than its bound while the journal takes nothing, however often the connection is lost', async () => {
    start({ maxHeldMessages: 10 })
    const first = await connection(1)
    first.send(from(1, 50))
    await until('its bound', async () => (await metric('nhip_bridge_held_messages')) === 10)
    first.cut()
    await until('the loss is noticed', async () => (await metric('nhip_bridge_connected')) === 0)
    expect(await metric('nhip_bridge_held_messages')).toBe(10)
    blocked.unblock()
    const second = await connection(2)
    second.send(from(1, 50))
    await until('50 acknowledgements', () => second.acknowledged.length === 50)
    const journaled = numbersOf(await readAll(journal))
    expect(journaled).toHaveLength(60)
    expect(new Set(journaled)).toEqual(new Set(from(1, 50)))
    expect(await metric('nhip_bridge_held_messages')).toBe(0)
  })

  it('lets one message that the journal will never take hold up no other', async () => {
    const huge = 17
    start({}, (records) =>
      records.some((record) => numberOf(record) === huge) ? new ConfigError('too large') : undefined,
    )
    const only = await connection(1)
    only.send(from(1, 40))
    blocked.unblock()
    await until('39 acknowledgements', () => only.acknowledged.length === 39)
    expect(only.acknowledged).not.toContain(huge)
    expect(await metric('nhip_bridge_refused_total')).toBe(1)
    expect(numbersOf(await readRecords(await journal.read(0), 39))).not.toContain(huge)
  })

  it('says that its subscription is refused, and asks again until it is granted', async () => {
    broker.granted = 128
    const { log, lines } = listeningLog()
    start({ log })
    await until('a refusal in the log', () => /refuses the subscription/.test(lines.join('')))
    expect(await metric('nhip_bridge_connected')).toBe(0)
    broker.granted = 1
    await until('the bridge is there', async () => (await metric('nhip_bridge_connected')) === 1)
  })

  it('closes in good time though the journal never answers', async () => {
    start()
    const only = await connection(1)
    only.send(from(1, 5))
    await until('something held', () => blocked.offered > 0)
    await bridge?.close()
    expect(only.acknowledged).toEqual([])
  })
})
