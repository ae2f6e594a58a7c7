import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { exampleDistrict, exampleStation, exampleWard } from '#api/openapi/examples/shared.ts'
import type { District } from '#telemetry/district.ts'
import { get, openTestStore, startTestApi, startTestBroker, type TestBroker, type TestStore } from './api-parts.ts'

const name = { vi: 'Châu Thành', en: 'Châu Thành' }
const centre: [number, number] = [106.02, 11.31]
const own: District = {
  ...{ id: 'chau-thanh', name, centre, formerUnits: [] },
  outline: [
    [106, 11.3],
    [106.04, 11.3],
    [106.02, 11.34],
    [106, 11.3],
  ],
  wards: [{ id: 'hao-duoc', name, centre }],
}

describe('the examples of the OpenAPI document', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api
  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    api = await startTestApi({ store: test.store, brokerPort: broker.port, districts: [own] })
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('are about the installation’s own first district and ward', async () => {
    const document = await (await get(api, '/api/openapi.json')).text()
    for (const standIn of [exampleDistrict, exampleWard]) expect(document).not.toContain(`"${standIn}`)
    expect(document).toContain(exampleStation.replace(exampleDistrict, 'chau-thanh'))
    expect(document).toContain('"hao-duoc"')
  })
})
