import { execFile } from 'node:child_process'
import { scryptSync } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { type Credential, changeCredentials } from '#broker/auth/credentials-file.ts'
import { readLastSeen } from '#broker/auth/last-seen.ts'
import { hashSecret, newSecret } from '#broker/auth/secret.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import { until } from '../journal/journal-parts.ts'
import { connectPacket, RawClient, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const run = promisify(execFile)
let broker: TestBroker
const clients: MqttClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true)
  await broker.close()
})

const start = async (limits: Partial<BrokerLimits> = {}) => {
  broker = await startTestBroker(limits)
}
const createdAt = '2026-11-25T00:00:00.000Z'

/** Adds a sensor of Tây Ninh's traffic; its secret. */
async function add(id: string, more: Partial<Credential> = {}): Promise<string> {
  const secret = newSecret()
  const hash = await hashSecret(secret)
  const sensor = { role: 'sensor', district: 'tay-ninh', kind: 'traffic', hash, createdAt, ...more } as Credential // as given
  const before = await broker.metric('nhip_broker_credentials')
  await changeCredentials(broker.credentialsPath, (credentials) => {
    credentials.set(id, sensor)
  })
  await until('the broker to know it', async () => (await broker.metric('nhip_broker_credentials')) > before)
  return secret
}

/** A hash with so much work that it is found in a thread. */
function workedHash(secret: string): string {
  const salt = Buffer.from('a salt of this test')
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=10,r=8,p=1$${text(salt)}$${text(scryptSync(secret, salt, 32, { N: 2 ** 10, r: 8, p: 1 }))}`
}

async function revoke(id: string): Promise<void> {
  await changeCredentials(broker.credentialsPath, (credentials) => {
    credentials.delete(id)
  })
}

async function connect(username: string, password: string, more: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, {
    ...{ username, password, protocolVersion: 4, reconnectPeriod: 0, ...more },
  })
  clients.push(client)
  return client
}
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))
const admin = () => connect('admin', testPassword)
/** The return code with which a CONNECT is answered. */
async function codeOf(username: string, password: string, from = '127.0.0.1'): Promise<number | undefined> {
  const client = new RawClient(broker.mqttPort, from).send(
    connectPacket('', { username, password: Buffer.from(password) }),
  )
  const { returnCode } = await client.next('connack')
  client.destroy()
  return returnCode
}
const topic = (id: string, channel: string) => `city/v1/tay-ninh/traffic/${id}/${channel}`
const refused = (what: string) => broker.metric('nhip_broker_refused_total', { what })

describe('a sensor', () => {
  it('whose hash was made with more work signs in as well', async () => {
    await start()
    await add('real-1', { hash: workedHash('a secret') })
    expect(await codeOf('real-1', 'a secret')).toBe(0)
    expect(await codeOf('real-1', 'another secret')).toBe(4)
  })

  it('that connects twice at once with one client id is connected once', async () => {
    await start()
    const secret = await add('real-1')
    const packet = connectPacket('real-1', { username: 'real-1', password: Buffer.from(secret) })
    const both = [new RawClient(broker.mqttPort).send(packet), new RawClient(broker.mqttPort).send(packet)]
    await until('one to be closed', () => both.some(({ closed }) => closed))
    const left = both.find(({ closed }) => !closed)?.send({ cmd: 'pingreq' })
    await left?.next('pingresp')
    expect(await broker.metric('nhip_broker_clients')).toBe(1)
    expect(await broker.metric('nhip_broker_sessions')).toBe(1)
    left?.destroy()
  })

  it('signs in with its own secret, publishes as itself, and hears its commands', async () => {
    await start()
    const secret = await add('real-1')
    const watching = await admin()
    const seen: string[] = []
    watching.on('message', (of, payload) => seen.push(`${of} ${payload}`))
    await watching.subscribeAsync('city/v1/+/+/+/+', { qos: 1 })
    const will = { topic: topic('real-1', 'status'), payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const sensor = await connect('real-1', secret, { clientId: 'real-1', will })
    const heard: string[] = []
    sensor.on('message', (of) => heard.push(of))
    await sensor.subscribeAsync(topic('real-1', 'cmd'), { qos: 1 })
    for (const channel of ['meta', 'status', 'ack', 'reading'])
      await sensor.publishAsync(topic('real-1', channel), channel, { qos: 1 })
    await watching.publishAsync(topic('real-1', 'cmd'), 'dim', { qos: 1 })
    await until('its command', () => heard.length > 0)
    sensor.stream.destroy()
    await until('its will', () => seen.includes(`${topic('real-1', 'status')} offline`))
    for (const channel of ['meta', 'status', 'ack', 'reading'])
      expect(seen).toContain(`${topic('real-1', channel)} ${channel}`)
    expect(await broker.journal.end()).toBeGreaterThan(0)
  })

  it.each([
    'city/v1/tay-ninh/traffic/real-2/reading',
    'city/v1/tay-ninh/lighting/real-1/reading',
    'city/v1/live/tay-ninh',
  ])('cannot publish to %s: it is closed, and the message is counted and not delivered', async (forbidden) => {
    await start()
    const secret = await add('real-1')
    const sensor = await connect('real-1', secret)
    const ended = closed(sensor)
    sensor.publish(forbidden, 'x', { qos: 1 })
    await ended
    expect(await refused('publish')).toBe(1)
    expect(await broker.journal.end()).toBe(0)
  })

  it('is refused with a will to what is not its own, and gets 0x80 for a filter that is not', async () => {
    await start()
    const secret = await add('real-1')
    const will = { topic: topic('real-2', 'status'), payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const packet = { username: 'real-1', password: Buffer.from(secret) }
    const bad = new RawClient(broker.mqttPort).send(connectPacket('real-1', { ...packet, will }))
    expect(await bad.next('connack')).toMatchObject({ returnCode: 5 })
    expect(await refused('will')).toBe(1)
    const sensor = await connect('real-1', secret)
    const filters = [topic('real-1', 'cmd'), topic('real-2', 'cmd'), topic('+', 'cmd'), 'city/v1/live/+', '#']
    const subscriptions = filters.map((name) => ({ topic: name, qos: 1 as const }))
    const client = new RawClient(broker.mqttPort).send(connectPacket('', packet))
    await client.next('connack')
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    expect((await client.next('suback')).granted).toEqual([1, 128, 128, 128, 128])
    client.destroy()
    expect(sensor.connected).toBe(true)
  })

  it('has its id as client id to itself', async () => {
    await start()
    await add('real-1')
    const other = await add('real-2')
    const client = new RawClient(broker.mqttPort).send(
      connectPacket('real-1', { username: 'real-2', password: Buffer.from(other) }),
    )
    expect(await client.next('connack')).toMatchObject({ returnCode: 2 })
    client.destroy()
    const service = new RawClient(broker.mqttPort).send(connectPacket('real-1', { username: 'simulators' }))
    expect(await service.next('connack')).toMatchObject({ returnCode: 2 })
    service.destroy()
  })

  it.each(['status', 'reading'] as const)(
    'is not whose %s the simulators may publish, from the moment that it is added',
    async (channel) => {
      await start()
      const simulated = await connect('simulators', testPassword)
      await simulated.publishAsync(topic('real-1', channel), 'online', { qos: 1 })
      await add('real-1')
      const ended = closed(simulated)
      simulated.publish(topic('real-1', channel), 'online', { qos: 1 })
      await ended
      expect(await refused('publish')).toBe(1)
    },
  )

  it('comes in with mosquitto_pub and mosquitto_sub too', async () => {
    await start()
    const secret = await add('real-1')
    const access = ['-p', String(broker.mqttPort), '-u', 'real-1', '-P', secret]
    const reading = ['-q', '1', '-t', topic('real-1', 'reading'), '-m', '{"ts":1763900000000,"intensity":3}']
    await run('mosquitto_pub', [...access, ...reading])
    expect(await broker.journal.end()).toBe(1)
    const command = run('mosquitto_sub', [...access, '-t', topic('real-1', 'cmd'), '-C', '1', '-W', '20'])
    const asking = await admin()
    const timer = setInterval(() => asking.publish(topic('real-1', 'cmd'), 'dim'), 50)
    expect((await command).stdout).toBe('dim\n')
    clearInterval(timer)
    await expect(run('mosquitto_pub', ['-p', access[1] ?? '', '-u', 'real-1', '-P', 'x', ...reading])).rejects.toThrow(
      /not authorised|bad user name/i,
    )
    const other = await run('mosquitto_sub', [...access, '-t', topic('real-2', 'cmd'), '-C', '1', '-W', '20'])
    expect(other.stderr).toContain('denied')
  })
})

describe('a credential', () => {
  it('that is revoked disconnects its sensor, publishes its will and lets it in no more', async () => {
    await start()
    const secret = await add('real-1')
    const other = await connect('real-2', await add('real-2'))
    const watching = await admin()
    const seen: string[] = []
    watching.on('message', (_topic, payload) => seen.push(payload.toString()))
    await watching.subscribeAsync('city/v1/+/+/+/status', { qos: 1 })
    const will = { topic: topic('real-1', 'status'), payload: Buffer.from('offline'), qos: 1 as const, retain: true }
    const sensor = await connect('real-1', secret, { will })
    const ended = closed(sensor)
    await revoke('real-1')
    await ended
    await until('its will', () => seen.includes('offline'))
    expect(await codeOf('real-1', secret)).toBe(4)
    expect(await broker.metric('nhip_broker_revoked_total')).toBe(1)
    expect(other.connected).toBe(true)
  })

  it('that is revoked ends the connection, also among 5,000', async () => {
    await start()
    const others = await hashSecret(newSecret())
    await changeCredentials(broker.credentialsPath, (credentials) => {
      for (let other = 0; other < 5_000; other++)
        credentials.set(`other-${other}`, {
          role: 'sensor',
          district: 'tay-ninh',
          kind: 'traffic',
          hash: others,
          createdAt,
        })
    })
    await until('the broker to know them', async () => (await broker.metric('nhip_broker_credentials')) === 5_000)
    const sensor = await connect('real-1', await add('real-1'))
    const ended = closed(sensor)
    await revoke('real-1')
    await ended
  })

  it('that is rotated disconnects who has the old secret; the new one lets it in', async () => {
    await start()
    const secret = await add('real-1')
    const sensor = await connect('real-1', secret)
    const ended = closed(sensor)
    const next = newSecret()
    const hash = await hashSecret(next)
    await changeCredentials(broker.credentialsPath, (credentials) => {
      credentials.set('real-1', { ...(credentials.get('real-1') as Credential), hash }) // it is there
    })
    await ended
    expect(await codeOf('real-1', secret)).toBe(4)
    expect(await codeOf('real-1', next)).toBe(0)
  })

  it('that is revoked takes its session along: who has its id later hears nothing of what was meant for it', async () => {
    await start()
    const as = { clientId: 'real-1', clean: false }
    const sensor = await connect('real-1', await add('real-1'), as)
    await sensor.subscribeAsync(topic('real-1', 'cmd'), { qos: 1 })
    await sensor.endAsync()
    await (await admin()).publishAsync(topic('real-1', 'cmd'), 'dim', { qos: 1 })
    expect(await broker.metric('nhip_broker_queued_messages')).toBe(1)
    await revoke('real-1')
    await until('an empty queue', async () => (await broker.metric('nhip_broker_queued_messages')) === 0)
    const secret = await add('real-1')
    const password = Buffer.from(secret)
    const client = new RawClient(broker.mqttPort).send(
      connectPacket('real-1', { username: 'real-1', password, clean: false }),
    )
    expect(await client.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false })
    client.destroy()
  })

  it('of a person has a role', async () => {
    await start()
    const secret = await add('lan', { role: 'admin' })
    const lan = await connect('lan', secret)
    const [granted] = await lan.subscribeAsync('#')
    expect(granted?.qos).toBe(0)
  })

  it('is noted when it was last in use', async () => {
    await start()
    const secret = await add('real-1')
    const began = Date.now()
    await connect('real-1', secret)
    await until('the note', async () => ((await readLastSeen(broker.lastSeenPath)).get('real-1') ?? 0) >= began)
    await revoke('real-1')
    await until('it to be forgotten', async () => (await readLastSeen(broker.lastSeenPath)).size === 0)
  })

  it('stays valid when the file is damaged by accident, until it is whole again', async () => {
    await start()
    const secret = await add('real-1')
    const whole = await readFile(broker.credentialsPath, 'utf8')
    await writeFile(broker.credentialsPath, whole.slice(0, 50))
    await until('the fault in the log', () => broker.log.includes('is damaged'))
    expect(await codeOf('real-1', secret)).toBe(0)
    await writeFile(broker.credentialsPath, whole)
    await revoke('real-1')
    await until('its end', async () => (await broker.metric('nhip_broker_credentials')) === 0)
    expect(await codeOf('real-1', secret)).toBe(4)
  })

  it('stands in a file of mode 600, as a scrypt hash', async () => {
    await start()
    const secret = await add('real-1')
    expect((await stat(broker.credentialsPath)).mode & 0o777).toBe(0o600)
    const text = await readFile(broker.credentialsPath, 'utf8')
    expect(text).not.toContain(secret)
    expect(text).toContain('$scrypt$')
  })
})

describe('failed sign-ins', () => {
  it('are counted, and logged without the secret, also when it stands where the name belongs', async () => {
    await start()
    const secret = await add('real-1')
    expect(await codeOf('real-1', 'a-wrong-secret')).toBe(4)
    expect(await codeOf(secret, 'a-wrong-secret')).toBe(4)
    expect(await codeOf('nobody', 'a-wrong-secret')).toBe(4)
    expect(await refused('credentials')).toBe(3)
    expect(broker.log).toContain('"username":"real-1"')
    expect(broker.log).toContain('"address":"127.0.0.1"')
    expect(broker.log).not.toContain('a-wrong-secret')
    expect(broker.log).not.toContain(secret)
  })

  it('are logged with no more of a client id than tells it from others', async () => {
    await start()
    const client = new RawClient(broker.mqttPort).send(
      connectPacket('long'.repeat(10_000), { username: 'nobody', password: Buffer.from('a-wrong-secret') }),
    )
    expect((await client.next('connack')).returnCode).toBe(4)
    expect(broker.log).toContain('longlong')
    expect(broker.log.length).toBeLessThan(5_000)
    client.destroy()
  })

  it('at one id block the address they come from, and not the device at another', async () => {
    await start({ FAILED_SIGN_INS_PER_ID: 3 })
    const secret = await add('real-1')
    const other = await add('real-2')
    for (let count = 0; count < 3; count++) expect(await codeOf('real-1', 'guess', '127.0.0.2')).toBe(4)
    expect(await codeOf('real-1', secret, '127.0.0.2')).toBe(3)
    expect(await refused('blocked')).toBe(1)
    expect(await codeOf('real-2', other, '127.0.0.2')).toBe(0)
    expect(await codeOf('real-1', secret, '127.0.0.3')).toBe(0)
    // its secret was found right: it comes back even from the blocked address
    expect(await codeOf('real-1', secret, '127.0.0.2')).toBe(0)
  })

  it('that come all at once are refused unchecked too, but for the first', async () => {
    await start({ FAILED_SIGN_INS_PER_ID: 3 })
    await add('real-1', { hash: workedHash('a secret') })
    const codes = await Promise.all(Array.from({ length: 200 }, () => codeOf('real-1', 'guess', '127.0.0.2')))
    // a few are being checked while the third is found wrong
    expect(codes.filter((code) => code === 4).length).toBeLessThan(10)
    expect(codes.filter((code) => code === 3 || code === 4).length).toBe(200)
  })

  it('of one address block it for every id, but not for services with the right secret', async () => {
    await start({ FAILED_SIGN_INS_PER_ADDRESS: 3 })
    const secret = await add('real-1')
    for (let count = 0; count < 3; count++) expect(await codeOf(`nobody-${count}`, 'guess', '127.0.0.2')).toBe(4)
    expect(await codeOf('real-1', secret, '127.0.0.2')).toBe(3)
    for (const service of ['ingest', 'alerts', 'api', 'simulators', 'admin']) {
      expect(await codeOf(service, 'guess', '127.0.0.2')).toBe(3)
      expect(await codeOf(service, testPassword, '127.0.0.2')).toBe(0)
    }
  })
})

describe('many sensors', () => {
  it('that connect at once all come in, and more than may wait for a hash with much work are told to come later', async () => {
    await start({ MAX_SIGN_INS_WAITING: 20 })
    const secret = 'a secret'
    await add('real-1', { hash: workedHash(secret) })
    const codes = await Promise.all(Array.from({ length: 60 }, () => codeOf('real-1', secret)))
    expect(codes.filter((code) => code === 0).length).toBeGreaterThan(20)
    expect(codes.filter((code) => code === 0 || code === 3).length).toBe(60)
    expect(await codeOf('real-1', secret)).toBe(0)
    expect(await broker.metric('nhip_broker_sign_ins_waiting')).toBe(0)
  })
})
