import mqtt from 'mqtt'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { loadCity } from '#city/city.ts'
import { Device, type DeviceOptions } from '#simulators/device.ts'
import { placeSensors } from '#simulators/placement.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { auditEntrySchema } from '#telemetry/audit-log.ts'
import { type CommandRecord, commandRecordSchema, commandsResponse, type LampOrder } from '#telemetry/command.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { adminToken, openTestStore, startTestApi, type TestStore, until } from './api-parts.ts'

const sensors = placeSensors(await loadCity(), 200, 1)
const lamps = sensors.filter(({ kind, fault }) => kind === 'lighting' && !fault)
const [lamp = expect.fail(), second = expect.fail(), deaf = expect.fail(), broken = expect.fail()] = lamps
const counter = sensors.find(({ kind }) => kind === 'traffic') ?? expect.fail('no traffic counter')

describe('commands to lamps', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let live: Socket
  const devices: Device[] = []
  /** readings of all devices as the broker got them, newest last */
  const readings: { topic: string; body: Record<string, unknown> }[] = []
  const told: CommandRecord[] = []
  let watcher: mqtt.MqttClient

  const start = (sensor: SimulatedSensor, options: Partial<DeviceOptions> = {}) => {
    const url = `mqtt://127.0.0.1:${broker.mqttPort}`
    const device = new Device({
      ...{ sensor, url, username: 'simulators', password: testPassword, seed: 1, clock: Date.now, ...options },
    })
    devices.push(device)
    return until(`${sensor.id} to be online`, () => device.online)
  }
  const post = (body: unknown) =>
    fetch(`${api.url}/api/v1/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const give = async (ids: string[], order: LampOrder, comment?: string) => {
    const answer = await post({ sensors: ids, order, ...(comment === undefined ? {} : { comment }) })
    expect(answer.status).toBe(202)
    return commandRecordSchema.parse(await answer.json())
  }
  const found = async (id: string) => {
    const answer = await fetch(`${api.url}/api/v1/commands`, { headers: { authorization: `Bearer ${adminToken}` } })
    return commandsResponse.parse(await answer.json()).commands.find((command) => command.id === id)
  }
  const settled = ({ id }: CommandRecord) =>
    until('every lamp to have answered or been given up', async () => {
      const command = await found(id)
      return command && Object.values(command.lamps).every(({ state }) => state !== 'sent') && command
    })
  const newest = ({ id }: SimulatedSensor) => readings.findLast(({ topic }) => topic.includes(`/${id}/`))?.body
  const auditLog = async () =>
    (await test.store.readEvents({ stream: 'audit', limit: 100 })).map(({ body }) => auditEntrySchema.parse(body))
  const codeOf = async (answer: Response) => problemSchema.parse(await answer.json()).code

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    const access = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt: access, commandAnswerMs: 1_500 })
    watcher = await mqtt.connectAsync(access.url, {
      ...{ protocolVersion: 4, username: 'admin', password: testPassword },
    })
    watcher.on('message', (topic, payload) => readings.push({ topic, body: JSON.parse(payload.toString()) }))
    await watcher.subscribeAsync('city/v1/+/+/+/reading', { qos: 1 })
    // its own period is so long that a reading within the test can only come from a command
    const still = (sensor: SimulatedSensor) => ({ ...sensor, meta: { ...sensor.meta, period: 3_600 } })
    await Promise.all([
      ...[start(still(lamp)), start(still(second)), start(still(deaf), { deaf: true })],
      ...[start({ ...still(broken), fault: 'driver' }), start(counter)],
    ])
    live = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'] })
    live.on('command', (progress) => told.push(commandRecordSchema.parse(progress)))
    live.emit('subscribe', {})
    await until('the api to know all sensors', async () => {
      const answer = await fetch(`${api.url}/api/v1/sensors`, { headers: { authorization: `Bearer ${adminToken}` } })
      return ((await answer.json()) as { features: unknown[] }).features.length === 5
    })
  })
  afterEach(() => {
    told.length = 0
  })
  afterAll(async () => {
    live?.close()
    await Promise.all(devices.map((device) => device.close()))
    await watcher?.endAsync(true)
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('are obeyed: the lamp acknowledges and tells at once what it does now', async () => {
    const command = await give([lamp.id], { action: 'dim', level: 0.4 })
    expect(command).toMatchObject({ by: 'admin', lamps: { [lamp.id]: { state: 'sent' } } })
    expect(await settled(command)).toMatchObject({ lamps: { [lamp.id]: { state: 'acknowledged' } } })
    await until('the reading', () => newest(lamp)?.illuminanceLevel === 0.4)
    expect(newest(lamp)).toMatchObject({ powerState: 'low' })
    const nominal = lamp.meta.nominalPower ?? 0
    expect(Number(newest(lamp)?.activePower) / nominal).toBeCloseTo(0.4, 1)
    await settled(await give([lamp.id], { action: 'off' }))
    await until('the lamp to be off', () => newest(lamp)?.powerState === 'off' && newest(lamp)?.activePower === 0)
    await settled(await give([lamp.id], { action: 'on' }))
    await until('the lamp to be on', () => newest(lamp)?.illuminanceLevel === 1)
  })

  it('are pushed to the screens, lamp by lamp, with the time each took', async () => {
    const command = await give([lamp.id, second.id], { action: 'on' })
    const last = (id: string) =>
      told.findLast((progress) => progress.id === command.id && progress.lamps[id])?.lamps[id]
    for (const { id } of [lamp, second])
      expect(await until('the screen to hear', () => last(id)?.state === 'acknowledged' && last(id))).toMatchObject({
        afterMs: expect.any(Number),
      })
  })

  it('time out when the lamp does not answer, and say why one refuses', async () => {
    const command = await give([lamp.id, deaf.id, broken.id], { action: 'on' })
    expect((await settled(command)).lamps).toMatchObject({
      [lamp.id]: { state: 'acknowledged' },
      [deaf.id]: { state: 'timed-out' },
      [broken.id]: { state: 'refused', reason: expect.stringContaining('driver fault') },
    })
    await until('the screen to hear', () => told.some(({ lamps }) => lamps[deaf.id]?.state === 'timed-out'))
  })

  it('are in the audit log: who, what, when, from where, and what came of it', async () => {
    const before = Date.now()
    const command = await give([lamp.id, deaf.id], { action: 'dim', level: 0.3 }, 'a test of the dimming')
    await settled(command)
    const entries = await until('both entries', async () => {
      const of = (await auditLog()).filter(({ detail }) => detail?.command === command.id)
      return of.length === 2 && of
    })
    const asked = entries.find(({ what }) => what === 'lamps.command')
    expect(asked).toMatchObject({
      ...{ who: 'admin', from: '127.0.0.1', target: '2 lamps' },
      detail: { order: { action: 'dim', level: 0.3 }, comment: 'a test of the dimming', lamps: [lamp.id, deaf.id] },
    })
    expect(asked?.at).toBeGreaterThanOrEqual(before)
    expect(entries.find(({ what }) => what === 'lamps.command.outcome')).toMatchObject({
      ...{ who: 'admin', from: '127.0.0.1' },
      detail: { acknowledged: 1, timedOut: [deaf.id], unsent: [], refused: {} },
    })
  })

  it('are taken back by the lamp itself when their time is over', async () => {
    const command = await give([second.id], { action: 'dim', level: 0.77, until: Date.now() + 700 })
    await settled(command)
    await until('the dimmed reading', () => newest(second)?.illuminanceLevel === 0.77)
    await until('its end', () => Date.now() > (command.order.action === 'dim' ? (command.order.until ?? 0) : 0))
    // the next reading, which another command to back to schedule makes it take, is on schedule
    await settled(await give([second.id], { action: 'automatic' }))
    await until('the reading on schedule', () => newest(second)?.illuminanceLevel !== 0.77)
  })

  it.each<[string, () => unknown, number, string]>([
    ['a sensor that does not exist', () => ({ sensors: ['no-such'], order: { action: 'on' } }), 404, 'UNKNOWN_SENSOR'],
    ['a sensor that is no lamp', () => ({ sensors: [counter.id], order: { action: 'on' } }), 400, 'NOT_A_LAMP'],
    ['no lamp at all', () => ({ sensors: [], order: { action: 'on' } }), 400, 'INVALID_REQUEST'],
    ['a lamp twice', () => ({ sensors: [lamp.id, lamp.id], order: { action: 'on' } }), 400, 'INVALID_REQUEST'],
    [
      'more lamps than one command takes',
      () => ({ sensors: Array.from({ length: 501 }, (_, at) => `lamp-${at}`), order: { action: 'on' } }),
      ...([400, 'INVALID_REQUEST'] as [number, string]),
    ],
    [
      'a level beyond full light',
      () => ({ sensors: [lamp.id], order: { action: 'dim', level: 1.1 } }),
      400,
      'INVALID_REQUEST',
    ],
    ['an unknown action', () => ({ sensors: [lamp.id], order: { action: 'explode' } }), 400, 'INVALID_REQUEST'],
    [
      'an end in the past',
      () => ({ sensors: [lamp.id], order: { action: 'on', until: Date.now() - 1_000 } }),
      400,
      'INVALID_REQUEST',
    ],
  ])('name what is wrong with %s, and reach no lamp', async (_what, body, status, code) => {
    // what came of an earlier command may be written down meanwhile
    const given = async () => (await auditLog()).filter(({ what }) => what === 'lamps.command').length
    const before = await given()
    const answer = await post(body())
    expect(answer.status).toBe(status)
    expect(await codeOf(answer)).toBe(code)
    expect(await given()).toBe(before)
  })

  it('are bounded: while too many lamps have not answered, more are refused', async () => {
    const many = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: testPassword },
    })
    const ids = Array.from({ length: 500 }, (_, at) => `mute-${at}`)
    for (const id of ids)
      many.publish(`city/v1/tay-ninh/lighting/${id}/meta`, JSON.stringify(lamp.meta), { qos: 1, retain: true })
    await until(
      'the api to know them',
      async () => (await post({ sensors: ids, order: { action: 'on' } })).status === 202,
    )
    // at once: none may be given up before the last is sent
    const answers = await Promise.all(Array.from({ length: 11 }, () => post({ sensors: ids, order: { action: 'on' } })))
    const codes = await Promise.all(answers.filter(({ status }) => status !== 202).map(codeOf))
    expect(new Set(codes)).toEqual(new Set(['BUSY']))
    await many.endAsync()
    // and once they are given up, commands are taken again
    await until('room', async () => (await post({ sensors: [lamp.id], order: { action: 'automatic' } })).status === 202)
  })

  it('do not wait for a broker that is away: nothing reaches a lamp later', async () => {
    await broker.close()
    await until('the api to notice', async () => {
      const answer = await post({ sensors: [lamp.id], order: { action: 'off' } })
      return answer.status === 503 && (await codeOf(answer)) === 'UNREACHABLE'
    })
  })
})
