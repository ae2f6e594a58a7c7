import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { promisify } from 'node:util'
import { Registry } from 'prom-client'
import { io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { ApiOptions } from '#api/options.ts'
import { makeAuthority } from '../support/certificates.ts'
import { adminToken, openTestStore, startTestApi, type TestStore, until } from './api-parts.ts'

const curlSpeaksHttp2 = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.includes('HTTP2') === true
const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n'
const own = `Authorization: Bearer ${adminToken}\r\n`
const body = JSON.stringify({ token: adminToken })
const typed = 'Content-Type: application/json\r\n'
const get = (path: string, headers = h2c) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${own}${headers}\r\n`
const post = (framing: string, content: string, headers = h2c) =>
  `POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\n${typed}${headers}${framing}\r\n${content}`
const sized = `Content-Length: ${body.length}\r\n`
const whole = post(sized, body)
const chunked = post(
  'Transfer-Encoding: chunked\r\n',
  `5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
)

describe('an upgrade that the api does not speak', () => {
  let store: TestStore
  let api: Api
  let registry: Registry
  const sockets: Socket[] = []
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)

  const start = async (options: Partial<ApiOptions> = {}) => {
    registry = new Registry()
    api = await startTestApi({ store: store.store, brokerPort: 1, registry, ...options })
  }
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())
  beforeEach(() => void process.on('warning', warned))
  afterEach(async () => {
    process.off('warning', warned)
    for (const socket of sockets.splice(0)) socket.destroy()
    await api.close()
    expect(warnings.splice(0)).toEqual([])
  })

  /** A connection, and the statuses of what came on it. */
  const follow = (socket: Socket) => {
    sockets.push(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk
    })
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
    const answers = (count: number) => until(`${count} answers`, () => statuses().length >= count && statuses())
    return { socket, answers, text: () => text }
  }
  const open = () => follow(connect({ port: api.port, host: '127.0.0.1', noDelay: true }))

  it.each([
    ['a GET', get('/api/v1/session'), 200],
    ['a GET of the page', get('/health/live'), 200],
    ['a GET of nothing', get('/api/v1/nothing'), 404],
    ['a HEAD', get('/health/live').replace('GET', 'HEAD'), 200],
    ['a POST with a body', whole, 200],
    ['a POST in chunks', chunked, 200],
    ['a POST whose body is wrong', post('Content-Length: 1\r\n', '{'), 400],
    ['a POST without a body', post('', ''), 400],
    ['an upgrade to TLS', get('/health/live', 'Connection: upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n'), 200],
    [
      'a WebSocket elsewhere',
      get('/api/v1/live', 'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'),
      404,
    ],
    ['polling of the live feed', get('/socket.io/?EIO=4&transport=polling'), 200],
    ['a POST with 900 headers', post('X: y\r\n'.repeat(900) + sized, body), 200],
    // Node does not tell of all of them
    ['a POST with 1,500 headers', post('X: y\r\n'.repeat(1_500) + sized, body), 431],
    ['one that ends its connection', get('/health/live', `Connection: close\r\n${h2c}`), 200],
  ])('is answered as without it: %s, wherever its bytes are cut', async (_what, request, status) => {
    await start()
    for (const cut of [1, request.indexOf('\r\n\r\n') + 4, request.length - 1, request.length]) {
      const { socket, answers } = open()
      socket.write(request.slice(0, cut), 'latin1')
      await once(socket, 'connect')
      await new Promise((resolve) => setImmediate(resolve))
      socket.write(request.slice(cut), 'latin1')
      expect(await answers(1)).toEqual([status])
    }
  })

  it('leaves the connection as it is: many in a row, with others between them, are answered in order', async () => {
    await start()
    const { socket, answers, text } = open()
    const round = [get('/health/live'), whole, get('/api/v1/nothing', ''), chunked, get('/api/v1/nothing')]
    const statuses = [200, 200, 404, 200, 404]
    for (let count = 1; count <= 10; count++) {
      for (const [at, request] of round.entries()) {
        socket.write(request)
        await answers((count - 1) * round.length + at + 1)
      }
    }
    expect(await answers(50)).toEqual(Array.from({ length: 10 }, () => statuses).flat())
    // all at once
    socket.write(round.join('').repeat(10))
    expect(await answers(100)).toEqual(Array.from({ length: 20 }, () => statuses).flat())
    expect(text()).not.toContain('Connection: close')
    const connections = await registry.getSingleMetric('nhip_api_connections')?.get()
    expect(connections?.values[0]?.value).toBe(1)
    socket.destroy()
    await until('none to be left', async () => {
      const { values } = (await registry.getSingleMetric('nhip_api_connections')?.get()) ?? {}
      return values?.[0]?.value === 0
    })
  })

  it('harms nothing when its client goes at once, or before what it asked first is answered', async () => {
    await start()
    for (const request of [get('/api/v1/session'), get('/api/v1/session', '') + whole, whole.slice(0, -3)]) {
      for (let i = 0; i < 20; i++) {
        const { socket } = open()
        await once(socket, 'connect')
        socket.write(request)
        if (i % 2) await new Promise((resolve) => setImmediate(resolve))
        socket.resetAndDestroy()
      }
    }
    const { socket, answers } = open()
    socket.write(get('/health/live'))
    expect(await answers(1)).toEqual([200])
  })

  it('is none of a WebSocket of the live feed, which is taken', async () => {
    await start()
    const client = io(`${api.url}/live`, {
      transports: ['websocket'],
      auth: { token: adminToken },
      reconnection: false,
    })
    await once(client as unknown as NodeJS.EventEmitter, 'connect') // it has the methods of one
    expect(client.io.engine.transport.name).toBe('websocket')
    client.close()
  })

  it('is answered over TLS too', async () => {
    const authority = await makeAuthority()
    const files = await authority.issue('localhost')
    const current = { cert: await readFile(files.cert), key: await readFile(files.key) }
    await start({ tls: { current, onChange: () => {} } })
    const ca = await readFile(authority.ca)
    const { socket, answers } = follow(
      connectSecurely({ port: api.port, host: '127.0.0.1', servername: 'localhost', ca }),
    )
    socket.write(get('/health/live') + whole + get('/api/v1/nothing', ''))
    expect(await answers(3)).toEqual([200, 200, 404])
    await authority.close()
  })

  it.skipIf(!curlSpeaksHttp2 && !process.env.CI)('is answered to curl, which asks for HTTP/2', async () => {
    await start()
    const curl = async (...args: string[]) => {
      const write = '%{http_code} %{http_version} %{num_connects}\n'
      const { stdout } = await promisify(execFile)('curl', ['-sS', '--http2', '-m', '20', '-w', write, ...args])
      return stdout
    }
    expect(await curl('-o', '/dev/null', `${api.url}/health/live`)).toBe('200 1.1 1\n')
    const asJson = ['-H', 'content-type: application/json', '-d', body, '-o', '/dev/null']
    expect(await curl(...asJson, `${api.url}/api/v1/session`)).toBe('200 1.1 1\n')
  })
})
