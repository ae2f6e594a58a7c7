import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sensorsResponse } from '#telemetry/rest.ts'
import { interpolate, readCompose, variablesIn } from '../compose.ts'
import { type Influxd, startInfluxd } from '../integration/real/influxd.ts'
import { freePort, type NatsServer, startNatsServer } from '../integration/real/nats-server.ts'
import { type ServiceProcess, startService } from '../platform-process.ts'
import { figure, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const deadline = { timeout: 60_000, interval: 100 }
const names = ['broker', 'ingest', 'alerts', 'api', 'simulators'] as const
type Name = (typeof names)[number]

/** The services of docker-compose.yml as processes of this machine, with the environment that stands in the file. */
describe('the services of docker-compose.yml, each a process of its own', () => {
  let folder: string
  let influxd: Influxd
  let nats: NatsServer
  let browser: TestBrowser
  let page: Page
  let url: string
  let adminToken: string
  let environment: (name: Name) => Record<string, string>
  const running = new Map<Name, ServiceProcess>()

  const start = async (name: Name) => {
    const service = startService(name, environment(name))
    running.set(name, service)
    await service.says(new RegExp(`^nhip ${name}: `, 'm'))
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-services-'))
    const compose = await readCompose()
    const secrets = Object.fromEntries(variablesIn(compose.text).map((name) => [name, randomBytes(24).toString('hex')]))
    adminToken = secrets.ADMIN_TOKEN ?? ''
    const user = { args: ['--user', 'nhip', '--pass', secrets.NATS_PASSWORD ?? ''] }
    ;[influxd, nats, browser] = await Promise.all([startInfluxd(), startNatsServer(user), startBrowser()])
    const [mqttPort, wsPort, httpPort] = [await freePort(), await freePort(), await freePort()]
    url = `http://127.0.0.1:${httpPort}`
    // where things are differs from a composed network; and this engine, a 1.x, knows no tokens
    const places: Record<string, string> = {
      HOST: '127.0.0.1',
      MQTT_PORT: String(mqttPort),
      MQTT_WS_PORT: String(wsPort),
      HTTP_PORT: String(httpPort),
      METRICS_PORT: '0',
      INFLUX_URL: influxd.url,
      INFLUX_TOKEN: '',
      INFLUX_ORG: '',
    }
    environment = (name) => {
      const given = Object.entries(compose.services[name]?.environment ?? {}).map(([variable, value]) => {
        const text = interpolate(value, secrets).replace('nats:4222', `127.0.0.1:${nats.port}`)
        return [variable, places[variable] ?? text.replace('broker:1883', `127.0.0.1:${mqttPort}`)]
      })
      return { ...Object.fromEntries(given), DATA_DIR: join(folder, name) }
    }
    for (const name of names) await start(name)
    page = await browser.open()
    await page.goto(`${url}/?token=${adminToken}`)
    await untilReady(page)
  })
  afterAll(async () => {
    for (const service of running.values()) await service.stop('SIGKILL')
    await browser?.close()
    await nats?.close()
    await influxd?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const untilAllFresh = () =>
    vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBeGreaterThan(190), deadline)
  const untilMoving = async () => {
    const before = await figure(page, 'connection', 'data-readings')
    await vi.waitFor(async () => {
      expect(await figure(page, 'connection', 'data-readings')).toBeGreaterThan(before)
      expect(await page.getByTestId('connection').getAttribute('data-state')).toBe('live')
      expect(await page.getByTestId('banner').count()).toBe(0)
    }, deadline)
  }

  it('show 200 moving sensors of both districts', async () => {
    await untilAllFresh()
    await untilMoving()
    const answer = await fetch(`${url}/api/v1/sensors`, { headers: { authorization: `Bearer ${adminToken}` } })
    const { features } = sensorsResponse.parse(await answer.json())
    expect(features).toHaveLength(200)
    expect(new Set(features.map(({ properties }) => properties.district))).toEqual(new Set(['tay-ninh', 'hoa-thanh']))
  })

  it.each(names)('heal on the screen when %s is killed and started again', async (name) => {
    await running.get(name)?.stop('SIGKILL')
    await start(name)
    await untilMoving()
    await untilAllFresh()
  })

  it.each(['influxd', 'nats-server'])('heal on the screen when %s is killed and started again', async (name) => {
    if (name === 'influxd') {
      const { port, dir } = influxd
      await influxd.stop('SIGKILL')
      influxd = await startInfluxd({ port, dir })
    } else {
      await nats.stop('SIGKILL')
      await nats.start()
    }
    await untilMoving()
    await untilAllFresh()
  })

  it('stop with exit code 0', async () => {
    for (const name of names.toReversed()) expect(await running.get(name)?.stop('SIGTERM')).toBe(0)
    // a server that goes away is no fault of the page
    expect(browser.complaints.filter((text) => !/Failed to load resource|WebSocket connection/.test(text))).toEqual([])
  })
})
