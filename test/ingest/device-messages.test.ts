import mqtt, { type MqttClient } from 'mqtt'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { districtDistance } from '#city/district-distance.ts'
import { DeviceMessages, type DeviceMessagesOptions } from '#ingest/devices/device-messages.ts'
import { ingestMetrics } from '#ingest/metrics.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { openTestStore, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'

const topic = (sensor: string, channel = 'meta') => `city/v1/tay-ninh/lighting/${sensor}/${channel}`
const meta = { name: { vi: 'Đèn', en: 'Lamp' }, position: [106.1, 11.3], period: 60 }

describe('what is wrong with a meta or status', () => {
  let test: TestStore
  let broker: TestBroker
  let device: MqttClient
  let registry: Registry
  let districts: Awaited<ReturnType<typeof loadCity>>['districts']
  const running: { client: MqttClient; stopping: AbortController; devices: DeviceMessages }[] = []
  const connect = (username: string) =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, { protocolVersion: 4, username, password: testPassword })
  /** One process of ingest: connects as `ingest`, with the rights of that. */
  const start = async (
    limits?: DeviceMessagesOptions['limits'],
    distance: DeviceMessagesOptions['distance'] = districtDistance(districts),
    store: TelemetryStore = test.store,
  ) => {
    const client = await connect('ingest')
    const stopping = new AbortController()
    registry = new Registry()
    const devices = new DeviceMessages({
      ...{ mqtt: client, store, log: silent, metrics: ingestMetrics(registry), signal: stopping.signal },
      distance,
      ...(limits && { limits }),
    })
    running.push({ client, stopping, devices })
  }
  const stop = async () => {
    for (const { client, stopping, devices } of running.splice(0)) {
      stopping.abort()
      await devices.close()
      await client.endAsync()
    }
  }
  const kept = async () => {
    const events = await test.store.readEvents({ stream: 'quarantine', limit: 100 })
    return events.map(({ body }) => quarantinedSchema.parse(body))
  }
  const say = (to: string, text: string) => device.publishAsync(to, text, { qos: 1, retain: true })
  const counted = async (name: string) =>
    (await registry.getSingleMetric(name)?.get())?.values.reduce((sum, { value }) => sum + value, 0)

  beforeEach(async () => {
    districts = (await loadCity()).districts
    test = await openTestStore()
    broker = await startTestBroker()
    device = await connect('admin')
  })
  afterEach(async () => {
    await stop()
    await device.endAsync()
    await broker.close()
    await test.close()
  })

  it('is in quarantine with its reason; what is right is not', async () => {
    await start()
    await say(topic('lamp-1'), JSON.stringify(meta))
    await say(topic('lamp-1', 'status'), 'Online\n')
    await say(topic('lamp-2'), JSON.stringify({ ...meta, position: [11.3, 106.1] }))
    await say(topic('lamp-2', 'status'), 'halb')
    await say('city/v1/tay-ninh/lighting/Lamp 3/meta', JSON.stringify(meta))
    await until('all three', async () => (await kept()).length === 3)
    const found = (await kept()).map(({ topic, code, reason }) => [topic, code, reason]).toSorted()
    expect(found).toEqual([
      [
        ...['city/v1/tay-ninh/lighting/Lamp 3/meta', 'TOPIC'],
        'topic is not city/v1/{district}/{kind}/{sensor}/meta with a known kind and ids of a-z, 0-9, -',
      ],
      [topic('lamp-2'), 'PLACE', 'position: is 11.3, 106.1, must be longitude, then latitude'],
      [topic('lamp-2', 'status'), 'VALUE', 'is halb, must be one of online, offline'],
    ])
  })

  it('makes one entry, however often it is retained, heard by whom, and sent again', async () => {
    await say(topic('lamp-1'), '{"period":"60"}')
    await start()
    await until('the entry', async () => (await kept()).length === 1)
    await stop()
    await start()
    await start()
    await say(topic('lamp-1'), '{"period":"60"}')
    await say(topic('lamp-9'), '{"period":"last"}')
    await until('what came last', async () => (await kept()).some(({ topic: of }) => of === topic('lamp-9')))
    expect((await kept()).map(({ topic: of }) => of).toSorted()).toEqual([topic('lamp-1'), topic('lamp-9')])
  })

  it('has bounds: what is beyond them is counted', async () => {
    await start({ maxWaiting: 1_000, maxPerMinute: 0, maxAlike: 100, againMs: 1 })
    for (const number of [1, 2, 3, 4]) await say(topic(`lamp-${number}`), '{}')
    await until('none to be kept', async () => (await counted('nhip_ingest_devices_not_kept_total')) === 4)
    expect(await kept()).toEqual([])
  })

  it('is counted as not kept when the code of the store fails over it, and holds up no other', async () => {
    const failing: TelemetryStore['readEvents'] = async (query) => {
      if (query.subject === topic('lamp-1')) throw new TypeError('a fault of our own')
      return test.store.readEvents(query)
    }
    const store = new Proxy(test.store, {
      get: (target, name: keyof TelemetryStore) => (name === 'readEvents' ? failing : target[name].bind(target)),
    })
    await start(undefined, undefined, store)
    await say(topic('lamp-1'), '{}')
    await say(topic('lamp-2'), '{}')
    await until('the other', async () => (await kept()).length === 1)
    expect(await counted('nhip_ingest_devices_not_kept_total')).toBe(1)
  })

  it('that is beyond a share of the quarantine is told, also when nothing more is refused', async () => {
    await start()
    for (let n = 0; n < 65; n++) await say(topic('lamp-1'), JSON.stringify({ ...meta, period: `${n}` }))
    const sum = async () => (await kept()).reduce((all, { count }) => all + count, 0)
    await expect.poll(sum, { timeout: 30_000 }).toBe(65)
  }, 60_000)

  it('and nobody foresaw is a fault of that message alone', async () => {
    await start(undefined, () => {
      throw new Error('no such place')
    })
    await say(topic('lamp-1'), JSON.stringify(meta))
    await say(topic('lamp-2'), '{"period":"60"}')
    await until('both', async () => (await kept()).length === 2)
    expect((await kept()).find(({ topic: of }) => of === topic('lamp-1'))).toMatchObject({
      code: 'FAULT',
      reason: 'cannot be decoded: no such place',
      payload: JSON.stringify(meta),
    })
  })

  it('waits for a store that is away', async () => {
    await start()
    test.down = true
    await say(topic('lamp-1'), '{}')
    await until('the try', async () => ((await counted('nhip_ingest_store_retries_total')) ?? 0) > 0)
    test.down = false
    await until('the entry', async () => (await kept()).length === 1)
  })
})
