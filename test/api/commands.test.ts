import mqtt from 'mqtt'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Api } from '#api/api.ts'
import { loadCity } from '#city/city.ts'
import { Device, type DeviceOptions } from '#simulators/device.ts'
import { placeSensors } from '#simulators/placement.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { auditEntrySchema } from '#telemetry/audit-log.ts'
import {
  type CommandRecord,
  commandRecordSchema,
  type commandRequestSchema,
  commandsResponse,
} from '#telemetry/command.ts'
import { lampOverridesResponse } from '#telemetry/lamp-override.ts'
import { type OverrideChanges, overrideChangesSchema, snapshotSchema } from '#telemetry/live.ts'
import { nextSwitching } from '#telemetry/next-switching.ts'
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
  const startApi = () =>
    startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt: access(), commandAnswerMs: 1_500 })
  const access = () => ({ url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword })
  const devices: Device[] = []
  /** readings of all devices as the broker got them, newest last */
  const readings: { topic: string; body: Record<string, unknown> }[] = []
  const told: CommandRecord[] = []
  const changes: OverrideChanges[] = []
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
  const give = async (ids: string[], order: z.input<typeof commandRequestSchema>['order'], comment?: string) => {
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
    api = await startApi()
    watcher = await mqtt.connectAsync(access().url, {
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
    live.on('overrides', (change) => changes.push(overrideChangesSchema.parse(change)))
    live.emit('subscribe', {})
    await until('the api to know all sensors', async () => {
      const answer = await fetch(`${api.url}/api/v1/sensors`, { headers: { authorization: `Bearer ${adminToken}` } })
      return ((await answer.json()) as { features: unknown[] }).features.length === 5
    })
  })
  afterEach(() => {
    told.length = 0
    changes.length = 0
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

  const overrides = async (query = '', of = api) => {
    const answer = await fetch(`${of.url}/api/v1/lamps/overrides${query}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    expect(answer.status).toBe(200)
    return lampOverridesResponse.parse(await answer.json())
  }
  const overrideOf = async ({ id }: SimulatedSensor, of = api) =>
    (await overrides('', of)).overrides.find(({ sensor }) => sensor === id)

  describe('override the schedule of a lamp', () => {
    it('from when it acknowledges: who, since, and by default until its next switching, on the screens too', async () => {
      const before = Date.now()
      const command = await give([lamp.id], { action: 'dim', level: 0.2 }, 'road works')
      const order = { action: 'dim', level: 0.2, until: nextSwitching([lamp.meta.position], before) }
      expect(command.order).toEqual(order)
      await settled(command)
      const override = await overrideOf(lamp)
      expect(override).toMatchObject({
        ...{ district: lamp.district, kind: lamp.kind, command: command.id, by: 'admin', comment: 'road works' },
        order,
      })
      expect(override?.since).toBeGreaterThanOrEqual(command.at)
      await until('the screen to hear', () =>
        changes.some(({ set }) => set.some(({ command: id }) => id === command.id)),
      )
      const snapshot = new Promise((resolve) => live.once('snapshot', resolve))
      live.emit('subscribe', {})
      expect(snapshotSchema.parse(await snapshot).overrides).toContainEqual(override)
    })

    it('of a group until the last of its lamps switches, and for a time or until a new command where that is asked for', async () => {
      const group = await give([lamp.id, second.id], { action: 'on' })
      expect(group.order).toMatchObject({
        until: nextSwitching([lamp.meta.position, second.meta.position], group.at),
      })
      await settled(group)
      await settled(await give([lamp.id], { action: 'on', until: 'next-command' }))
      expect((await overrideOf(lamp))?.order).toEqual({ action: 'on' })
      const order = { action: 'off', until: Date.now() + 3_600_000 } as const
      await settled(await give([lamp.id], order))
      expect((await overrideOf(lamp))?.order).toEqual(order)
      expect((await overrides('?limit=1')).overrides).toHaveLength(1)
      expect((await overrides(`?district=${lamp.district}`)).total).toBeGreaterThanOrEqual(1)
      expect(await overrides('?district=nowhere')).toMatchObject({ total: 0, overrides: [] })
    })

    it('not of a lamp that does not answer or refuses', async () => {
      const command = await give([deaf.id, broken.id], { action: 'on' })
      expect(await overrideOf(deaf)).toBeUndefined()
      await settled(command)
      expect(await overrideOf(deaf)).toBeUndefined()
      expect(await overrideOf(broken)).toBeUndefined()
    })

    it('of a lamp that answers after it was given up, from then on', async () => {
      const command = await give([deaf.id], { action: 'off', until: 'next-command' })
      expect((await settled(command)).lamps[deaf.id]).toEqual({ state: 'timed-out' })
      const topic = `city/v1/${deaf.district}/${deaf.kind}/${deaf.id}/ack`
      await watcher.publishAsync(topic, JSON.stringify({ id: command.id, ok: true }), { qos: 1 })
      await until('the override', () => overrideOf(deaf))
      expect((await found(command.id))?.lamps[deaf.id]).toMatchObject({ state: 'acknowledged' })
      await until('the screen to hear', () => told.at(-1)?.lamps[deaf.id]?.state === 'acknowledged')
    })

    it('of a lamp that answers when the api that sent the command is gone, by any other api', async () => {
      const gone = await startApi()
      const body = { sensors: [deaf.id], order: { action: 'dim', level: 0.6, until: 'next-command' }, comment: 'gone' }
      const sent = await until('the command to be sent', async () => {
        const answer = await fetch(`${gone.url}/api/v1/commands`, {
          ...{ method: 'POST', body: JSON.stringify(body) },
          headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        })
        return answer.status === 202 && commandRecordSchema.parse(await answer.json())
      })
      await gone.close()
      const acknowledge = ({ district, kind, id }: SimulatedSensor) =>
        watcher.publishAsync(`city/v1/${district}/${kind}/${id}/ack`, JSON.stringify({ id: sent.id, ok: true }), {
          qos: 1,
        })
      const [before, others] = [Date.now(), await overrideOf(broken)]
      // one that was not among its lamps is not overridden by it
      await Promise.all([acknowledge(deaf), acknowledge(broken)])
      const override = await until('the override', async () => {
        const found = await overrideOf(deaf)
        return found?.command === sent.id && found
      })
      expect(override).toMatchObject({ by: 'admin', comment: 'gone', order: { action: 'dim', level: 0.6 } })
      expect(override.since).toBeGreaterThanOrEqual(before)
      expect(await overrideOf(broken)).toEqual(others)
      await until('the store to have it', async () => {
        const [event] = await test.store.readEvents({ stream: 'lamp-order', subject: deaf.id, limit: 1 })
        return (event?.body as { command?: string } | undefined)?.command === sent.id
      })
    })

    it('until it is back on its schedule, or its time is over', async () => {
      await settled(await give([second.id], { action: 'off' }))
      await until('the override', () => overrideOf(second))
      await settled(await give([second.id], { action: 'automatic' }))
      expect(await overrideOf(second)).toBeUndefined()
      await until('the screen to hear', () => changes.some(({ ended }) => ended.includes(second.id)))
      changes.length = 0
      await settled(await give([second.id], { action: 'off', until: Date.now() + 1_000 }))
      await until('the screen to hear', () => changes.some(({ set }) => set.some(({ sensor }) => sensor === second.id)))
      await until('its end', async () => (await overrideOf(second)) === undefined)
      await until('the screen to hear', () => changes.some(({ ended }) => ended.includes(second.id)))
    })

    it('by whoever commanded it last, on every api, and over a restart', async () => {
      const other = await startApi()
      await until('the other api to know the lamp', async () => {
        const answer = await fetch(`${other.url}/api/v1/commands`, {
          method: 'POST',
          headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            sensors: [lamp.id],
            order: { action: 'off', until: 'next-command' },
            comment: 'other',
          }),
        })
        return answer.status === 202
      })
      await until('this api to know', async () => (await overrideOf(lamp))?.comment === 'other')
      await settled(await give([lamp.id], { action: 'on', until: 'next-command' }, 'this'))
      await until('the other api to know', async () => (await overrideOf(lamp, other))?.comment === 'this')
      await other.close()
      const kept = await overrideOf(lamp)
      const again = await startApi()
      expect(await until('the new api to know', () => overrideOf(lamp, again))).toEqual(kept)
      await again.close()
      const then = (kept?.since ?? 0) + 1
      expect((await overrides(`?at=${then}`)).overrides).toContainEqual(kept)
    })

    it('while the store is away, and in the store once it is back', async () => {
      test.down = true
      const command = await give([second.id], { action: 'on', until: 'next-command' }, 'store away')
      await settled(command)
      expect((await overrideOf(second))?.comment).toBe('store away')
      test.down = false
      await until('the store to have it', async () => {
        const events = await test.store.readEvents({ stream: 'lamp-order', subject: second.id, limit: 1 })
        return (events[0]?.body as { comment?: string } | undefined)?.comment === 'store away'
      })
    })
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
