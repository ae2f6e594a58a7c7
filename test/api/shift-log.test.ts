import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Alerts } from '#alerts/alerts.ts'
import type { Api } from '#api/api.ts'
import { loadCity } from '#city/city.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { invitedPersonResponse, newKeyResponse } from '#telemetry/accounts.ts'
import { assigneesResponse } from '#telemetry/assignee.ts'
import { auditLogResponse } from '#telemetry/audit-log.ts'
import type { District } from '#telemetry/district.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { PersonRole, Right } from '#telemetry/people.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { handOverHeadSchema, noteSchema } from '#telemetry/shift-log.ts'
import {
  handOverResponse,
  handOversResponse,
  type ShiftState,
  shiftLogResponse,
  shiftStateSchema,
  snapshotResponse,
} from '#telemetry/shift-rest.ts'
import { City, dust, onlyDust, startTestAlerts, untilAlerts, untilWatching } from '../alerts/alerts-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { adminToken, openTestStore, startTestApi, until } from './api-parts.ts'

const password = 'một mật khẩu đủ dài'
const hourMs = 3_600_000

/** Stores for two processes of the api, and how all is ended. */
interface Stores {
  stores: [TelemetryStore, TelemetryStore]
  close(): Promise<void>
}

/** One process owns the file: both share it. */
async function duckdbStores(): Promise<Stores> {
  const test = await openTestStore()
  return { stores: [test.store, test.store], close: () => test.close() }
}

async function influxdbStores(): Promise<Stores> {
  const influxd = await startInfluxd()
  const open = () => openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent })
  const stores: Stores['stores'] = [await open(), await open()]
  return {
    stores,
    async close() {
      for (const store of stores) await store.close()
      await influxd.close()
    },
  }
}

describe.each([
  { name: 'DuckDB', openStores: duckdbStores, isThere: true },
  { name: 'InfluxDB', openStores: influxdbStores, isThere: influxdInstalled() || Boolean(process.env.CI) },
])('the shift log on $name, of two processes of the api', ({ openStores, isThere }) => {
  if (!isThere) {
    it.skip('is not installed here')
    return
  }
  let stores: Stores
  let broker: TestBroker
  let alerts: Alerts
  let city: City
  let api: Api
  let other: Api
  let districts: readonly District[]
  let screen: Socket
  let shown: ShiftState | undefined
  let lan: string
  let minh: string

  /** Asks as the admin, or by a session's cookie or a key. */
  const ask = (path: string, { as = adminToken, at = api, body }: { as?: string; at?: Api; body?: unknown } = {}) =>
    fetch(`${at.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(as.startsWith('nhip_session=') ? { cookie: as } : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const read = async <T>(schema: z.ZodType<T>, ...asked: Parameters<typeof ask>): Promise<T> => {
    const answer = await ask(...asked)
    const text = await answer.text()
    expect(answer.ok, text).toBe(true)
    return schema.parse(JSON.parse(text))
  }
  /** The codes of a refusal, behind its status. */
  const refusal = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked)
    const { faults = [] } = problemSchema.parse(await answer.json())
    return [answer.status, ...faults.map(({ code }) => code)]
  }
  const add = async (name: string, role: PersonRole): Promise<string> => {
    const { invitation } = await read(invitedPersonResponse, '/people', { body: { name, role } })
    const accepted = await ask('/session/invitation', { as: '', body: { token: invitation.token, password } })
    return accepted.headers.get('set-cookie')?.split(';')[0] ?? ''
  }
  const duty = (as: string, step: 'begin' | 'end', person?: string) =>
    read(shiftStateSchema, '/shift-log/duty', { as, body: { step, ...(person && { person }) } })
  const namesOf = ({ onDuty }: Pick<ShiftState, 'onDuty'>) => onDuty.map(({ person }) => person)
  const write = (as: string, body: object) => read(noteSchema, '/shift-log/notes', { as, body })
  const log = (query = '', at = api) => read(shiftLogResponse, `/shift-log${query}`, { at })
  const snapshot = (at = api) => read(snapshotResponse, '/shift-log/snapshot', { at })
  const station = { kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1' } as const

  beforeAll(async () => {
    stores = await openStores()
    broker = await startTestBroker()
    ;({ districts } = await loadCity())
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    const [first, second] = stores.stores
    const at = Date.now() - 60_000
    await first.appendEvents([
      {
        ...{ stream: 'lamp-order', id: 'lamp-1-order', ts: at },
        body: {
          ...{ sensor: 'lamp-1', district: 'tay-ninh', kind: 'lighting', command: 'c-1', by: 'Lan', since: at },
          order: { action: 'off', until: at + hourMs },
        },
      },
    ])
    alerts = await startTestAlerts(first, broker.mqttPort)
    const parts = { brokerPort: broker.mqttPort, mqtt, districts }
    api = await startTestApi({ store: first, ...parts })
    other = await startTestApi({ store: second, ...parts })
    city = await City.connect(broker.mqttPort)
    await city.introduce(station)
    await city.introduce({ ...station, sensor: 'station-2' })
    for (const each of [api, other]) await untilWatching(each)
    await onlyDust(api)
    await city.measure([dust(20), dust(20, 'station-2')])
    await city.say({ ...station, sensor: 'station-2' }, 'offline')
    await until('station-2 to be offline', async () => (await snapshot(other)).snapshot.offline.total === 1)
    await until('the lamp to be overridden', async () => (await snapshot(other)).snapshot.overridden.total === 1)
    lan = await add('Lan', 'operator')
    minh = await add('Minh', 'operator')
    screen = io(`${other.url}/live`, { auth: { token: adminToken }, transports: ['websocket'] })
    screen.on('shift', (state: unknown) => {
      shown = shiftStateSchema.parse(state)
    })
    screen.on('connect', () => screen.emit('subscribe', {}))
    await until('who is on duty', () => shown !== undefined)
  }, 60_000)
  afterAll(async () => {
    screen?.disconnect()
    await city?.close()
    await api?.close()
    await other?.close()
    await alerts?.close()
    await broker?.close()
    await stores?.close()
  })

  it('is empty at first, and a hand-over lists what there is', async () => {
    expect(shown?.onDuty).toEqual([])
    expect(await log()).toEqual({ entries: [], corrections: [], truncated: false })
    const { snapshot: now, notes } = await snapshot()
    expect(now).toMatchObject({ watching: true, onDuty: [], open: { total: 0, critical: 0 }, notes: { total: 0 } })
    expect(now.since).toBeUndefined()
    expect(now.offline.items).toMatchObject([{ sensor: 'station-2', freshness: 'offline', ward: 'tan-ninh' }])
    expect(now.overridden.items).toMatchObject([{ sensor: 'lamp-1', by: 'Lan', order: { action: 'off' } }])
    expect(notes).toEqual([])
  })

  it('says who is on duty, on the screens of every process; taking it twice is once', async () => {
    expect(namesOf(await duty(lan, 'begin'))).toEqual(['Lan'])
    expect(namesOf(await duty(lan, 'begin'))).toEqual(['Lan'])
    expect(namesOf(await duty(minh, 'begin'))).toEqual(['Lan', 'Minh'])
    await until('both on the other screen', () => shown && namesOf(shown).join() === 'Lan,Minh')
    expect(namesOf(await duty(minh, 'end'))).toEqual(['Lan'])
    await until('one on the other screen', () => shown && namesOf(shown).join() === 'Lan')
    expect((await log()).entries.map((entry) => entry.type === 'duty' && [entry.person, entry.step])).toEqual([
      ...[
        ['Minh', 'end'],
        ['Minh', 'begin'],
        ['Lan', 'begin'],
      ],
    ])
  })

  it('takes somebody off who forgot to leave, by name of who did it; nobody takes the duty for another', async () => {
    await duty(minh, 'begin')
    expect(namesOf(await duty(lan, 'end', 'Minh'))).toEqual(['Lan'])
    expect((await log('?limit=1')).entries).toMatchObject([{ type: 'duty', by: 'Lan', person: 'Minh', step: 'end' }])
    const forMinh = { as: lan, body: { step: 'begin', person: 'Minh' } }
    expect(await refusal('/shift-log/duty', forMinh)).toEqual([403, 'DUTY_OF_ANOTHER'])
  })

  it('keeps notes with what they are about, by the name it had', async () => {
    await city.measure([dust(150)])
    const [alert] = await untilAlerts(api, 'the alert', (found) => found.length > 0)
    const id = alert?.id ?? ''
    const [district] = districts
    const ward = district?.wards[0]
    const notes = [
      await write(lan, { text: 'Đốt rơm\ngần trạm', attachment: { type: 'alert', id } }),
      await write(lan, { text: 'Cụm đo hỏng', attachment: { type: 'sensor', id: 'station-1' } }),
      await write(lan, { text: 'Mất điện', attachment: { type: 'area', district: district?.id, ward: ward?.id } }),
      await write(lan, {
        text: 'Ngập 20 cm',
        happenedAt: Date.now() - hourMs,
        attachment: { type: 'point', position: [106.1, 11.3], name: 'Cầu Quan' },
      }),
    ]
    expect(notes.map(({ attachment }) => attachment)).toMatchObject([
      { type: 'alert', id, priority: 1, sensor: 'station-1', name: { vi: 'Bụi mịn cao' } },
      { type: 'sensor', id: 'station-1', name: { vi: 'Cảm biến station-1' } },
      { type: 'area', ward: ward?.id, name: ward?.name },
      { type: 'point', position: [106.1, 11.3], name: 'Cầu Quan' },
    ])
    expect(notes[0]).toMatchObject({ by: 'Lan', text: 'Đốt rơm\ngần trạm' })
    expect(notes[3]?.happenedAt).toBeLessThan((notes[3]?.at ?? 0) - hourMs / 2)
    const listed = await log('?limit=4', other)
    expect(listed.entries.map((entry) => entry.id)).toEqual(notes.map((note) => note.id).toReversed())
  })

  it('refuses a note about what is not there, of another time, without words, or of who may only see', async () => {
    const about = (attachment: object) => refusal('/shift-log/notes', { body: { text: 'x', attachment } })
    expect(await about({ type: 'alert', id: 'nobodyknows' })).toEqual([404, 'NO_SUCH_ALERT'])
    expect(await about({ type: 'sensor', id: 'nobody' })).toEqual([404, 'NO_SUCH_SENSOR'])
    expect(await about({ type: 'area', district: 'nowhere' })).toEqual([404, 'NO_SUCH_AREA'])
    expect(await about({ type: 'area', district: 'tay-ninh', ward: 'nowhere' })).toEqual([404, 'NO_SUCH_AREA'])
    for (const happenedAt of [Date.now() + hourMs, Date.now() - 25 * hourMs])
      expect(await refusal('/shift-log/notes', { body: { text: 'x', happenedAt } })).toEqual([400, 'NOT_IN_SHIFT'])
    expect(await refusal('/shift-log/notes', { body: { text: ' \n ' } })).toEqual([400, 'MUST_NOT_BE_EMPTY'])
    expect((await ask('/shift-log/notes', { body: { text: 'x'.repeat(1_001) } })).status).toBe(400)
    for (const role of ['viewer', 'engineer', 'planner'] as const) {
      const as = await add(`a ${role}`, role)
      expect((await ask('/shift-log', { as })).status).toBe(200)
      expect((await ask('/shift-log/snapshot', { as })).status).toBe(200)
      for (const [path, body] of [
        ['notes', { text: 'x' }],
        ['duty', { step: 'begin' }],
        ['corrections', { corrects: 'mkw0m0g0-3a4b5c6d7e8f', text: 'x' }],
      ] as const)
        expect(await refusal(`/shift-log/${path}`, { as, body }), role).toEqual([403, 'RIGHT_NEEDED'])
    }
  })

  it('takes notes of a program with a key, which takes no duty and signs nothing', async () => {
    const rights: Right[] = ['see', 'shift:write']
    const { token } = await read(newKeyResponse, '/keys', { body: { name: 'radio', rights, days: 1 } })
    expect(await write(token, { text: 'Radio check' })).toMatchObject({ by: 'admin/radio' })
    expect(await refusal('/shift-log/duty', { as: token, body: { step: 'begin' } })).toEqual([403, 'KEY_HAS_NO_DUTY'])
    const given = await snapshot()
    const body = { snapshot: given.snapshot, seal: given.seal }
    expect(await refusal('/shift-log/hand-overs', { as: token, body })).toEqual([403, 'KEY_HAS_NO_DUTY'])
  })

  it('has room for the longest names of people, keys and teams', async () => {
    // each letter is two of UTF-16
    const longest = (letter: string) => letter.repeat(64)
    const person = await add(longest('𠀀'), 'admin')
    const rights: Right[] = ['see', 'shift:write', 'alerts:handle']
    const ofKey = { as: person, body: { name: longest('𠀁'), rights, days: 1 } }
    const { token } = await read(newKeyResponse, '/keys', ofKey)
    const by = `${longest('𠀀')}/${longest('𠀁')}`
    const note = await write(token, { text: 'Từ bộ đàm' })
    expect(note.by).toBe(by)
    expect((await log('?limit=1', other)).entries).toEqual([note])
    const [alert] = await untilAlerts(api, 'the alert', (found) => found.length > 0)
    const { to } = (await read(assigneesResponse, '/assignees')).people.find(({ name }) => name === longest('𠀀')) ?? {}
    for (const [action, more] of Object.entries({
      acknowledge: {},
      assign: { to },
      shelve: { minutes: 1 },
      unshelve: {},
    })) {
      const body = { ids: [alert?.id], comment: 'Đã rõ', ...more }
      expect((await ask(`/alerts/${action}`, { as: token, body })).status, action).toBe(200)
    }
    await untilAlerts(other, 'what was done', ([each]) => each?.assigned?.by === by && each.acknowledged?.by === by)
    const since = Date.now() - hourMs
    const handled = await ask(`/alerts?from=${since}&by=${encodeURIComponent(by)}`)
    expect(await handled.json()).toMatchObject({ total: 1, handlers: [by] })
    expect((await ask(`/trail?who=${encodeURIComponent(longest('𠀀'))}`)).status).toBe(200)
    expect((await ask('/alerts/unassign', { as: token, body: { ids: [alert?.id], comment: '' } })).status).toBe(200)
  })

  it('never changes a note: a correction stands beside it, also in a span that ends before it', async () => {
    const wrong = await write(lan, { text: 'Đã gọi phường' })
    const body = { corrects: wrong.id, text: 'Chưa gọi được phường' }
    expect((await ask('/shift-log/corrections', { as: minh, body })).status).toBe(201)
    const { entries, corrections } = await log(`?from=${wrong.at}&to=${wrong.at + 1}`, other)
    expect(entries).toEqual([wrong])
    expect(corrections).toMatchObject([{ ...body, by: 'Minh' }])
    const unknown = { corrects: wrong.id.replace(/.{12}$/, '000000000000'), text: 'x' }
    expect(await refusal('/shift-log/corrections', { body: unknown })).toEqual([404, 'NO_SUCH_NOTE'])
  })

  it('comes in pages, each entry once', async () => {
    const all = await log('?limit=500')
    expect(all.truncated).toBe(false)
    const ids: string[] = []
    let to = Date.now() + hourMs
    for (let truncated = true; truncated; ) {
      const page = await log(`?limit=3&to=${to}`)
      ids.push(...page.entries.map(({ id }) => id))
      to = page.entries.at(-1)?.at ?? 0
      truncated = page.truncated
    }
    expect(ids).toEqual(all.entries.map(({ id }) => id))
  })

  it('is handed over: who takes over signs what was read, by the other process, and it stays as it was', async () => {
    await city.measure([dust(150)])
    await untilAlerts(other, 'the alert', (found) => found.some(({ priority }) => priority === 1))
    const given = await snapshot()
    expect(given.snapshot.open.items[0]).toMatchObject({ priority: 1, sensorName: { vi: 'Cảm biến station-1' } })
    expect(given.snapshot.notes.items).toEqual(given.notes.map(({ id }) => id))
    expect(given.notes.length).toBeGreaterThan(4)
    const body = { snapshot: given.snapshot, seal: given.seal, from: ['Lan'], comment: 'Đã rõ' }
    const head = await read(handOverHeadSchema, '/shift-log/hand-overs', { as: minh, at: other, body })
    expect(head).toMatchObject({
      ...{ by: 'Minh', from: ['Lan'], readAt: given.snapshot.at },
      totals: { open: 1, critical: 1, offline: 1, notes: given.notes.length },
    })
    await until('the new one on the screen', () => shown && namesOf(shown).join() === 'Minh')
    // what happens later changes nothing of it
    await write(minh, { text: 'Ca mới' })
    const kept = await read(handOverResponse, `/shift-log/hand-overs/${head.id}`)
    expect(kept.handOver.snapshot).toEqual(given.snapshot)
    expect(kept.notes).toEqual(given.notes)
    const { handOvers } = await read(handOversResponse, '/shift-log/hand-overs')
    expect(handOvers).toEqual([head])
    const next = await snapshot()
    expect(next.snapshot).toMatchObject({ since: head.at, notes: { total: 1 }, onDuty: [{ person: 'Minh' }] })
    expect(await refusal('/shift-log/hand-overs/mkw0m0g0-3a4b5c6d7e8f')).toEqual([404, 'NO_SUCH_HAND_OVER'])
    const { entries } = await read(auditLogResponse, '/trail?who=Minh&limit=10')
    expect(entries.find(({ what }) => what === 'shift.hand-over')).toMatchObject({
      ...{ target: head.id, detail: { handedBy: ['Lan'], comment: 'Đã rõ' } },
    })
  })

  it('is not signed as something else than was read, nor when a critical alert or a note came since', async () => {
    const sign = (given: z.infer<typeof snapshotResponse>, more: object = {}) =>
      refusal('/shift-log/hand-overs', { as: lan, body: { snapshot: given.snapshot, seal: given.seal, ...more } })
    const given = await snapshot()
    const forged = { ...given, snapshot: { ...given.snapshot, open: { total: 0, critical: 0, items: [] } } }
    expect(await sign(forged)).toEqual([400, 'NOT_AS_READ'])
    expect(await sign(given, { from: ['Nobody'] })).toEqual([409, 'NOT_ON_DUTY'])
    await write(minh, { text: 'Vừa có tin' })
    expect(await sign(given)).toEqual([409, 'HAND_OVER_CHANGED'])
    const again = await snapshot()
    await city.measure([dust(150, 'station-2')])
    await untilAlerts(api, 'a second alert', (found) => found.length === 2)
    expect(await sign(again)).toEqual([409, 'HAND_OVER_CHANGED'])
    const third = await snapshot()
    const body = { snapshot: third.snapshot, seal: third.seal }
    // alone, as at night: the entry says that nobody handed over
    expect(await read(handOverHeadSchema, '/shift-log/hand-overs', { as: lan, body })).toMatchObject({ from: [] })
    expect(await sign(third)).toEqual([409, 'HANDED_OVER_MEANWHILE'])
    expect(namesOf(await duty(lan, 'begin'))).toEqual(['Minh', 'Lan'])
  })

  it('is signed once, whoever signs at the same time and at whichever process', async () => {
    const signedBefore = (await read(handOversResponse, '/shift-log/hand-overs')).handOvers.length
    for (let round = 1; round <= 3; round += 1) {
      const { snapshot: now, seal } = await snapshot()
      const body = { snapshot: now, seal }
      const by = [
        { as: lan, at: api },
        { as: minh, at: other },
        { as: minh, at: api },
        { as: lan, at: other },
      ]
      const answers = await Promise.all(by.map((who) => ask('/shift-log/hand-overs', { ...who, body })))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
      const { handOvers } = await read(handOversResponse, '/shift-log/hand-overs', { at: other })
      expect(handOvers).toHaveLength(signedBefore + round)
    }
  })

  it('can be signed again when the process that was signing it ended, or could not record it', async () => {
    const [store] = stores.stores
    const broken = new Proxy(store, {
      get(target, name: keyof TelemetryStore) {
        if (name === 'appendEvents') return () => Promise.reject(new StoreUnavailableError('away'))
        const method: unknown = target[name]
        return typeof method === 'function' ? method.bind(target) : method
      },
    })
    const third = await startTestApi({ store: broken, brokerPort: broker.mqttPort })
    const { snapshot: now, seal } = await snapshot()
    const sign = (at: Api) => ask('/shift-log/hand-overs', { as: lan, at, body: { snapshot: now, seal } })
    const claim = (agoMs: number) => ({ id: `after-${now.since ?? 0}.ended`, body: { until: Date.now() - agoMs } })
    await store.putDocument('hand-over-claim', claim(0))
    expect((await sign(api)).status).toBe(409)
    await store.putDocument('hand-over-claim', claim(hourMs))
    expect((await sign(third)).status).toBe(503)
    expect((await sign(api)).status).toBe(201)
    await third.close()
  })

  it('is signed however many alerts are open and however much was said of each', async () => {
    await city.measure(Array.from({ length: 300 }, (_, number) => dust(150, `many-${number}`)))
    const open = await untilAlerts(api, '300 alerts', (found) => found.length >= 300)
    const ids = open.map(({ id }) => id)
    const comment = 'ệ'.repeat(500)
    const to = (await read(assigneesResponse, '/assignees')).people[0]?.to
    for (const [action, more] of Object.entries({ acknowledge: {}, assign: { to }, shelve: { minutes: 60 } })) {
      const of = action === 'shelve' ? ids.slice(0, 150) : ids
      const answer = await ask(`/alerts/${action}`, { as: lan, body: { ids: of, comment, ...more } })
      expect(answer.status, action).toBe(200)
    }
    await untilAlerts(api, 'what was done', (found) => found.filter(({ shelved }) => shelved).length >= 150)
    const { snapshot: now, seal } = await snapshot()
    expect([now.open.total, now.shelved.total]).toEqual([open.length - 150, 150])
    for (const { items } of [now.open, now.shelved]) expect(items.length).toBeGreaterThan(40)
    const body = { snapshot: now, seal }
    const { id } = await read(handOverHeadSchema, '/shift-log/hand-overs', { as: lan, body })
    expect((await read(handOverResponse, `/shift-log/hand-overs/${id}`)).handOver.snapshot).toEqual(now)
    await city.measure(Array.from({ length: 300 }, (_, number) => dust(20, `many-${number}`)))
    await ask('/alerts/unshelve', { as: lan, body: { ids: ids.slice(0, 150), comment: '' } })
  })

  it('is there after a restart', async () => {
    const before = await log('?limit=500')
    const [store] = stores.stores
    const again = await startTestApi({ store, brokerPort: broker.mqttPort })
    expect(await log('?limit=500', again)).toEqual(before)
    expect(namesOf((await snapshot(again)).snapshot)).toEqual(['Minh', 'Lan'])
    await again.close()
  })

  /** A note as another process stores it. */
  const stored = (at: number, number: number, text: string): StoredEvent => {
    const id = `${at.toString(36)}-${number.toString(16).padStart(12, '0')}`
    return { stream: 'shift', id, ts: at, body: { type: 'note', id, at, by: 'Lan', happenedAt: at, text } }
  }

  it('lists what another process was about to store while the hand-over before was signed', async () => {
    const [, store] = stores.stores
    const before = await snapshot()
    await store.appendEvents([stored((before.snapshot.since ?? 0) - 1, 1, 'Lúc giao ca')])
    const { notes } = await snapshot()
    expect(notes.map((note) => note.text)).toEqual([...before.notes.map((note) => note.text), 'Lúc giao ca'])
  })

  it('counts the notes that it does not list', async () => {
    const [store] = stores.stores
    const before = await snapshot()
    const at = Date.now()
    const many = Array.from({ length: 600 }, (_, number) => stored(at, number, `Ghi chép ${number}`))
    await store.appendEvents(many)
    const { snapshot: now } = await snapshot()
    expect(now.notes.total).toBe(before.snapshot.notes.total + 600)
    expect(now.notes.items.length).toBeLessThan(now.notes.total)
  })

  it('records what is done later as later, though the clock of another process is ahead', async () => {
    const [store] = stores.stores
    const at = Date.now() + 20_000
    const id = `${at.toString(36)}-000000000000`
    const begin = { type: 'duty', id, at, by: 'Hoa', person: 'Hoa', step: 'begin' }
    await store.appendEvents([{ stream: 'shift', id, ts: at, body: begin }])
    expect(namesOf(await duty(lan, 'begin'))).toContain('Hoa')
    expect(namesOf(await duty(lan, 'end', 'Hoa'))).toEqual(['Minh', 'Lan'])
    expect((await log('?limit=1')).entries).toMatchObject([{ type: 'duty', person: 'Hoa', step: 'end' }])
  })
})
