import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Api } from '#api/api.ts'
import { CorrectionApplier } from '#history/corrections/apply-corrections.ts'
import { eventsOf } from '#history/corrections/correction-log.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { meanOf } from '#storage/roll-up/steps.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { invitedPersonResponse } from '#telemetry/accounts.ts'
import { auditLogResponse } from '#telemetry/audit-log.ts'
import {
  correctionDryRunResponse,
  correctionEntrySchema,
  correctionResponse,
  correctionsResponse,
  type DataCorrection,
} from '#telemetry/data-corrections.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { historyResponse } from '#telemetry/history-rest.ts'
import type { PersonRole } from '#telemetry/people.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { adminToken, airReading, openTestStore, startTestApi, until } from './api-parts.ts'

const password = 'một mật khẩu đủ dài'
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
/** a whole hour yesterday */
const start = Math.floor(Date.now() / hour) * hour - 24 * hour
const end = start + 2 * hour
const station = { kind: 'air-quality', sensor: 'station-1' } as const
const calibrated = { type: 'linear', factor: 1, offset: -4 } as const
const invalid = { type: 'exclude', as: 'invalid' } as const

/** Stores for two processes of the api, and how all is ended. */
interface Stores {
  stores: [TelemetryStore, TelemetryStore]
  close(): Promise<void>
}

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
])('corrections on $name, by two processes of the api', ({ openStores, isThere }) => {
  if (!isThere) {
    it.skip('is not installed here')
    return
  }
  let stores: Stores
  let store: TelemetryStore
  let broker: TestBroker
  let api: Api
  /** where a second person has to confirm */
  let strict: Api
  let [hoa, minh, viewer]: string[] = []

  const ask = (
    path: string,
    { as = hoa, at = api, body }: { as?: string | undefined; at?: Api; body?: unknown } = {},
  ) =>
    fetch(`${at.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(as?.startsWith('nhip_session=') ? { cookie: as } : { authorization: `Bearer ${as}` }),
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
    const { invitation } = await read(invitedPersonResponse, '/people', { as: adminToken, body: { name, role } })
    const accepted = await ask('/session/invitation', { as: '', body: { token: invitation.token, password } })
    return accepted.headers.get('set-cookie')?.split(';')[0] ?? ''
  }
  const about = { sensor: station.sensor, value: 'pm25', from: start, to: end }
  const correct = (given: object, more: Parameters<typeof ask>[1] = {}) =>
    read(correctionEntrySchema, '/corrections', { body: { ...about, reason: 'calibration', ...given }, ...more })
  const undo = (id: string, more: Parameters<typeof ask>[1] = {}) =>
    read(correctionEntrySchema, `/corrections/${id}/undo`, { body: { reason: 'the wrong day' }, ...more })
  const list = (query = '') => read(correctionsResponse, `/corrections?sensor=${station.sensor}${query}`)
  /** What the readings of two hours come to. */
  const figures = async (value = 'pm25', sensor: string = station.sensor) => {
    const members = [{ sensor, group: 0 }]
    const [cell] = await store.rollUps({ kind: station.kind, value, members, edges: [start, end] })
    if (!cell) return undefined
    return { count: cell.count, mean: meanOf(cell), excluded: cell.excluded, corrected: cell.corrected }
  }
  /** The history of the two hours. */
  const points = async (window: string, fn?: string) => {
    const query = `value=pm25&window=${window}&from=${start}&to=${end}${fn === undefined ? '' : `&fn=${fn}`}`
    return (await read(historyResponse, `/sensors/${station.sensor}/history?${query}`)).points
  }
  const untouched = { count: 120, mean: 40, excluded: {}, corrected: 0 }

  beforeAll(async () => {
    stores = await openStores()
    store = stores.stores[0]
    broker = await startTestBroker()
    const times = Array.from({ length: 180 }, (_, at) => start + at * minute)
    await store.write(times.map((ts) => ({ ...airReading(station.sensor, ts, 40), seq: 1 })))
    await store.write(times.map((ts) => airReading('station-2', ts, 40)))
    while ((await store.upkeep({ until: start + 12 * hour, maxReadings: 100_000 })).more);
    const [, second] = stores.stores
    api = await startTestApi({ store, brokerPort: broker.mqttPort })
    strict = await startTestApi({ store: second, brokerPort: broker.mqttPort, correctionsNeedConfirmation: true })
    await until('the sensors', async () => (await ask('/sensors/station-2/history?value=pm25', { as: adminToken })).ok)
    hoa = await add('Hoa', 'planner')
    minh = await add('Minh', 'engineer')
    viewer = await add('Xem', 'operator')
  }, 60_000)
  afterAll(async () => {
    await api?.close()
    await strict?.close()
    await broker?.close()
    await stores?.close()
  })

  it('are entered by who may, and told before and after', async () => {
    expect(await list()).toEqual({ entries: [], needConfirmation: false, truncated: false })
    const body = { ...about, change: calibrated, reason: 'x' }
    expect(await refusal('/corrections', { as: viewer, body })).toEqual([403, 'RIGHT_NEEDED'])
    const dryRun = await read(correctionDryRunResponse, '/corrections/dry-run', {
      body: { ...about, change: calibrated },
    })
    expect(dryRun).toMatchObject({
      values: [{ value: 'pm25', changed: 120, outOfRange: 0, before: { count: 120, mean: 40 }, after: { mean: 36 } }],
      ...{ hours: 2, replaces: [], seen: '', truncated: false, unmatched: 0 },
    })
    expect(dryRun.days.length).toBeGreaterThan(0)
    expect(await figures()).toEqual(untouched)
    const entry = await correct({ change: calibrated, seen: dryRun.seen })
    expect(entry).toMatchObject({ by: 'Hoa', state: 'in-force', change: calibrated, reason: 'calibration' })
    expect(await figures()).toEqual({ ...untouched, mean: 36, corrected: 120 })
    expect(await figures('pm25', 'station-2')).toEqual(untouched)
    expect(await read(correctionResponse, `/corrections/${entry.id}`, { as: viewer })).toEqual({ entry })
    const trail = await read(auditLogResponse, '/trail?limit=10', { as: adminToken })
    expect(trail.entries).toContainEqual(
      expect.objectContaining({ what: 'data.correct', who: 'Hoa', target: station.sensor }),
    )
    const query = `sensors=${station.sensor}&values=pm25&functions=mean&window=1h&from=${start}&to=${end}`
    const answer = await (await ask(`/history/query?${query}`)).text()
    expect(answer.match(/"corrected":\d+/g)).toEqual(['"corrected":60', '"corrected":60'])
    expect(answer.match(/"mean":\d+/g)).toEqual(['"mean":36', '"mean":36'])
    // the original stays, and says what it counts as
    const [first] = await points('raw')
    expect(first).toEqual({ ts: start, value: 40, corrected: true, counts: 36 })
    for (const fn of ['mean', 'min', 'max', 'p95'])
      expect(await points('1h', fn)).toMatchObject([
        { ts: start, value: 36, corrected: true },
        { ts: start + hour, value: 36, corrected: true },
      ])
  })

  it('take the place of earlier ones, and are undone by other entries', async () => {
    const half = await correct({ change: invalid, value: undefined, to: start + hour }, { as: minh })
    expect(await figures()).toEqual({ count: 60, mean: 36, excluded: { invalid: 60 }, corrected: 120 })
    expect((await points('raw'))[0]).toEqual({ ts: start, value: 40, corrected: true, excluded: 'invalid' })
    expect(await points('1h')).toMatchObject([{ ts: start + hour, value: 36, corrected: true }])
    expect((await points('1h', 'count')).map(({ value }) => value)).toEqual([60])
    const undoing = await undo(half.id)
    expect(undoing).toMatchObject({ type: 'undoing', undoes: half.id, by: 'Hoa', state: 'in-force' })
    expect(await figures()).toEqual({ ...untouched, mean: 36, corrected: 120 })
    expect(await refusal(`/corrections/${half.id}/undo`, { body: { reason: 'x' } })).toEqual([409, 'NOT_IN_FORCE'])
    await undo(undoing.id)
    expect((await figures())?.count).toBe(60)
    const { entries } = await list()
    expect(entries.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'undoing in-force',
      'undoing undone',
      'correction in-force',
      'correction in-force',
    ])
    for (const { id, type } of entries) if (type === 'correction') await undo(id)
    expect(await figures()).toEqual(untouched)
    expect(await points('1h')).toEqual(
      [0, 1].map((at) => ({ ts: start + at * hour, end: start + (at + 1) * hour, value: 40 })),
    )
  })

  it('come in a file, of which what has no reading changes nothing', async () => {
    const text = `ts,value\n${start},10\n${start + minute},20\n${start + minute + 1},99\n`
    const change = { type: 'file', name: 'lab.csv', text } as const
    const body = { sensor: station.sensor, value: 'pm25', change }
    const dryRun = await read(correctionDryRunResponse, '/corrections/dry-run', { body })
    expect(dryRun).toMatchObject({
      unmatched: 1,
      hours: 1,
      values: [{ changed: 2, before: { mean: 40 }, after: { mean: 15 } }],
    })
    const entry = await correct({ change, from: undefined, to: undefined })
    expect(entry).toMatchObject({
      from: start,
      to: start + minute + 2,
      change: { type: 'file', points: 3, name: 'lab.csv' },
    })
    expect(await figures()).toEqual({ ...untouched, mean: (118 * 40 + 30) / 120, corrected: 2 })
    const { points } = await read(correctionResponse, `/corrections/${entry.id}`)
    expect(points).toEqual([
      [start, 10],
      [start + minute, 20],
      [start + minute + 1, 99],
    ])
    const undoing = await read(correctionDryRunResponse, '/corrections/dry-run', { body: { undo: entry.id } })
    expect(undoing.values).toMatchObject([{ changed: 2, before: { mean: 15 }, after: { mean: 40 } }])
    await undo(entry.id)
    expect(await figures()).toEqual(untouched)
  })

  it('of two people about the same are one, where each says what they knew of', async () => {
    const { seen } = await read(correctionDryRunResponse, '/corrections/dry-run', {
      body: { ...about, change: invalid },
    })
    const body = { ...about, change: invalid, reason: 'x', seen }
    const answers = await Promise.all([
      ask('/corrections', { body }),
      ask('/corrections', { as: minh, at: strict, body }),
      ask('/corrections', { as: minh, body }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    const refused = await Promise.all(answers.filter(({ ok }) => !ok).map((answer) => answer.json()))
    for (const each of refused)
      expect(problemSchema.parse(each).faults).toMatchObject([{ code: 'CORRECTED_MEANWHILE' }])
    // of others about another time both count
    const others = await Promise.all([
      ask('/corrections', { body: { ...body, from: end, to: end + 1 } }),
      ask('/corrections', { as: minh, at: strict, body: { ...body, from: end + 1, to: end + 2 } }),
    ])
    expect(others.map(({ status }) => status)).toEqual([201, 201])
    const { entries } = await list()
    for (const { id, type, state, by } of entries)
      if (type === 'correction' && (state === 'in-force' || state === 'waiting'))
        await ask(`/corrections/${id}/undo`, { as: by === 'Hoa' ? hoa : minh, body: { reason: 'x' } })
    expect(await figures()).toEqual(untouched)
  })

  it('wait for a second person where that is set, and so do undoings', async () => {
    const entry = await correct({ change: invalid }, { at: strict })
    expect(entry.state).toBe('waiting')
    expect(await figures()).toEqual(untouched)
    const decide = (id: string, how: 'confirm' | 'reject', as: string | undefined) =>
      ask(`/corrections/${id}/${how}`, { as, at: strict, body: { comment: 'seen' } })
    expect(await refusal(`/corrections/${entry.id}/confirm`, { body: {} })).toEqual([403, 'NOT_YOUR_OWN'])
    const dryRun = await read(correctionDryRunResponse, '/corrections/dry-run', {
      as: minh,
      body: { confirm: entry.id },
    })
    expect(dryRun.values).toMatchObject([{ value: 'pm25', before: { count: 120 }, after: { count: 0 } }])
    const statuses = await Promise.all([decide(entry.id, 'confirm', minh), decide(entry.id, 'reject', adminToken)])
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 409])
    // whichever came first
    const { entry: decided } = await read(correctionResponse, `/corrections/${entry.id}`)
    expect((await figures())?.count).toBe(decided.state === 'in-force' ? 0 : 120)
    const second = decided.state === 'in-force' ? entry : await correct({ change: invalid }, { at: strict })
    if (second !== entry) await decide(second.id, 'confirm', minh)
    expect(await figures()).toMatchObject({ count: 0, excluded: { invalid: 120 } })
    const undoing = await undo(second.id, { at: strict })
    expect(undoing.state).toBe('waiting')
    expect((await figures())?.count).toBe(0)
    expect((await decide(undoing.id, 'reject', minh)).status).toBe(200)
    expect((await figures())?.count).toBe(0)
    const again = await undo(second.id, { at: strict })
    expect(await refusal(`/corrections/${again.id}/reject`, { at: strict, body: {} })).toEqual([403, 'NOT_YOUR_OWN'])
    expect((await decide(again.id, 'confirm', minh)).status).toBe(200)
    expect(await figures()).toEqual(untouched)
    const withdrawn = await correct({ change: invalid }, { at: strict })
    expect((await undo(withdrawn.id, { at: strict })).state).toBe('in-force')
    expect(await refusal(`/corrections/${withdrawn.id}/confirm`, { as: minh, body: {} })).toEqual([409, 'NOT_WAITING'])
  })

  it('that a process did not bring to its end are brought into the figures by another', async () => {
    const at = Date.now()
    const entry: DataCorrection = {
      ...{ type: 'correction', id: `${at.toString(36)}-0a1b2c3d4e5f`, at, by: 'Hoa', ...station },
      ...{ value: 'pm25', from: start, to: end, change: invalid, reason: 'x', needsConfirmation: false },
    }
    // killed between the event and the segments
    await store.putDocument('correction-due', { id: 'air-quality/station-1.killed', body: station })
    await store.appendEvents(eventsOf(entry))
    expect(await figures()).toEqual(untouched)
    const applier = new CorrectionApplier({ store, log: silent, leftOverMs: 0 })
    await applier.recover()
    expect(await figures()).toMatchObject({ count: 0, excluded: { invalid: 120 } })
    expect(await store.readDocuments('correction-due')).toEqual([])
    await undo(entry.id)
    // the store goes away in between
    let isAway = true
    const away = new Proxy(store, {
      get: (target, name) =>
        name === 'putCorrections' && isAway
          ? () => Promise.reject(new StoreUnavailableError('away'))
          : Reflect.get(target, name).bind(target),
    })
    const failing = new CorrectionApplier({ store: away, log: silent, leftOverMs: 0 })
    const later = { ...entry, id: `${(at + 60_000).toString(36)}-0a1b2c3d4e5f`, at: at + 60_000 }
    await failing.applyAfter(station, () => store.appendEvents(eventsOf(later)))
    expect(await figures()).toEqual(untouched)
    isAway = false
    await failing.recover()
    expect((await figures())?.count).toBe(0)
    await undo(later.id)
    expect(await figures()).toEqual(untouched)
  })

  it('that cannot be say what to ask instead', async () => {
    const bad: [object, number, string][] = [
      [{ sensor: 'nobody' }, 404, 'NO_SUCH_SENSOR'],
      [{ value: 'pm3' }, 400, 'NO_SUCH_VALUE'],
      [{ value: undefined }, 400, 'CORRECTION_NEEDS_VALUE'],
      [{ from: undefined }, 400, 'MISSING'],
      [{ to: undefined }, 400, 'MISSING'],
      [{ from: end, to: start }, 400, 'FROM_NOT_BEFORE_TO'],
      [{ from: start - 500 * day }, 400, 'CORRECTION_TOO_LONG'],
      [{ to: start + 100 * day }, 400, 'CORRECTION_TOO_FAR_AHEAD'],
      [{ reason: '' }, 400, 'MUST_NOT_BE_EMPTY'],
      [{ change: { type: 'linear', factor: 'x' } }, 400, 'WRONG_TYPE'],
      [{ change: { type: 'file', text: 'ts,value\n1' } }, 400, 'LINE_NOT_A_POINT'],
      [{ change: { type: 'file', text: '' } }, 400, 'FILE_EMPTY'],
    ]
    for (const [given, status, code] of bad) {
      const body = { ...about, change: calibrated, reason: 'x', ...given }
      expect([given, ...(await refusal('/corrections', { body }))]).toEqual([given, status, code])
    }
    for (const path of ['', '/undo', '/confirm', '/reject']) {
      const body = path === '' ? undefined : path === '/undo' ? { reason: 'x' } : {}
      expect(await refusal(`/corrections/mkw0m0g0-3a4b5c6d7e8f${path}`, { body })).toEqual([404, 'NO_SUCH_CORRECTION'])
    }
    const filtered = await list(`&from=${end + 1}&to=${end + 2}`)
    expect(filtered.entries.every((entry) => entry.type === 'undoing' || entry.to > end + 1)).toBe(true)
    expect((await list('&limit=1')).truncated).toBe(true)
  })

  it('of a time whose readings are no longer kept are refused', async () => {
    await store.trim(start + hour)
    const body = { ...about, change: invalid, reason: 'x' }
    expect(await refusal('/corrections', { body })).toEqual([409, 'NOT_KEPT_ANY_MORE'])
    expect(await refusal('/corrections/dry-run', { body: { ...about, change: invalid } })).toEqual([
      409,
      'NOT_KEPT_ANY_MORE',
    ])
    await correct({ change: invalid, from: start + hour })
    expect((await figures())?.excluded).toEqual({ invalid: 60 })
  })
})
