import { Buffer } from 'node:buffer'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../journal/journal-parts.ts'
import { connected, publishPacket, RawClient, subscribePacket, testPassword } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

let broker: TestBroker
const clients: RawClient[] = []
beforeAll(async () => {
  broker = await startTestBroker({ FAILED_SIGN_INS_PER_ADDRESS: 1_000 })
})
afterAll(() => broker.close())
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await until('all connections to be gone', async () => (await broker.metric('nhip_broker_connections')) === 0)
})

const field = (bytes: Buffer | string) => {
  const body = Buffer.from(bytes as string) // a Buffer is copied
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 255]), body])
}
interface Fields {
  clientId: Buffer | string
  willTopic?: Buffer | string
  willPayload?: Buffer | string
  username: Buffer | string
  password: Buffer | string
  isClean: boolean
}
/** A CONNECT with any bytes in its fields, which no library writes. */
function connectOf({ clientId, willTopic, willPayload = 'gone', username, password, isClean }: Fields): Buffer {
  const flags = 0xc0 | (isClean ? 2 : 0) | (willTopic === undefined ? 0 : 4)
  const body = Buffer.concat([
    ...[field('MQTT'), Buffer.from([4, flags, 0, 30]), field(clientId)],
    ...(willTopic === undefined ? [] : [field(willTopic), field(willPayload)]),
    ...[field(username), field(password)],
  ])
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([0x10, ...length]), body])
}

/** Texts that MQTT forbids (MQTT-1.5.3-1, -2). */
const illFormed: [string, Buffer][] = [
  ['U+0000', Buffer.from('a\u0000b')],
  ['U+0000 alone', Buffer.from([0])],
  ['U+0000 at the end', Buffer.from('admin\u0000')],
  ['half of a pair', Buffer.from([0x61, 0xed, 0xa0, 0x80])],
  ['a pair of surrogates', Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])],
  ['a byte of no text', Buffer.from([0x61, 0xff])],
  ['an unfinished character', Buffer.from([0x61, 0xe2, 0x82])],
  ['an overlong form', Buffer.from([0xc0, 0xaf])],
  ['beyond U+10FFFF', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
]
const right: Fields = { clientId: 'texts', username: 'admin', password: testPassword, isClean: true }

describe.each([true, false])('a CONNECT with clean session %s', (isClean) => {
  for (const name of ['clientId', 'username', 'willTopic'] as const)
    it.each(illFormed)(`whose ${name} has %s is refused and its connection closed`, async (_what, bytes) => {
      const client = new RawClient(broker.mqttPort).send(connectOf({ ...right, isClean, [name]: bytes }))
      clients.push(client)
      await client.end()
      expect(client.received.filter(({ cmd }) => cmd !== 'connack')).toEqual([])
      for (const packet of client.received) expect(packet).not.toMatchObject({ returnCode: 0 })
      expect(await broker.metric('nhip_broker_sessions')).toBe(0)
    })

  it.each(illFormed)('may have %s in the payload of its will, which is no text', async (_what, bytes) => {
    const watching = (await connected(broker.mqttPort, 'watching')).send(subscribePacket('test/will'))
    clients.push(watching)
    await watching.next('suback')
    const client = new RawClient(broker.mqttPort)
    client.send(connectOf({ ...right, isClean, willTopic: 'test/will', willPayload: bytes }))
    expect((await client.next('connack')).returnCode).toBe(0)
    client.destroy()
    expect((await watching.next('publish')).payload).toEqual(bytes)
    clients.push(await connected(broker.mqttPort, 'texts')) // ends the session
  })

  it('may have an empty payload in its will, and U+FEFF or U+FFFE in its texts', async () => {
    const texts = { clientId: '\ufeffid', willTopic: 'test/\ufeff\ufffe', willPayload: '' }
    const client = new RawClient(broker.mqttPort).send(connectOf({ ...right, isClean, ...texts }))
    clients.push(client)
    expect((await client.next('connack')).returnCode).toBe(0)
    client.send({ cmd: 'disconnect' })
    await client.end()
    clients.push(await connected(broker.mqttPort, '\ufeffid'))
  })
})

it('a password is bytes, which may be no text: it is wrong, and nothing more', async () => {
  for (const [, password] of illFormed) {
    const client = new RawClient(broker.mqttPort).send(connectOf({ ...right, password }))
    clients.push(client)
    expect((await client.next('connack')).returnCode).toBe(4)
  }
})

it.each([...'\ufeff\ufffe😀é'])('a topic may have %j in it, and keeps it', async (character) => {
  const topic = `test/${character}`
  const client = (await connected(broker.mqttPort, '')).send(subscribePacket(topic))
  clients.push(client)
  await client.next('suback')
  client.send(publishPacket(topic, 'x'))
  expect((await client.next('publish')).topic).toBe(topic)
})
