import { execFile } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { isLoopbackHost, plainHost } from '#start/plaintext.ts'
import { readTls, watchTls } from '#start/tls.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { listeningLog, until } from '../journal/journal-parts.ts'
import { type Authority, type CertificateFiles, contentOf, makeAuthority } from '../support/certificates.ts'
import { testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const run = promisify(execFile)
const silent = pino({ level: 'silent' })
let authority: Authority
let server: CertificateFiles
let ca: Buffer
beforeAll(async () => {
  authority = await makeAuthority()
  server = await authority.issue('localhost')
  ca = await readFile(authority.ca)
})
afterAll(() => authority.close())

const open: { close(): Promise<void> }[] = []
let broker: TestBroker
const clients: MqttClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true)
  for (const part of open.splice(0).reverse()) await part.close()
})

async function start(certificates = false, files = server, limits: Partial<BrokerLimits> = {}): Promise<void> {
  const settings = { TLS_CERT: files.cert, TLS_KEY: files.key, ...(certificates && { TLS_CA: authority.ca }) }
  const source = await watchTls(settings, silent)
  if (!source) throw new Error('no TLS')
  open.push(source)
  broker = await startTestBroker(limits, { tls: { source, host: '127.0.0.1', mqttPort: 0, wsPort: 0 } })
  open.push(broker)
}
const tls = () => broker.tls ?? { mqttPort: 0, wsPort: 0 }

async function connect(more: IClientOptions = {}, url = `mqtts://localhost:${tls().mqttPort}`): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { ca, protocolVersion: 4, reconnectPeriod: 0, ...more })
  clients.push(client)
  return client
}
/** How a connection ends that is not to be. */
function endOf(more: IClientOptions, url = `mqtts://localhost:${tls().mqttPort}`): Promise<string> {
  const client = mqtt.connect(url, { ca, protocolVersion: 4, reconnectPeriod: 0, ...more })
  clients.push(client)
  client.on('error', () => {}) // a reset is a way of closing
  return new Promise((resolve) => {
    client.once('connect', () => resolve('let in'))
    client.once('close', () => resolve('closed'))
  })
}
const admin = { username: 'admin', password: testPassword }

/** Adds a sensor that needs no secret. */
async function addSensor(id: string, hash?: string): Promise<void> {
  const before = await broker.metric('nhip_broker_credentials')
  await changeCredentials(broker.credentialsPath, (credentials) => {
    const place = { role: 'sensor', district: 'tay-ninh', kind: 'traffic' } as const
    credentials.set(id, { ...place, createdAt: new Date().toISOString(), ...(hash && { hash }) })
  })
  await until('the broker to know it', async () => (await broker.metric('nhip_broker_credentials')) > before)
}
const topic = (id: string, channel: string) => `city/v1/tay-ninh/traffic/${id}/${channel}`

describe('with TLS', () => {
  it.each(['mqtts', 'wss'])('a client of %s signs in, publishes and hears', async (protocol) => {
    await start()
    const port = protocol === 'wss' ? tls().wsPort : tls().mqttPort
    const client = await connect(admin, `${protocol}://localhost:${port}`)
    const heard = new Promise((resolve) => client.on('message', (_topic, payload) => resolve(payload.toString())))
    await client.subscribeAsync('t', { qos: 1 })
    await client.publishAsync('t', 'x'.repeat(40_000), { qos: 1 })
    expect(await heard).toHaveLength(40_000)
    expect(await broker.metric('nhip_broker_certificate_expires_seconds')).toBeGreaterThan(Date.now() / 1_000)
  })

  it('mosquitto_pub comes in, and the plain port stays beside it', async () => {
    await start()
    const what = ['-u', 'admin', '-P', testPassword, '-q', '1', '-t', topic('x', 'reading'), '-m', '{}']
    await run('mosquitto_pub', ['-h', 'localhost', '-p', String(tls().mqttPort), '--cafile', authority.ca, ...what])
    await run('mosquitto_pub', ['-p', String(broker.mqttPort), ...what])
    expect(await broker.journal.end()).toBe(2)
  })

  const handshake = (options: ConnectionOptions) =>
    new Promise<string>((resolve) => {
      const socket: TLSSocket = connectTls({ port: tls().mqttPort, host: 'localhost', ca, ...options }, () => {
        resolve(socket.getProtocol() ?? '')
        socket.destroy()
      })
      socket.on('error', () => resolve('refused'))
    })

  it('speaks 1.2 and 1.3 and nothing older', async () => {
    await start()
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2')
    expect(await handshake({})).toBe('TLSv1.3')
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect(await handshake(old)).toBe('refused')
    await until('it to be counted', async () => (await broker.metric('nhip_broker_refused_total', { what: 'tls' })) > 0)
    await until('all to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  })

  it('counts a connection before its handshake, bounds them, and lets one in beside a silent one in its place', async () => {
    await start(false, server, { MAX_CONNECTIONS: 1 })
    const silentOne = createConnection(tls().mqttPort, '127.0.0.1').on('error', () => {})
    await until('it to count', async () => (await broker.metric('nhip_broker_connections')) === 1)
    await connect(admin)
    expect(await broker.metric('nhip_broker_refused_total', { what: 'displaced' })).toBe(1)
    expect(await handshake({})).toBe('refused')
    expect(await broker.metric('nhip_broker_refused_total', { what: 'connections' })).toBe(1)
    silentOne.destroy()
  })

  it('uses a renewed certificate without a restart, and the old one as long as only one file has changed', async () => {
    const files = { cert: join(authority.folder, 'used.crt'), key: join(authority.folder, 'used.key') }
    await copyFile(server.cert, files.cert)
    await copyFile(server.key, files.key)
    await start(false, files)
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const socket: TLSSocket = connectTls({ port: tls().mqttPort, host: 'localhost', ca }, () => {
          resolve(socket.getPeerCertificate().serialNumber)
          socket.destroy()
        })
        socket.on('error', reject)
      })
    const before = await serial()
    const renewed = await contentOf(await authority.issue('localhost', 60))
    await writeFile(files.cert, renewed.cert)
    expect(await serial()).toBe(before)
    await writeFile(files.key, renewed.key)
    await until('the new certificate', async () => (await serial()) !== before)
  })
})

describe('a certificate of a client', () => {
  it('signs in the sensor that its common name says, without a password, over TLS and over WebSocket', async () => {
    await start(true)
    await addSensor('real-1')
    const files = await contentOf(await authority.issue('real-1'))
    const sensor = await connect(files)
    await sensor.publishAsync(topic('real-1', 'reading'), '{}', { qos: 1 })
    const over = await connect(files, `wss://localhost:${tls().wsPort}`)
    await over.publishAsync(topic('real-1', 'reading'), '{}', { qos: 1 })
    expect(await broker.journal.end()).toBe(2)
    const ended = new Promise<void>((resolve) => over.once('close', () => resolve()))
    over.publish(topic('real-2', 'reading'), '{}', { qos: 1 })
    await ended
    expect(await broker.metric('nhip_broker_refused_total', { what: 'publish' })).toBe(1)
  })

  it('ends with its credential, also for a resumed TLS session', async () => {
    await start(true)
    await addSensor('real-1')
    const files = await contentOf(await authority.issue('real-1'))
    const first = await connect(files)
    const session = await new Promise<Buffer>((resolve) => {
      const socket = connectTls({ port: tls().mqttPort, host: 'localhost', ca, ...files })
      socket.once('session', (ticket) => {
        resolve(ticket)
        socket.destroy()
      })
    })
    await connect({ ...files, session } as IClientOptions) // mqtt hands what it does not know to tls.connect
    const ended = new Promise<void>((resolve) => first.once('close', () => resolve()))
    await changeCredentials(broker.credentialsPath, (credentials) => {
      credentials.delete('real-1')
    })
    await ended
    await expect(connect(files)).rejects.toThrow()
    await expect(connect({ ...files, session } as IClientOptions)).rejects.toThrow() // as above
  })

  it('is optional: a password does without, and a sensor with one needs it still when it shows none', async () => {
    await start(true)
    await addSensor('real-1')
    await connect(admin)
    await expect(connect({ username: 'real-1' })).rejects.toThrow(/Bad username or password/)
    await expect(connect({ username: 'real-1', password: 'guess' })).rejects.toThrow(/Bad username or password/)
  })

  it('of another name than the user, or of nobody who was added, is refused', async () => {
    await start(true)
    await addSensor('real-1')
    await addSensor('real-2', await hashSecret('x'))
    const files = await contentOf(await authority.issue('real-1'))
    await expect(connect({ ...files, username: 'real-2' })).rejects.toThrow(/Bad username or password/)
    for (const name of ['stranger', 'admin'])
      await expect(connect(await contentOf(await authority.issue(name)))).rejects.toThrow(/Bad username or password/)
  })

  it('that is expired or signed by somebody else closes the connection before any MQTT', async () => {
    await start(true)
    await addSensor('real-1')
    const other = await makeAuthority()
    const bad = [await authority.issue('real-1', -1), await other.issue('real-1')]
    for (const files of bad) {
      const shown = await contentOf(files)
      expect(await endOf(shown)).toBe('closed')
      expect(await endOf({ ...shown, ...admin })).toBe('closed')
      expect(await endOf(shown, `wss://localhost:${tls().wsPort}`)).toBe('closed')
    }
    await other.close()
    expect(await broker.metric('nhip_broker_refused_total', { what: 'certificate' })).toBe(6)
    await until('all to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
  })
})

describe('files of TLS that cannot be used', () => {
  const fault = async (settings: Parameters<typeof readTls>[0]): Promise<string> => {
    const error = await readTls(settings, Date.now()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    return String(error)
  }
  it('are named, with what to do', async () => {
    const { cert, key } = server
    const other = await authority.issue('other')
    const old = await authority.issue('localhost', -1)
    const TLS_CERT = cert
    const TLS_KEY = key
    expect(await fault({ TLS_CERT })).toContain('TLS_KEY is missing')
    expect(await fault({ TLS_KEY })).toContain('TLS_CERT is missing')
    expect(await fault({ TLS_CA: cert })).toContain('TLS_CERT is missing')
    expect(await fault({ TLS_CERT: '/nowhere.crt', TLS_KEY })).toMatch(/TLS_CERT is "\/nowhere\.crt": cannot read it/)
    expect(await fault({ TLS_CERT: key, TLS_KEY })).toMatch(/TLS_CERT is .*no certificate in it/)
    expect(await fault({ TLS_CERT, TLS_KEY: cert })).toMatch(/TLS_KEY is .*no private key in it/)
    expect(await fault({ TLS_CERT, TLS_KEY, TLS_CA: key })).toMatch(/TLS_CA is .*no certificate in it/)
    expect(await fault({ TLS_CERT, TLS_KEY: other.key })).toMatch(/TLS_KEY is .*not the key of the certificate/)
    expect(await fault({ TLS_CERT: old.cert, TLS_KEY: old.key })).toMatch(
      /TLS_CERT is .*valid from .* to .*, not now; renew/,
    )
  })

  it('warn two weeks before the certificate ends', async () => {
    const { log, lines } = listeningLog()
    const { cert, key } = await authority.issue('localhost', 10)
    await (await watchTls({ TLS_CERT: cert, TLS_KEY: key }, log))?.close()
    expect(lines.join('')).toContain('the certificate ends soon')
  })
})

describe('listening without TLS', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('is allowed on %s', (HOST) => {
    expect(isLoopbackHost(HOST)).toBe(true)
    expect(plainHost({ HOST, ALLOW_PLAINTEXT: 'false' }, silent)).toBe(HOST)
  })

  it.each(['0.0.0.0', '::', '192.168.1.5', '::ffff:10.0.0.1', 'example.org'])('is refused on %s', (HOST) => {
    const { log, lines } = listeningLog()
    expect(() => plainHost({ HOST, ALLOW_PLAINTEXT: 'false' }, log)).toThrow(/HOST is ".*ALLOW_PLAINTEXT=true/)
    expect(plainHost({ HOST, ALLOW_PLAINTEXT: 'false', TLS_CERT: 'x' }, log)).toBe('127.0.0.1')
    expect(lines).toEqual([])
    expect(plainHost({ HOST, ALLOW_PLAINTEXT: 'true' }, log)).toBe(HOST)
    expect(lines.join('')).toContain('ALLOW_PLAINTEXT')
  })
})
