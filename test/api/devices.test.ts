import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret, newSecret } from '#broker/auth/secret.ts'
import { type BrokerRefusal, type DiagnosisResponse, diagnosisResponse } from '#telemetry/diagnostics.ts'
import { refusalsTopic } from '#telemetry/topics.ts'
import { City } from '../alerts/alerts-parts.ts'
import { connectPacket, RawClient, testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { airReading, get, openTestStore, startTestApi, type TestStore, until } from './api-parts.ts'

const own = (channel: string) => `city/v1/tay-ninh/traffic/counter-1/${channel}`

describe('why a device is not here', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api
  let secret: string
  const clients: MqttClient[] = []
  const startApi = () => {
    const access = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    return startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt: access, clock: Date.now })
  }
  const connect = async (username: string, password: string, more: IClientOptions = {}) => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, {
      ...{ username, password, protocolVersion: 4, reconnectPeriod: 0, ...more },
    })
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  const codeOf = async (clientId: string, username: string, password: string, will?: { topic: string }) => {
    const packet = connectPacket(clientId, {
      ...{ username, password: Buffer.from(password) },
      ...(will && { will: { ...will, payload: Buffer.from('offline'), qos: 1, retain: true } }),
    })
    const client = new RawClient(broker.mqttPort).send(packet)
    const { returnCode } = await client.next('connack')
    client.destroy()
    return returnCode
  }
  const diagnosis = async (search = ''): Promise<DiagnosisResponse> =>
    diagnosisResponse.parse(
      await (await get(api, `/api/v1/devices/diagnosis?search=${encodeURIComponent(search)}`)).json(),
    )
  const untilRefused = (search: string, isIt: (refusal: BrokerRefusal) => boolean) =>
    until(`the refusal of ${search}`, async () => (await diagnosis(search)).refusals.find(isIt))

  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    secret = newSecret()
    const hash = await hashSecret(secret)
    const createdAt = '2026-11-25T00:00:00.000Z'
    await changeCredentials(broker.credentialsPath, (credentials) => {
      credentials.set('counter-1', { role: 'sensor', district: 'tay-ninh', kind: 'traffic', hash, createdAt })
    })
    await until('the broker to know it', async () => (await broker.metric('nhip_broker_credentials')) > 0)
    api = await startApi()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true)
    await api.close()
    await broker.close()
    await test.close()
  })

  it('tells refused sign-ins, and of what may be a password no more than its beginning', async () => {
    expect(await codeOf('esp-1', 'counter-1', 'wrong')).toBe(4)
    expect(await codeOf('esp-2', 'mistaken-secret', 'x')).toBe(4)
    expect(await codeOf('esp-3', 'S3cret of somebody', 'x')).toBe(4)
    const known = await untilRefused('counter-1', ({ code }) => code === 'credentials')
    expect(known).toMatchObject({ client: 'esp-1', user: 'counter-1', isKnown: true, address: '127.0.0.1', count: 1 })
    const typed = await untilRefused('esp-2', () => true)
    expect(typed).toMatchObject({ user: 'mistake…', isKnown: false })
    expect(await untilRefused('esp-3', () => true)).toMatchObject({ user: '…', isKnown: false })
    const told = JSON.stringify(await diagnosis()) + broker.log
    for (const hidden of ['mistaken-secret', 'S3cret', 'wrong"']) expect(told).not.toContain(hidden)
  })

  it('tells forbidden topics with client id, user name and the nearest right one, in the log too', async () => {
    const client = await connect('counter-1', secret, { clientId: 'esp-7' })
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.publish('city/v1/tay-ninh/traffic/counter-1/readings', '{}', { qos: 1 }, () => {})
    await gone
    const other = await connect('counter-1', secret, { clientId: 'esp-7' })
    const granted = await other.subscribeAsync('city/v1/+/traffic/counter-1/cmd').catch(() => [])
    expect(granted.every(({ qos }) => qos > 2)).toBe(true)
    expect(await codeOf('esp-7', 'counter-1', secret, { topic: 'city/v1/tay-ninh/traffic/counter-2/status' })).toBe(5)
    expect(await untilRefused('esp-7', ({ code }) => code === 'publish')).toMatchObject({
      ...{ user: 'counter-1', topic: 'city/v1/tay-ninh/traffic/counter-1/readings', nearest: own('reading') },
    })
    expect(await untilRefused('counter-1', ({ code }) => code === 'subscribe')).toMatchObject({ nearest: own('cmd') })
    expect(await untilRefused('counter-2', ({ code }) => code === 'will')).toMatchObject({ nearest: own('status') })
    const line = broker.log.split('\n').find((text) => text.includes('no right to publish there'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({ client: 'esp-7', username: 'counter-1', nearest: own('reading') })
  })

  it('is told to an api that starts later', async () => {
    expect(await codeOf('esp-1', 'counter-1', 'wrong')).toBe(4)
    await untilRefused('esp-1', () => true)
    await api.close()
    api = await startApi()
    await untilRefused('esp-1', ({ count }) => count === 1)
  })

  it('tells refused messages of its topics, when a sensor was last seen, and its wrong clock', async () => {
    const topic = 'city/v1/tay-ninh/air-quality/aq-1/meta'
    const reason = 'position: is 11.3, 106.1, must be longitude, then latitude'
    const more = ['period: is "60", must be a number']
    const body = { ts: Date.now(), topic, code: 'PLACE', reason, more, payload: '{}', payloadBytes: 2, count: 1 }
    await test.store.appendEvents([{ stream: 'quarantine', id: 'one', ts: body.ts, body }])
    const city = await City.connect(broker.mqttPort)
    const ahead = 7 * 3_600_000
    await city.measure([
      airReading('aq-1', Date.now(), 20),
      { ...airReading('aq-2', Date.now() + ahead, 20), aheadMs: ahead },
    ])
    await city.close()
    const [one] = await until('aq-1', async () => {
      const { sensors } = await diagnosis('aq-1')
      return sensors.length > 0 && sensors
    })
    expect(one).toMatchObject({ id: 'aq-1', hasMeta: false })
    expect(Date.now() - (one?.lastSeenAt ?? 0)).toBeLessThan(60_000)
    const { messages, sensors } = await diagnosis()
    expect(messages).toEqual([{ ts: body.ts, topic, code: 'PLACE', reason, more, count: 1 }])
    expect(sensors.map(({ id, clock }) => [id, clock?.offMs])).toEqual([['aq-2', ahead]])
    // it has no newest reading, and was seen all the same
    expect(Date.now() - (sensors[0]?.lastSeenAt ?? 0)).toBeLessThan(60_000)
    expect((await diagnosis('no such device')).messages).toEqual([])
  })

  it('finds a refused message behind however many newer ones of others, and says when there are more', async () => {
    const now = Date.now()
    const refused = (id: string, ts: number, topic: string) => {
      const body = { ts, topic, payload: '{', payloadBytes: 1, code: 'NOT_JSON', reason: 'is not JSON', count: 1 }
      return { stream: 'quarantine' as const, id, ts, body }
    }
    const topic = 'city/v1/tay-ninh/air-quality/AQ-9/reading'
    await test.store.appendEvents([
      refused('wanted', now - 20 * 60_000, topic),
      ...Array.from({ length: 2_250 }, (_, i) => refused(`flood-${i}`, now - i * 400, own('reading'))),
    ])
    const found = await diagnosis('aq-9')
    expect(found.messages.map((message) => message.topic)).toEqual([topic])
    expect(found.truncated).toBe(false)
    // the older ones of so many are not looked through
    expect((await diagnosis('counter-1')).truncated).toBe(true)
    expect((await diagnosis()).truncated).toBe(true)
  })

  it('is published by the broker alone, and heard by nobody but api and admin', async () => {
    for (const username of ['ingest', 'alerts', 'simulators', 'counter-1']) {
      const client = await connect(username, username === 'counter-1' ? secret : testPassword)
      const granted = await client.subscribeAsync(refusalsTopic).catch(() => [])
      expect([username, granted.filter(({ qos }) => qos <= 2)]).toEqual([username, []])
    }
    const admin = await connect('admin', testPassword)
    const closed = new Promise<void>((resolve) => admin.once('close', () => resolve()))
    admin.publish(refusalsTopic, '{}', { qos: 1 }, () => {})
    await closed
  })
})
