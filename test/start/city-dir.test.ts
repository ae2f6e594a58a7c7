import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { districtsResponse, sensorsResponse } from '#telemetry/rest.ts'
import { ownDistrict, ownRoads, writeOwnCity } from '../city/own-city.ts'
import { type PlatformProcess, startPlatform, startService } from '../support/platform-process.ts'

/** what a service that runs alone asks for before anything else; nothing answers there */
const alone = {
  ...{ STORE: 'influxdb', INFLUX_URL: 'http://127.0.0.1:9', JOURNAL: 'nats', NATS_URL: 'nats://127.0.0.1:9' },
  ...{ MQTT_URL: 'mqtt://127.0.0.1:9', HTTP_PORT: '0', ADMIN_TOKEN: 'only for these tests' },
  ...{ INGEST_PASSWORD: 'only for these tests', ALERTS_PASSWORD: 'only for these tests' },
  ...{ API_PASSWORD: 'only for these tests', SIMULATORS_PASSWORD: 'only for these tests' },
}

describe('CITY_DIR', () => {
  let folder: string
  let broken: string
  let own: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-city-dir-'))
    ;[broken, own] = [join(folder, 'broken'), join(folder, 'own')]
    await writeOwnCity(own)
    await writeOwnCity(broken)
    const path = join(broken, 'roads.geojson')
    await writeFile(path, (await readFile(path, 'utf8')).replace('"class":"primary"', '"class":"motorway"'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each([
    'all in one',
    'ingest',
    'alerts',
    'api',
    'simulators',
    'credentials add d-1 --district chau-thanh --kind traffic',
  ])('with wrong data stops %s at its start, with file, feature and what it must be', async (service) => {
    const env = { DATA_DIR: join(folder, 'data'), CITY_DIR: broken, SENSORS: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0' }
    const started =
      service === 'all in one'
        ? startService(undefined, { ...env, HTTP_PORT: '0' })
        : startService(service, { ...alone, ...env })
    expect(await started.exited).toBe(1)
    expect(started.output()).toContain(`CITY_DIR is "${broken}"`)
    expect(started.output()).toMatch(
      /roads\.geojson, feature \d+ \("[a-z0-9-]+"\), properties\.class: is "motorway", must be one of trunk, primary, secondary/,
    )
  })

  describe('with a third district', () => {
    let platform: PlatformProcess
    const ask = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> => {
      const answer = await fetch(platform.url + path, { headers: { authorization: `Bearer ${platform.adminToken}` } })
      return schema.parse(await answer.json())
    }
    beforeAll(async () => {
      platform = await startPlatform({
        DATA_DIR: join(folder, 'third'),
        CITY_DIR: own,
        SENSORS: '60',
        BACKFILL_DAYS: '0',
      })
    })
    afterAll(() => platform?.stop('SIGKILL'))

    it('gives REST the district, its roads, and lamps that stand along them', async () => {
      const { districts } = await ask('/api/v1/districts', districtsResponse)
      expect(districts.map(({ id }) => id)).toContain(ownDistrict)
      const feature = z.object({ properties: z.object({ id: z.string() }) })
      const { features } = await ask('/api/v1/map', z.object({ features: z.array(feature) }))
      const roads = ownRoads.map(({ properties }) => properties.id)
      expect(features.map(({ properties }) => properties.id)).toEqual(expect.arrayContaining(roads))
      const path = `/api/v1/sensors?district=${ownDistrict}&kind=lighting`
      await vi.waitFor(
        async () => {
          const sensors = await ask(path, sensorsResponse)
          const on = sensors.features.map(({ properties }) => properties.meta?.road)
          expect(on).toEqual(expect.arrayContaining(roads))
        },
        { timeout: 30_000, interval: 200 },
      )
    })

    it('lets its devices have credentials', async () => {
      const env = { DATA_DIR: join(folder, 'third'), CITY_DIR: own }
      const added = startService(`credentials add device-1 --district ${ownDistrict} --kind traffic`, env)
      expect(await added.exited).toBe(0)
      const refused = startService('credentials add device-2 --district elsewhere --kind traffic', env)
      expect(await refused.exited).toBe(1)
      expect(refused.output()).toContain(`there are tay-ninh, hoa-thanh, ${ownDistrict}`)
    })
  })
})
