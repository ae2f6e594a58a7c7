import { once } from 'node:events'
import { io } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { AlertsOptions } from '#alerts/options.ts'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { RuleStore } from '#alerts/rules/rule-store.ts'
import type { Api } from '#api/api.ts'
import type { CountsQuery, QueryContext } from '#storage/store.ts'
import { type Alert, alertState } from '#telemetry/alert.ts'
import type { AlertResponse, AlertsChanged, DryRunResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { alertRuleSchema } from '#telemetry/alert-rule.ts'
import type { AssigneesResponse, Team } from '#telemetry/assignee.ts'
import { kindOf, kinds } from '#telemetry/kinds.ts'
import type { Seen } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Problem } from '#telemetry/rest.ts'
import { adminToken, get, openTestStore, startTestApi, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import {
  City,
  dust,
  dustRule,
  list,
  onlyDust,
  Screen,
  send,
  startTestAlerts,
  untilAlerts,
  untilWatching,
} from './alerts-parts.ts'

const station = { kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1' } as const

describe('alerts', () => {
  let test: TestStore
  let broker: TestBroker
  let alerts: Alerts
  let api: Api
  let city: City
  const startApi = () => {
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    return startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt })
  }

  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    api = await startApi()
    city = await City.connect(broker.mqttPort)
    await untilWatching(api)
    await onlyDust(api)
    await city.introduce(station)
  })
  afterEach(async () => {
    await city.close()
    await api.close()
    await alerts.close()
    await broker.close()
    await test.close()
  })

  const answered = async <T>(method: string, path: string, body: unknown, status = 200): Promise<T> => {
    const answer = await send(api, method, path, body)
    const json = (await answer.json()) as T
    expect(answer.status, JSON.stringify(json)).toBe(status)
    return json
  }
  const raise = async () => {
    await city.measure([dust(163.2)])
    const [alert] = await untilAlerts(api, 'an alert', ({ length }) => length === 1)
    return alert ?? expect.fail('no alert')
  }

  it('are raised by a reading beyond the limit, with what was measured, and clear by one within', async () => {
    const alert = await raise()
    expect(alert).toMatchObject({
      ...{ rule: 'dust', cause: 'threshold', priority: 1, sensors: ['station-1'], district: 'tay-ninh' },
      ...{
        ward: 'tan-ninh',
        group: 'tan-ninh/threshold',
        value: 163.2,
        limit: 100,
        unit: 'µg/m³',
        unitCode: 'ug/m3',
        valueName: 'pm25',
      },
      name: dustRule.name,
    })
    await city.measure([dust(20)])
    const [returned] = await untilAlerts(
      api,
      'the alert to return',
      ([one]) => one !== undefined && alertState(one) === 'returned',
    )
    expect(returned?.id).toBe(alert.id)
  })

  it('are neither raised nor cleared by what a device was not measuring, nor is it silent', async () => {
    const said = (reading: Reading): Reading => ({ ...reading, states: { pm25: 'calibrating' } })
    await city.measure([said(dust(163.2)), dust(150, 'station-2')])
    const found = await untilAlerts(api, 'an alert', ({ length }) => length > 0)
    expect(found.map(({ sensors }) => sensors)).toEqual([['station-2']])
    await city.measure([dust(163.2)])
    await untilAlerts(api, 'the other one', ({ length }) => length === 2)
    await city.measure([said(dust(5)), dust(5, 'station-2')])
    const stay = await untilAlerts(api, 'one to return', (alerts) =>
      alerts.some((one) => alertState(one) === 'returned'),
    )
    expect(stay.filter((one) => alertState(one) === 'returned').map(({ sensors }) => sensors)).toEqual([['station-2']])
  })

  it('are acknowledged with one comment for a selection, and a second browser on another api sees it', async () => {
    const other = await startApi()
    const screen = new Screen(other)
    await city.measure(['a', 'b', 'c'].map((sensor) => dust(150, sensor)))
    const raised = await untilAlerts(api, 'three alerts', ({ length }) => length === 3)
    await until('the screen to show them', () => screen.alerts.size === 3)
    const ids = raised.slice(0, 2).map(({ id }) => id)
    const comment = 'Đã báo đội môi trường'
    const { changed, unchanged } = await answered<AlertsChanged>('POST', '/api/v1/alerts/acknowledge', {
      ids: [...ids, 'unknown1'],
      comment,
    })
    expect(changed.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(unchanged).toEqual(['unknown1'])
    await until('the other screen to show the acknowledgement', () =>
      ids.every((id) => screen.alerts.get(id)?.acknowledged?.comment === comment),
    )
    expect(screen.alerts.get(ids[0] ?? '')?.acknowledged?.by).toBe('admin')
    screen.close()
    await other.close()
  })

  it('are shelved for a time and unshelved, and leave a trail', async () => {
    const { id } = await raise()
    const until = Date.now() + 60_000
    const shelf = await answered<AlertsChanged>('POST', '/api/v1/alerts/shelve', {
      ids: [id],
      until,
      comment: 'bảo trì',
    })
    expect(shelf.changed[0]?.shelved).toMatchObject({ by: 'admin', until, comment: 'bảo trì' })
    expect((await list(api, '?state=shelved')).total).toBe(1)
    expect((await list(api, '?state=unacknowledged,acknowledged')).total).toBe(0)
    await answered('POST', '/api/v1/alerts/unshelve', { ids: [id] })
    expect((await list(api, '?state=unacknowledged')).total).toBe(1)
    const trail = await test.store.readEvents({ stream: 'audit', limit: 10 })
    expect(trail.map(({ body }) => (body as { what: string }).what)).toEqual(
      expect.arrayContaining(['alert.shelve', 'alert.unshelve']),
    )
    const wrong = await answered<Problem>('POST', '/api/v1/alerts/shelve', { ids: [id], until: 1_000_000_000_000 }, 400)
    expect(wrong.detail).toContain('in the future')
  })

  it('are not shelved without a reason when one of them is critical: the answer says which, and none is shelved', async () => {
    await city.measure(['a', 'b'].map((sensor) => dust(150, sensor)))
    const ids = (await untilAlerts(api, 'two alerts', ({ length }) => length === 2)).map(({ id }) => id)
    for (const reason of [{}, { comment: '  ' }]) {
      const body = { ids, minutes: 60, ...reason }
      const refused = await answered<Problem>('POST', '/api/v1/alerts/shelve', body, 400)
      expect(refused).toMatchObject({
        code: 'INVALID_REQUEST',
        faults: [{ path: 'body.comment', code: 'REASON_NEEDED', params: { ids: expect.any(Array), more: 0 } }],
      })
      expect(refused.detail).toMatch(/^body\.comment: say why: a critical alert/)
    }
    expect((await list(api, '?state=shelved')).total).toBe(0)
    await answered('POST', '/api/v1/alerts/shelve', { ids, minutes: 60, comment: 'Đốt rơm, đã cử người' })
    expect((await list(api, '?state=shelved')).total).toBe(2)
  })

  it('are found by who handled them, a shelf that is over included', async () => {
    const { id } = await raise()
    await answered('POST', '/api/v1/alerts/shelve', { ids: [id], minutes: 5, comment: 'bảo trì' })
    expect((await list(api, '?by=admin')).alerts.map((alert) => alert.id)).toEqual([id])
    await answered('POST', '/api/v1/alerts/unshelve', { ids: [id] })
    expect((await list(api, '?by=admin')).total).toBe(0)
    const span = `?from=${Date.now() - 60_000}`
    expect(await list(api, `${span}&by=admin`)).toMatchObject({ total: 1, handledBy: { [id]: ['admin'] } })
    expect(await list(api, `${span}&by=somebody`)).toMatchObject({ total: 0, handlers: ['admin'] })
  })

  it('are given to a person or a team with a note, found by that, and go on saying so when the team is gone', async () => {
    const screen = new Screen(api)
    await city.measure(['a', 'b', 'c'].map((sensor) => dust(150, sensor)))
    const ids = (await untilAlerts(api, 'three alerts', ({ length }) => length === 3)).map(({ id }) => id)
    const [first = '', second = '', third = ''] = ids
    const team = await answered<Team>('POST', '/api/v1/teams', { name: ' Đội  chiếu sáng ' }, 201)
    const { people, teams } = (await (await get(api, '/api/v1/assignees')).json()) as AssigneesResponse
    const to = `team:${team.id}`
    expect({ people, teams }).toEqual({
      people: [{ to: 'person:first-admin', name: 'admin' }],
      teams: [{ to, name: team.name }],
    })
    const comment = 'mang thang 6 m'
    const given = await answered<AlertsChanged>('POST', '/api/v1/alerts/assign', { ids: [first, second], to, comment })
    expect(given.changed[0]?.assigned).toMatchObject({ to, name: team.name, by: 'admin', comment })
    await until('the screen to show it', () => screen.alerts.get(first)?.assigned?.name === team.name)
    await answered('POST', '/api/v1/alerts/assign', { ids: [second], to: 'person:first-admin' })
    const found = async (query: string) => (await list(api, query)).alerts.map(({ id }) => id).sort()
    const span = `from=${Date.now() - 60_000}`
    for (const and of ['', `&${span}`]) {
      expect(await found(`?assignee=${to}${and}`)).toEqual([first])
      expect(await found(`?assignee=me${and}`)).toEqual([second])
      expect(await found(`?assignee=nobody${and}`)).toEqual([third])
      expect(await found(`?assignee=me,${to}${and}`)).toEqual([first, second].sort())
      expect((await list(api, `?by=admin${and}`)).total).toBe(2)
    }
    expect((await answered<Team>('PATCH', `/api/v1/teams/${team.id}`, { name: 'Đội điện' })).name).toBe('Đội điện')
    expect((await send(api, 'DELETE', `/api/v1/teams/${team.id}`)).status).toBe(204)
    const gone = await answered<Problem>('POST', '/api/v1/alerts/assign', { ids: [third], to }, 400)
    expect(gone.faults).toEqual([{ path: 'body.to', code: 'NO_SUCH_ASSIGNEE', params: { to } }])
    await alerts.close()
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    await untilAlerts(api, 'what was given to the team', (open) =>
      open.some(({ id, assigned }) => id === first && assigned?.name === team.name),
    )
    await untilWatching(api)
    await answered('POST', '/api/v1/alerts/unassign', { ids, comment: 'xong' })
    expect(await found('?assignee=nobody')).toEqual([...ids].sort())
    const life = (await (await get(api, `/api/v1/alerts/${first}`)).json()) as AlertResponse
    expect(life.events.map(({ type, comment: note }) => [type, note])).toEqual([
      ['raised', undefined],
      ['assigned', comment],
      ['unassigned', 'xong'],
    ])
    const trail = await test.store.readEvents({ stream: 'audit', limit: 20 })
    const done = trail.map(({ body }) => (body as { what: string }).what)
    for (const what of ['alert.assign', 'alert.unassign', 'team.add', 'team.change', 'team.remove'])
      expect(done).toContain(what)
    screen.close()
  })

  it('say who saw them first and when: the first of all screens, no program, on every screen and after a restart', async () => {
    const other = await startApi()
    const [screen, second] = [new Screen(api), new Screen(other)]
    await city.measure(['a', 'b'].map((sensor) => dust(150, sensor)))
    const [first, unseen] = await untilAlerts(api, 'two alerts', ({ length }) => length === 2)
    const id = first?.id ?? ''
    await until('the screens to show them', () => screen.alerts.size === 2 && second.alerts.size === 2)
    const key = await answered<{ token: string }>(
      'POST',
      '/api/v1/keys',
      { name: 'wall', rights: ['see'], days: 1 },
      201,
    )
    const program = io(`${api.url}/live`, { auth: { token: key.token }, transports: ['websocket'], forceNew: true })
    expect(await program.emitWithAck('seen', { ids: [id, unseen?.id] })).toEqual({ ok: true })
    for (const wrong of [{}, { ids: [] }, { ids: [id], by: 'somebody else' }, { ids: Array(201).fill(id) }])
      expect(await screen.socket.emitWithAck('seen', wrong as Seen)).toMatchObject({ ok: false })
    const before = Date.now()
    // several pages report at once, and again
    for (const each of [screen, second, screen]) each.socket.emit('seen', { ids: [id, 'unknown1'] })
    await until('every screen to show it', () => [screen, second].every(({ alerts: held }) => held.get(id)?.seen))
    const { seen } = screen.alerts.get(id) ?? expect.fail('it is gone')
    expect(seen?.by).toBe('admin')
    expect(Math.abs((seen?.at ?? 0) - before)).toBeLessThan(60_000)
    expect(second.alerts.get(id)?.seen).toEqual(seen)
    await screen.socket.emitWithAck('seen', { ids: [id] })
    await alerts.close()
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    await untilWatching(api)
    const { alerts: open, handledBy } = await list(api)
    expect(open.find((alert) => alert.id === id)?.seen).toEqual(seen)
    expect(open.find((alert) => alert.id === unseen?.id)).not.toHaveProperty('seen')
    // to see is not to handle
    expect(handledBy).toEqual({})
    expect((await list(api, `?from=${before - 600_000}&by=admin`)).total).toBe(0)
    const life = (await (await get(api, `/api/v1/alerts/${id}`)).json()) as AlertResponse
    expect(life.events.map(({ type }) => type)).toEqual(['raised', 'seen'])
    for (const each of [screen, second]) each.close()
    program.disconnect()
    await other.close()
  })

  it('tell their whole life', async () => {
    const { id } = await raise()
    await answered('POST', '/api/v1/alerts/acknowledge', { ids: [id], comment: 'xem' })
    await city.measure([dust(20)])
    await untilAlerts(api, 'nothing to be open', ({ length }) => length === 0)
    const life = await until('the whole life', async () => {
      const answer = (await (await get(api, `/api/v1/alerts/${id}`)).json()) as AlertResponse
      return answer.events?.length === 3 ? answer : undefined
    })
    expect(life.events.map(({ type }) => type)).toEqual(['raised', 'acknowledged', 'cleared'])
    expect(alertState(life.alert)).toBe('closed')
    const history = await list(api, `?from=${Date.now() - 60_000}`)
    expect(history.alerts).toEqual([life.alert])
    expect((await list(api, `?from=${Date.now() - 60_000}&district=hoa-thanh`)).total).toBe(0)
    expect(history).toMatchObject({ handledBy: { [id]: ['admin'] }, handlers: ['admin'] })
    expect((await list(api, `?to=${Date.now() - 60_000}`)).total).toBe(0)
    expect((await get(api, '/api/v1/alerts/unknown1')).status).toBe(404)
  })

  it('go on after a restart: nothing forgotten, nothing doubled', async () => {
    const alert = await raise()
    await answered('POST', '/api/v1/alerts/acknowledge', { ids: [alert.id], comment: 'xem' })
    await alerts.close()
    await until('the api to notice', async () => !(await list(api)).watching)
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    await untilWatching(api)
    await city.measure([dust(170)])
    await city.measure([dust(171, 'station-2')])
    const open = await untilAlerts(api, 'a second alert', ({ length }) => length === 2)
    expect(open.find(({ id }) => id === alert.id)?.acknowledged).toMatchObject({ by: 'admin', comment: 'xem' })
    await city.measure([dust(20)])
    await untilAlerts(api, 'the first to close', ({ length }) => length === 1)
  })

  it('find at a start what began while nobody was watching', async () => {
    await alerts.close()
    await test.store.write([dust(180, 'station-1', Date.now() - 20_000), dust(181, 'station-1', Date.now() - 10_000)])
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    const [alert] = await untilAlerts(api, 'the alert', ({ length }) => length === 1)
    expect(alert).toMatchObject({ sensors: ['station-1'], value: 180 })
  })

  it('are raised while the store is away, and kept once it is back', async () => {
    test.down = true
    await city.measure([dust(150)])
    const screen = new Screen(api)
    await until('the screen to show it', () => screen.alerts.size === 1)
    screen.close()
    test.down = false
    await until('it to be kept', async () =>
      (await test.store.readEvents({ stream: 'alert', limit: 10 })).some(({ id }) => id.endsWith('-1')),
    )
  })

  it('are acknowledged on disk or not at all', async () => {
    const { id } = await raise()
    test.down = true
    const refused = await answered<Problem>('POST', '/api/v1/alerts/acknowledge', { ids: [id] }, 503)
    expect(refused.code).toBe('STORE_UNAVAILABLE')
    expect((await list(api)).alerts[0]).not.toHaveProperty('acknowledged')
    test.down = false
    await answered('POST', '/api/v1/alerts/acknowledge', { ids: [id], comment: 'lần hai' })
    await alerts.close()
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    await untilAlerts(api, 'the acknowledgement', ([one]) => one?.acknowledged?.comment === 'lần hai')
  })

  it('answer 503 when nobody watches', async () => {
    const { id } = await raise()
    await alerts.close()
    expect((await send(api, 'POST', '/api/v1/alerts/acknowledge', { ids: [id] })).status).toBe(503)
    expect((await get(api, '/api/v1/alert-rules')).status).toBe(503)
    expect(await list(api)).toMatchObject({ watching: false, total: 1 })
  })

  it('come 500 at once in few messages, and are acknowledged in one request', async () => {
    const screen = new Screen(api)
    await until('the screen to be subscribed', () => screen.messages > 0)
    const before = screen.messages
    const names = Array.from({ length: 500 }, (_, at) => `flood-${at}`)
    for (const half of [names.slice(0, 250), names.slice(250)])
      await city.measure(half.map((sensor) => dust(200, sensor)))
    await until('the screen to show the flood', () => screen.alerts.size === 500)
    expect(screen.messages - before).toBeLessThan(30)
    const ids = [...screen.alerts.keys()]
    const { changed } = await answered<AlertsChanged>('POST', '/api/v1/alerts/acknowledge', {
      ids,
      comment: 'cháy rừng',
    })
    expect(changed).toHaveLength(500)
    await until('the screen to show it', () => [...screen.alerts.values()].every(({ acknowledged }) => acknowledged))
    screen.close()
  })

  it('are about a group when neighbours fall silent together', async () => {
    const group = { type: 'group', failures: ['offline'], atLeast: 3, withinMetres: 200, forSeconds: 0 } as const
    const scope = { kind: 'lighting' } as const
    await answered(
      'POST',
      '/api/v1/alert-rules',
      { id: 'cabinet', rule: { ...dustRule, scope, condition: group } },
      201,
    )
    for (const number of [1, 2, 3]) {
      const lamp = { kind: 'lighting', district: 'tay-ninh', sensor: `lamp-${number}` } as const
      await city.introduce(lamp, { position: [106.1 + number / 1_000, 11.3] })
      await city.say(lamp, 'offline')
    }
    const [alert] = await untilAlerts(api, 'the group', ({ length }) => length === 1)
    expect(alert).toMatchObject({ cause: 'group', sensors: ['lamp-1', 'lamp-2', 'lamp-3'], value: 3, limit: 3 })
  })

  const addRule = (id: string, condition: object) =>
    answered('POST', '/api/v1/alert-rules', { id, rule: { ...dustRule, condition } }, 201)

  it('about a wrong clock are of their own: no limit is evaluated, and the first right reading clears them', async () => {
    await addRule('clock', { type: 'clock' })
    await city.measure([dust(300, 'station-1', Date.now() + 7 * 3_600_000)])
    const raised = await untilAlerts(api, 'the wrong clock', ({ length }) => length > 0)
    expect(raised).toMatchObject([{ rule: 'clock', cause: 'clock', unit: 's', limit: 300 }])
    expect(Number(raised[0]?.value)).toBeGreaterThan(25_190)
    await city.measure([dust(20)])
    const isOver = ([one, ...others]: Alert[]) =>
      one !== undefined && others.length === 0 && alertState(one) === 'returned'
    await untilAlerts(api, 'the clock to be right', isOver)
  })

  it('judge a clock that is slow by what arrives, also after right readings, and do not call it silent', async () => {
    await addRule('clock', { type: 'clock' })
    await addRule('silent', { type: 'silence', periods: 3 })
    await city.introduce(station, { period: 1 })
    await city.measure([dust(20)])
    const found = await until('both alerts', async () => {
      await city.measure([dust(160, 'station-1', Date.now() - 600_000)])
      const { alerts } = await list(api)
      const rules = new Set(alerts.map(({ rule }) => rule))
      return rules.has('clock') && rules.has('dust') ? alerts : undefined
    })
    expect(found.some(({ rule }) => rule === 'silent')).toBe(false)
    expect(Number(found.find(({ rule }) => rule === 'clock')?.value)).toBeLessThan(-590)
  })

  it('take the values of one time together, and a correction', async () => {
    const ts = Date.now()
    const part = (values: object) => ({ ...dust(0, 'station-1', ts), values }) as ReturnType<typeof dust>
    await city.measure([part({ temperature: 30 }), part({ pm25: 180 })])
    await untilAlerts(api, 'the alert', ([one]) => one?.value === 180)
    await city.measure([part({ pm25: 20 })])
    await untilAlerts(api, 'the correction', ([one]) => one !== undefined && alertState(one) === 'returned')
  })

  it('tell silence by the period that a sensor says it has now', async () => {
    await addRule('silent', { type: 'silence', periods: 3 })
    const other = { ...station, sensor: 'station-2' }
    // 60 s are taken for its period until it has told another one
    await city.measure([dust(20, other.sensor)])
    await city.introduce(other, { period: 1 })
    const [alert] = await untilAlerts(api, 'silence', (alerts) =>
      alerts.some(({ sensors }) => sensors[0] === other.sensor),
    )
    expect(alert).toMatchObject({ cause: 'silence', limit: 3 })
  })

  it('of a sensor that was taken away are over', async () => {
    await raise()
    await city.remove(station)
    await untilAlerts(api, 'the alert to return', ([one]) => one !== undefined && alertState(one) === 'returned')
  })

  describe('rules', () => {
    const path = '/api/v1/alert-rules/dust'
    const draftOf = ({ id: _id, version: _version, changedBy: _by, changedAt: _at, ...draft }: AlertRule) => draft

    it('of a cause or a kind that came later are given to an older installation, once', async () => {
      const book = new RuleStore({ store: test.store, log: silent })
      await book.load(Date.now())
      // those were taken away before, and stay away
      expect(book.all().map(({ id }) => id)).toEqual(['dust'])
      const older = await openTestStore()
      const [event] = await test.store.readEvents({ stream: 'alert-rule', limit: 1 })
      await older.store.appendEvents(event ? [event] : [])
      const next = new RuleStore({ store: older.store, log: silent })
      await next.load(Date.now())
      const clocks = next.all().filter(({ condition }) => condition.type === 'clock')
      expect(clocks.map(({ scope }) => scope.kind).sort()).toEqual(kinds.toSorted())
      const later = defaultRules().filter(
        ([, { condition, scope }]) =>
          ['clock', 'lamp-fault', 'lamp-power'].includes(condition.type) || kindOf(scope.kind).cameLater,
      )
      expect(
        next
          .all()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(['dust', ...later.map(([id]) => id)].sort())
      await older.close()
    })

    it('begin with the default set', async () => {
      const events = await test.store.readEvents({ stream: 'alert-rule', limit: 1_000 })
      const defaults = events.filter(({ body }) => (body as AlertRule).changedBy === 'system')
      expect(defaults.length).toBeGreaterThan(10)
      for (const { body } of defaults) if (!('removed' in (body as object))) alertRuleSchema.parse(body)
    })

    it('are changed by who read the newest version, and nobody else', async () => {
      const quiet = { ...dustRule, enabled: false }
      const changed = await answered<AlertRule>('PUT', path, { version: 1, rule: quiet })
      expect(changed).toMatchObject({ version: 2, enabled: false, changedBy: 'admin' })
      const late = await answered<Problem>('PUT', path, { version: 1, rule: dustRule }, 409)
      expect(late).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining('version 2') })
      await answered('PUT', '/api/v1/alert-rules/unknown', { version: 1, rule: dustRule }, 404)
      await answered('POST', '/api/v1/alert-rules', { id: 'dust', rule: dustRule }, 409)
      const wrong = { ...dustRule, scope: { kind: 'lighting' } }
      const refused = await answered<Problem>('POST', '/api/v1/alert-rules', { rule: wrong }, 400)
      expect(refused.detail).toContain('is no value of kind lighting')
    })

    it('that are switched off clear what they raised, and survive a restart', async () => {
      await raise()
      await answered('PUT', path, { version: 1, rule: { ...dustRule, enabled: false } })
      await untilAlerts(api, 'the alert to return', ([one]) => one !== undefined && alertState(one) === 'returned')
      await alerts.close()
      alerts = await startTestAlerts(test.store, broker.mqttPort)
      await untilWatching(api)
      const { rules } = (await (await get(api, '/api/v1/alert-rules')).json()) as { rules: AlertRule[] }
      expect(rules.map(draftOf)).toEqual([{ ...dustRule, enabled: false }])
    })

    it('are tried on the past', async () => {
      const minute = (ago: number, pm25: number) => dust(pm25, 'station-1', Date.now() - ago * 60_000)
      const values = Array.from({ length: 120 }, (_, at) => minute(120 - at, at % 40 < 20 ? 30 : 130))
      await test.store.write(values)
      await city.measure([dust(30)])
      const result = await until('the station to be watched', async () => {
        const answer = await answered<DryRunResponse>('POST', '/api/v1/alert-rules/dry-run', { rule: dustRule })
        return answer.sensors === 1 ? answer : undefined
      })
      expect(result).toMatchObject({ total: 3, readings: 120, complete: true })
      expect(result.alerts.map(({ value, sensors }) => [value, ...sensors])).toEqual(Array(3).fill([130, 'station-1']))
      const silence = { ...dustRule, condition: { type: 'silence', periods: 3 } }
      const silent = await answered<DryRunResponse>('POST', '/api/v1/alert-rules/dry-run', { rule: silence })
      expect(silent.total).toBe(0)
    })

    it('are tried no longer than for a time, or until who asked has gone, and then others may', async () => {
      await alerts.close()
      let hangs = 0
      // a store whose answer does not come: only being given up ends it
      const counts = async (query: CountsQuery, context: QueryContext) => {
        if (hangs-- <= 0) return test.store.counts(query, context)
        await once(context.signal, 'abort')
        throw context.signal.reason
      }
      const hanging = new Proxy(test.store, {
        get(store, name) {
          if (name === 'counts') return counts
          const value: unknown = Reflect.get(store, name)
          return typeof value === 'function' ? value.bind(store) : value
        },
      })
      const dryRun = () => send(api, 'POST', '/api/v1/alert-rules/dry-run', { rule: dustRule })
      const start = async (limits: AlertsOptions['limits']) => {
        alerts = await startTestAlerts(hanging, broker.mqttPort, { limits: limits ?? {} })
        await until('a dry run', async () => (await dryRun()).ok)
      }
      await start({ dryRunMs: 3_000 })
      hangs = 1
      const slow = await dryRun()
      expect([slow.status, await slow.json()]).toMatchObject([504, { code: 'TOO_SLOW' }])
      expect((await dryRun()).status).toBe(200)
      await alerts.close()

      await start({})
      hangs = 1
      const leaving = new AbortController()
      const left = fetch(`${api.url}/api/v1/alert-rules/dry-run`, {
        ...{ method: 'POST', body: JSON.stringify({ rule: dustRule }), signal: leaving.signal },
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      })
      await until('the run to be under way', () => hangs === 0)
      expect((await dryRun()).status).toBe(409)
      leaving.abort()
      await expect(left).rejects.toThrow()
      await until('another run', async () => (await dryRun()).status === 200)
    })
  })
})
