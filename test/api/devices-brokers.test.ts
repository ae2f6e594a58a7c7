import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { startBridge } from '#broker/bridge/bridge.ts'
import type { Journal } from '#journal/journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { diagnosisResponse } from '#telemetry/diagnostics.ts'
import { connectPacket, RawClient, testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { get, openTestStore, startTestApi, type TestStore, until } from './api-parts.ts'

/** Several brokers append to one journal; each api is connected to one of them. */
describe.skipIf(!natsInstalled() && !process.env.CI)('why a device is not here, with several brokers', () => {
  let nats: NatsServer
  let test: TestStore
  const closers: (() => Promise<unknown>)[] = []
  const later = <T extends { close(): Promise<unknown> }>(part: T): T => {
    closers.push(() => part.close())
    return part
  }
  const openJournal = async (): Promise<Journal> =>
    later(await openNatsJournal({ url: nats.url, consumers: ['store'], maxBytes: 268_435_456, log: silent }))
  const startBroker = async () => {
    const journal = await openJournal()
    return later(await startTestBroker({}, { through: () => journal }))
  }
  const startApi = async ({ mqttPort }: TestBroker) => {
    const mqtt = { url: `mqtt://127.0.0.1:${mqttPort}`, username: 'api', password: testPassword }
    return later(await startTestApi({ store: test.store, brokerPort: mqttPort, mqtt, clock: Date.now }))
  }
  const beRefused = async ({ mqttPort }: TestBroker, clientId: string) => {
    const client = new RawClient(mqttPort)
    client.send(connectPacket(clientId, { username: 'nobody-of-ours', password: Buffer.from('x') }))
    expect((await client.next('connack')).returnCode).toBe(4)
    client.destroy()
  }
  const diagnosis = async (api: Api, search = '') =>
    diagnosisResponse.parse(await (await get(api, `/api/v1/devices/diagnosis?search=${search}`)).json())
  const untilTold = (api: Api, client: string) =>
    until(`the refusal of ${client}`, async () =>
      (await diagnosis(api, client)).refusals.find((refusal) => refusal.client === client),
    )

  beforeEach(async () => {
    nats = await startNatsServer()
    test = await openTestStore()
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await test.close()
    await nats.close()
  })

  it('is told by all of them to each api, also to one that comes later', async () => {
    const [first, second] = [await startBroker(), await startBroker()]
    const api = await startApi(first)
    await beRefused(first, 'at-first')
    await beRefused(second, 'at-second')
    expect(await untilTold(api, 'at-first')).toMatchObject({ code: 'credentials', count: 1 })
    expect(await untilTold(api, 'at-second')).toMatchObject({ code: 'credentials', count: 1 })
    expect(await diagnosis(api)).toMatchObject({ brokers: 2, outside: [] })
    const later = await startApi(second)
    await untilTold(later, 'at-first')
    await untilTold(later, 'at-second')
    expect(await diagnosis(later)).toMatchObject({ brokers: 2, outside: [] })
  })

  it('counts a broker that has nothing to tell, and names the outside broker that nobody tells of', async () => {
    const broker = await startBroker()
    const api = await startApi(broker)
    await until('the broker to be counted', async () => (await diagnosis(api)).brokers === 1)
    const outside = later(await startTestBroker())
    const url = `mqtt://127.0.0.1:${outside.mqttPort}`
    const journal = await openJournal()
    const access = { username: 'admin', password: testPassword, clientId: 'nhip-bridge' }
    later(startBridge({ url, ...access, journal, registry: new Registry(), log: silent }))
    const named = [`127.0.0.1:${outside.mqttPort}`]
    await until('the outside broker to be named', async () => (await diagnosis(api)).outside.length > 0)
    expect(await diagnosis(api)).toMatchObject({ brokers: 1, outside: named })
    // an api that comes later hears of it as well
    const newcomer = await startApi(broker)
    await until('it to be named there', async () => (await diagnosis(newcomer)).outside.length > 0)
  })

  it('says that no broker tells anything where there is none of ours', async () => {
    const api = later(await startTestApi({ store: test.store, brokerPort: 1, clock: Date.now }))
    expect(await diagnosis(api)).toMatchObject({ brokers: 0, outside: [], refusals: [] })
  })
})
