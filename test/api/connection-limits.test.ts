import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { ConnectionLimiter } from '#api/limits/connection-limits.ts'
import { apiMetrics } from '#api/metrics.ts'
import type { ApiOptions } from '#api/options.ts'
import { makeAuthority } from '../support/certificates.ts'
import {
  adminToken,
  airReading,
  connectDevices,
  get,
  openTestStore,
  publishLive,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  untilReady,
  web,
} from './api-parts.ts'

/** A TCP connection that sends nothing, and whether it has ended. */
interface Silent {
  socket: Socket
  ended: boolean
}

/** Opens connections to a port and resets each at once, in a process of its own. */
const resetting = `
const { connect } = require('node:net')
const [port, count] = process.argv.slice(1).map(Number)
for (let i = 0; i < count; i += 1) {
  const socket = connect(port, '127.0.0.1', () => socket.resetAndDestroy())
  socket.on('error', () => {})
}`

describe('connections that are reset before they are taken', () => {
  it('are counted no longer than they live, and take nobody’s place', async () => {
    const metrics = apiMetrics(new Registry())
    const shares = new ConnectionLimiter({
      ...{ limits: { all: 20, perAddress: 10 }, isProxy: () => false },
      ...{ metrics, log: pino({ level: 'silent' }) },
    })
    const server = createServer((_request, response) => response.end('answer'))
    shares.follow(server)
    let taken = 0
    const unknown: Socket[] = []
    server.on('connection', (socket) => {
      taken += 1
      if (socket.remoteAddress === undefined) unknown.push(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    const openNow = async () => (await metrics.connections.get()).values[0]?.value
    try {
      const idle = connect(port, '127.0.0.1')
      await until('one that stays', async () => (await openNow()) === 1)
      for (let round = 1; round <= 3; round += 1) {
        // nothing is taken while this waits
        spawnSync(process.execPath, ['-e', resetting, String(port), '30'])
        await until('them to be taken', () => taken === 1 + 30 * round)
        await until('them to be gone', async () => (await openNow()) === 1)
      }
      expect(unknown.length).toBeGreaterThan(0)
      expect(unknown.every(({ destroyed }) => destroyed)).toBe(true)
      expect(idle.destroyed).toBe(false)
      expect((await metrics.connectionsEnded.get()).values).toEqual([])
      idle.destroy()
      await until('none', async () => (await openNow()) === 0)
    } finally {
      server.close()
    }
  })
})

describe('connections to the api', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  const silent: Silent[] = []

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
  })
  afterEach(async () => {
    for (const { socket } of silent.splice(0)) socket.destroy()
    await api.close()
  })
  afterAll(async () => {
    await broker.close()
    await test.close()
  })
  const start = async (options: Partial<ApiOptions> = {}) => {
    api = await startTestApi({ store: test.store, brokerPort: broker.port, ...options })
  }
  const open = async (count: number, localAddress = '127.0.0.1') => {
    const opened: Silent[] = []
    for (let i = 0; i < count; i += 1) {
      const socket = connect({ port: api.port, host: '127.0.0.1', localAddress })
      const one = { socket, ended: false }
      socket.on('error', () => {}) // it is reset when it is ended
      socket.once('close', () => {
        one.ended = true
      })
      silent.push(one)
      opened.push(one)
      await once(socket, 'connect')
    }
    return opened
  }
  const metric = async (name: string) => {
    const text = await (await get(api, '/metrics')).text()
    return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  }
  const endedOf = (some: readonly Silent[]) => some.filter(({ ended }) => ended).length

  it('shut nobody out when 4,000 silent ones come from one address, the same one included', async () => {
    await start()
    await untilReady(api)
    const socket = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'], forceNew: true })
    const heard: string[] = []
    socket.on('readings', ({ readings }: { readings: { reading: { sensor: string } }[] }) => {
      heard.push(...readings.map(({ reading }) => reading.sensor))
    })
    await until('the live feed', () => socket.connected)
    expect(await socket.emitWithAck('subscribe', {})).toMatchObject({ ok: true })

    await open(4_000)
    expect((await get(api, '/api/v1/sensors')).status).toBe(200)
    expect(socket.connected).toBe(true)
    const devices = await connectDevices(broker.port)
    await publishLive(devices, [airReading('aq-connections', Date.now(), 12)], Date.now())
    await until('the reading', () => heard.includes('aq-connections'))
    const another = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'], forceNew: true })
    await until('another live client', () => another.connected)
    expect(await metric('nhip_api_connections')).toBeLessThanOrEqual(1_000)
    expect(await metric('nhip_api_connections_ended_total{why="address"}')).toBeGreaterThan(2_900)
    another.disconnect()
    socket.disconnect()
    await devices.endAsync()
  }, 60_000)

  it('beyond the share of an address end its own longest idle one, and tell it once a second at most', async () => {
    const lines: string[] = []
    await start({
      connections: { perAddress: 4 },
      log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
    })
    const elsewhere = await open(3, '127.0.0.2')
    const first = await open(4)
    const more = await open(2)
    await until('two to be ended', () => endedOf(first) === 2)
    expect(first.map(({ ended }) => ended)).toEqual([true, true, false, false])
    expect(endedOf([...more, ...elsewhere])).toBe(0)
    const told = lines.filter((line) => line.includes('too many connections'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('"address":"127.0.0.1"')
  })

  it('beyond the bound of all end one of the address that has most idle ones', async () => {
    await start({ connections: { all: 6 } })
    const few = await open(1, '127.0.0.3')
    const many = await open(5, '127.0.0.2')
    await open(1, '127.0.0.4')
    await until('one to be ended', () => endedOf(many) === 1)
    expect(many[0]?.ended).toBe(true)
    expect(endedOf(few)).toBe(0)
  })

  it('have no share of an address where a trusted proxy is', async () => {
    await start({ connections: { perAddress: 2, all: 10 }, web: { ...web, trustProxy: '127.0.0.5' } })
    const proxied = await open(8, '127.0.0.5')
    const direct = await open(3)
    await until('one of the others to be ended', () => endedOf(direct) === 1)
    expect(endedOf(proxied)).toBe(0)
  })

  it('are ended while idle between requests, never during one', async () => {
    await start({ connections: { perAddress: 2 } })
    const body = JSON.stringify({ token: adminToken })
    const [caller] = await open(1)
    if (!caller) throw new Error('no connection')
    const { socket } = caller
    let answer = ''
    socket.on('data', (data) => {
      answer += String(data)
    })
    // 100 Continue tells that the request is in progress
    const head = ['POST /api/v1/session HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json']
    socket.write([...head, `content-length: ${body.length}`, 'expect: 100-continue', '', ''].join('\r\n'))
    await until('the request to be in progress', () => answer.includes('100 Continue'))
    const others = await open(6)
    await until('others to be ended', () => endedOf(others) === 5)
    answer = ''
    socket.write(body)
    await until('its answer', () => answer.startsWith('HTTP/1.1 200'))
    expect(caller.ended).toBe(false)
    await open(2)
    await until('the idle connection to be ended', () => caller.ended)
  })

  it('have 10 s for their first request, with TLS for the handshake too', async () => {
    const authority = await makeAuthority()
    const files = await authority.issue('localhost')
    const current = { cert: await readFile(files.cert), key: await readFile(files.key) }
    await start({ tls: { current, onChange: () => {} }, connections: { perAddress: 2 } })
    const ca = await readFile(authority.ca)
    const since = performance.now()
    const secure = connectSecurely({ port: api.port, host: '127.0.0.1', servername: 'localhost', ca })
    secure.on('error', () => {})
    const secureEnded = once(secure, 'close')
    await once(secure, 'secureConnect')
    secure.resume()
    const [plain] = await open(1)
    await Promise.all([secureEnded, until('the silent one to be ended', () => plain?.ended)])
    // nothing else ended them
    expect(performance.now() - since).toBeGreaterThan(9_000)

    const secured = connectSecurely({ port: api.port, host: '127.0.0.1', servername: 'localhost', ca })
    secured.on('error', () => {})
    await once(secured, 'secureConnect')
    await open(2)
    await once(secured.resume(), 'close')
    await authority.close()
  }, 40_000)
})
