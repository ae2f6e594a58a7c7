import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { Api } from '#api/api.ts'
import { exampleCorrection } from '#api/openapi/examples/corrections.ts'
import { examplesOf } from '#api/openapi/examples/examples.ts'
import {
  exampleAt,
  exampleCounter,
  exampleDistrict,
  exampleGauge,
  exampleLamp,
  exampleReading,
  exampleRoad,
  exampleStation,
  exampleWard,
} from '#api/openapi/examples/shared.ts'
import { exampleHandOver } from '#api/openapi/examples/shift.ts'
import { statusOfCode } from '#api/server/problems.ts'
import type { District } from '#telemetry/district.ts'
import type { QuarantineResponse } from '#telemetry/quarantine-rest.ts'
import type { Reading } from '#telemetry/reading.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { City, dust, dustRule, send, startTestAlerts, untilAlerts, untilWatching } from '../alerts/alerts-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { counter } from '../storage/store-samples.ts'
import { writeArchive } from '../support/pmtiles-file.ts'
import { type ApiDocument, addressOf, type Described, describedBy, faultsBySchema } from './api-description.ts'
import { get, openTestStore, startTestApi, type TestStore, until, untilReady } from './api-parts.ts'

const hourMs = 3_600_000
const centre: [number, number] = [106.1, 11.3]
/** the district of the examples, with its ward */
const district: District = {
  ...{ id: exampleDistrict, name: { vi: 'Khu vực', en: 'District' }, centre, formerUnits: [] },
  outline: [
    [106, 11.2],
    [106.2, 11.2],
    [106.2, 11.4],
    [106, 11.2],
  ],
  wards: [{ id: exampleWard, name: { vi: 'Phường', en: 'Ward' }, centre }],
}
/** statuses that every operation of the api may answer with */
const usual = ['400', '401', '403', '414', '421', '429', '500', '503']
/** answers that hold something, without filters, on the platform of these tests */
const filled: Record<string, string> = {
  listSensors: 'features',
  listLatestReadings: 'readings',
  getSensorHistory: 'points',
  getSensorQuality: 'hours',
  getAirQualityIndex: 'stations',
  getTrafficFigures: 'groups',
  getLightingFigures: 'groups',
  getQualityFigures: 'groups',
  getReplay: 'readings',
  listQuarantinedMessages: 'entries',
  listLampCommands: 'commands',
  diagnoseDevices: 'messages',
  listAlerts: 'alerts',
  getAlert: 'events',
  listAlertRules: 'rules',
  listPeople: 'people',
  listKeys: 'keys',
  listAuditTrail: 'entries',
  listShiftLog: 'entries',
  listHandOvers: 'handOvers',
}

describe('the OpenAPI document', () => {
  let broker: TestBroker
  let test: TestStore
  let alerts: Alerts
  let city: City
  let api: Api
  let document: ApiDocument
  let operations: Described[]

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    // two days of a station and a counter, of which one ends at the hour of the examples
    const hours = Array.from({ length: 24 }, (_, hour) => hour)
    const of = (ts: number): Reading => ({ ...exampleReading, ts })
    const now = Date.now()
    const times = hours.flatMap((hour) => [exampleAt - hour * hourMs + 60_000, now - hour * hourMs - 60_000])
    const counted = (ts: number) => ({ ...counter(exampleCounter, ts, 31), district: exampleDistrict })
    await test.store.write([...new Set(times)].flatMap((ts) => [of(ts), counted(ts)]))
    const { entries } = examplesOf('listQuarantinedMessages').answer as QuarantineResponse
    await test.store.appendEvents(entries.map((body) => ({ stream: 'quarantine', id: 'q-1', ts: body.ts, body })))
    await test.store.appendEvents([
      { stream: 'correction', id: exampleCorrection.id, ts: exampleCorrection.at, body: exampleCorrection },
      { stream: 'shift', id: exampleHandOver.id, ts: exampleHandOver.at, body: exampleHandOver },
    ])
    const placed = { ward: exampleWard, road: exampleRoad }
    city = await City.connect(broker.mqttPort)
    await city.introduce(
      { kind: 'air-quality', district: exampleDistrict, sensor: exampleStation },
      { period: 3_600, ...placed },
    )
    await city.introduce(
      { kind: 'traffic', district: exampleDistrict, sensor: exampleCounter },
      { period: 60, ...placed },
    )
    await city.introduce({ kind: 'lighting', district: exampleDistrict, sensor: exampleLamp }, placed)
    await city.introduce({ kind: 'water-level', district: exampleDistrict, sensor: exampleGauge }, placed)
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    const baseMap = join(test.folder, 'map.pmtiles')
    await writeArchive(baseMap)
    api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt, baseMap, districts: [district] })
    await untilReady(api)
    await untilWatching(api)
    await send(api, 'POST', '/api/v1/alert-rules', { rule: dustRule })
    await until('sensors to be known', async () => {
      const { features } = (await (await get(api, '/api/v1/sensors')).json()) as { features: unknown[] }
      return features.length === 4
    })
    await city.measure([{ ...dust(150, exampleStation), district: exampleDistrict }])
    await untilAlerts(api, 'the alert', (found) => found.length > 0)
    ;({ document, operations } = await describedBy(api))
  })
  afterAll(async () => {
    await city.close()
    await api.close()
    await alerts.close()
    await broker.close()
    await test.close()
  })

  /** What is wrong with an answer by the description; undefined when nothing is. */
  async function faultOf({ name, operation }: Described, answer: Response): Promise<string | undefined> {
    const text = await answer.text()
    const described = operation.responses[answer.status]
    if (!described) return `${name} answered ${answer.status}, which is not described: ${text}`
    const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? ''
    if (described.content === undefined) return text === '' ? undefined : `${name} answered something`
    const media = described.content[type]
    if (!media) return `${name} answered ${type}, which is not described`
    if (answer.ok) {
      const value: unknown = type.endsWith('json') ? JSON.parse(text) : text
      const faults = faultsBySchema(media.schema ?? {}, value)
      return faults.length > 0 ? `${name}: ${faults.join('; ')}` : undefined
    }
    const problem = problemSchema.parse(JSON.parse(text))
    return media.examples?.[problem.code] ? undefined : `${name} answered ${problem.code}, which is not described`
  }

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(await new Validator().validate({ ...document })).toMatchObject({ valid: true })
  })

  it('names every operation once, in the words of the field, with tag and summary', () => {
    expect(operations.length).toBeGreaterThan(40)
    const ids = operations.map(({ operation }) => operation.operationId ?? '')
    expect(new Set(ids).size).toBe(ids.length)
    const known = document.tags.map(({ name }) => name)
    for (const { name, operation } of operations) {
      expect(operation.operationId, name).toMatch(/^[a-z]+([A-Z][a-z]*)*$/)
      expect(operation.summary, name).toMatch(/^.{8,}$/)
      expect(operation.tags, name).toHaveLength(1)
      expect(known, name).toContain(operation.tags?.[0])
    }
  })

  it('tells the errors of every operation, each a problem document of the one schema, with an example for each code', () => {
    for (const { name, method, path, operation } of operations) {
      const { responses } = operation
      const statuses = Object.keys(responses)
      if (path.startsWith('/api/')) {
        const isOpen = operation['x-right'] === 'open'
        const without = isOpen ? (method === 'GET' ? ['401', '403'] : ['401']) : []
        for (const status of usual) if (!without.includes(status)) expect(statuses, name).toContain(status)
      }
      if (operation.requestBody) expect(statuses, name).toEqual(expect.arrayContaining(['413', '415']))
      for (const [status, { description, content = {} }] of Object.entries(responses)) {
        expect(description, name).not.toMatch(/^Default/)
        const problems = content['application/problem+json']
        if (!problems) continue
        expect(problems.schema, name).toEqual({ $ref: '#/components/schemas/Error' })
        const codes = Object.keys(problems.examples ?? {})
        expect(codes.length, name).toBeGreaterThan(0)
        for (const code of codes) {
          expect(statusOfCode, name).toHaveProperty(code, Number(status))
          expect(document.components.examples[code]?.value, code).toMatchObject({ code, status: Number(status) })
        }
      }
    }
    const { Error: schema = {} } = document.components.schemas
    for (const { value } of Object.values(document.components.examples))
      expect(faultsBySchema(schema, value)).toEqual([])
  })

  it('has an example of every parameter, body and answer, and each is of its schema', () => {
    const faults: string[] = []
    const look = (what: string, schema: object | undefined, example: unknown) => {
      if (example === undefined) faults.push(`${what} has no example`)
      else faults.push(...faultsBySchema(schema ?? {}, example).map((fault) => `${what}: ${fault}`))
    }
    for (const { name, operation } of operations) {
      for (const parameter of operation.parameters ?? [])
        look(`${name} ${parameter.name}`, parameter.schema, parameter.example)
      for (const { schema, example } of Object.values(operation.requestBody?.content ?? {}))
        look(`${name} body`, schema, example)
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        if (status.startsWith('2'))
          for (const { schema, example } of Object.values(content)) look(`${name} ${status}`, schema, example)
      // what is left over belongs to nothing
      const { parameters = {}, body } = examplesOf(operation.operationId ?? '')
      expect(
        (operation.parameters ?? []).map((each) => each.name),
        name,
      ).toEqual(expect.arrayContaining(Object.keys(parameters)))
      expect(body === undefined, name).toBe(operation.requestBody === undefined)
    }
    expect(faults).toEqual([])
  })

  it('is kept by the answers of a platform with data to every example: of GETs to success, and with something in them', async () => {
    const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
    const faults: (string | undefined)[] = []
    await send(api, 'POST', '/api/v1/keys', { name: 'first', rights: ['see'], days: 1 })
    await send(api, 'POST', '/api/v1/commands', examplesOf('sendLampCommand').body)
    const [alert] = await untilAlerts(api, 'the alert', () => true)
    const now = Date.now()
    for (const each of operations.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method))) {
      const { method, operation } = each
      const { operationId = '' } = operation
      const body = operation.requestBody?.content['application/json']?.example
      const own = (address: string) =>
        operationId === 'getAlert' ? address.replace(/[^/]+$/, alert?.id ?? '') : address
      const answer = await send(api, method, own(addressOf(each, 'all')), body)
      if (method === 'GET')
        expect([answer.status, await answer.clone().text()], each.name).toEqual([200, expect.any(String)])
      faults.push(await faultOf(each, answer))
      if (method !== 'GET') continue
      const bare =
        operationId === 'getReplay'
          ? `/api/v1/replay?from=${now - 600_000}&to=${now}`
          : own(addressOf(each, 'required'))
      const wide = await get(api, bare)
      const held: unknown = wide.headers.get('content-type')?.includes('json') ? await wide.clone().json() : {}
      faults.push(await faultOf(each, wide))
      const list = filled[operationId]
      if (list) expect((held as Record<string, unknown[]>)[list]?.length, each.name).toBeGreaterThan(0)
    }
    expect(faults.filter((fault) => fault !== undefined)).toEqual([])
  })
})
