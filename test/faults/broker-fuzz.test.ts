import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import type { TlsSource } from '#broker/connection/tls-source.ts'
import { watchTls } from '#start/tls.ts'
import { refusalBatchSchema } from '#telemetry/diagnostics.ts'
import { refusalsTopic } from '#telemetry/topics.ts'
import {
  connected,
  connectPacket,
  publishPacket,
  RawClient,
  subscribePacket,
  testPassword,
} from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent, until } from '../journal/journal-parts.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { Chance, type FuzzedUser, fuzzedConnection, reading } from './fuzzed-packets.ts'

/** cases in all; each is a connection */
const cases = Number(process.env.FUZZ_CASES ?? 3_000)
const seed = Number(process.env.FUZZ_SEED ?? 1)
const atOnce = 32

let broker: TestBroker
let watching: RawClient
let authority: Authority
let tls: TlsSource & { close(): Promise<void> }
beforeAll(async () => {
  authority = await makeAuthority()
  const { cert, key } = await authority.issue('localhost')
  const source = await watchTls({ TLS_CERT: cert, TLS_KEY: key }, silent)
  if (!source) throw new Error('no TLS')
  tls = source
})
afterAll(async () => {
  await tls.close()
  await authority.close()
})
beforeEach(async () => {
  // its failures must not keep it out
  const failures = { FAILED_SIGN_INS_PER_ADDRESS: 1_000_000, FAILED_SIGN_INS_PER_ID: 1_000_000 }
  broker = await startTestBroker(
    { CONNECTS_PER_SECOND: 100_000, ...failures },
    { tls: { source: tls, host: '127.0.0.1', mqttPort: 0, wsPort: 0 } },
  )
  watching = (await connected(broker.mqttPort, 'watching', { keepalive: 1_200 })).send(subscribePacket('#'))
  await watching.next('suback')
})
afterEach(async () => {
  watching.destroy()
  await broker.close()
})

/** Opens a connection, which may not stand yet. */
type Open = () => Duplex
const overTcp: Open = () => connect({ port: broker.mqttPort, host: '127.0.0.1', noDelay: true })

/** Sends the pieces on a connection of their own, each in a turn of its own, and waits for the end. */
async function play(pieces: readonly Buffer[], gently: boolean, open: Open): Promise<void> {
  const socket = open()
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {}).resume()
  for (const piece of pieces) {
    if (socket.destroyed || !socket.writable) break
    socket.write(piece)
    await turn()
  }
  if (gently) socket.end()
  else socket.destroy()
  await ended
}

async function fuzz(count: number, user: FuzzedUser | undefined, open = overTcp): Promise<void> {
  const chance = new Chance(seed)
  let left = count
  const worker = async () => {
    while (left-- > 0) await play(fuzzedConnection(chance, user), chance.below(2) === 0, open)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  await until('every connection but one to be gone', async () => (await broker.metric('nhip_broker_connections')) === 1)
  // over WebSocket a client is gone a moment after its socket
  await until('every client but one to be gone', async () => (await broker.metric('nhip_broker_clients')) === 1)
  watching.send({ cmd: 'pingreq' })
  await watching.next('pingresp')
}

const isTold = ({ topic, payload }: IPublishPacket) =>
  topic === refusalsTopic && refusalBatchSchema.safeParse(JSON.parse(String(payload))).success
/** What clients brought to it; the broker itself tells what it refused. */
const toWatching = () =>
  watching.received
    .filter((packet): packet is IPublishPacket => packet.cmd === 'publish')
    .filter((packet) => !isTold(packet))
const timeout = 60_000 + cases * 20

describe(`${cases} connections that send broken packets (FUZZ_CASES, FUZZ_SEED=${seed})`, () => {
  it(
    'and never sign in bring nothing into journal, retained messages or to a subscriber',
    async () => {
      await fuzz(Math.ceil(cases / 3), undefined)
      expect(toWatching()).toEqual([])
      expect(await broker.journal.end()).toBe(0)
      expect(await broker.metric('nhip_broker_retained_messages')).toBe(0)
      expect(await broker.metric('nhip_broker_sessions')).toBe(1)
    },
    timeout,
  )

  it(
    'and sign in neither stop the broker nor leave a connection behind',
    async () => {
      await fuzz(Math.ceil(cases / 3), { username: 'admin', password: testPassword })
      // the fuzzer does get through
      expect(toWatching().length).toBeGreaterThan(0)
      expect(await broker.journal.end()).toBeGreaterThan(0)
    },
    timeout,
  )

  it(
    'and sign in as a sensor reach nothing but its own topics',
    async () => {
      const secret = 'a secret of this test'
      await changeCredentials(broker.credentialsPath, async (credentials) => {
        const sensor = { role: 'sensor', district: 'tay-ninh', kind: 'traffic' } as const
        credentials.set('fuzz-1', { ...sensor, hash: await hashSecret(secret), createdAt: new Date().toISOString() })
      })
      await until('the broker to know it', async () => (await broker.metric('nhip_broker_credentials')) === 1)
      await fuzz(Math.floor(cases / 3), { username: 'fuzz-1', password: secret })
      expect([...new Set(toWatching().map(({ topic }) => topic))]).toEqual([reading])
      expect(await broker.journal.end()).toBeGreaterThan(0)
      expect(await broker.metric('nhip_broker_retained_messages')).toBe(0)
    },
    timeout,
  )
})

/** Each message is one of the pieces, as a client in a browser sends them. */
const overWebSocket = (url: string) => {
  const socket = new WebSocket(url, 'mqtt', { rejectUnauthorized: false, perMessageDeflate: false })
  const stream = createWebSocketStream(socket)
  // a stream that is being ended while the other side breaks off would stay
  socket.once('close', () => stream.destroy())
  return stream
}
const others: Record<string, { port(): number; open: Open }> = {
  TLS: {
    port: () => broker.tls?.mqttPort ?? 0,
    open: () => connectTls({ port: broker.tls?.mqttPort ?? 0, host: '127.0.0.1', rejectUnauthorized: false }),
  },
  WebSocket: { port: () => broker.wsPort, open: () => overWebSocket(`ws://127.0.0.1:${broker.wsPort}`) },
  'WebSocket with TLS': {
    port: () => broker.tls?.wsPort ?? 0,
    open: () => overWebSocket(`wss://127.0.0.1:${broker.tls?.wsPort}`),
  },
}

describe.each(Object.entries(others))(
  `${Math.ceil(cases / 75) * 3} broken connections over %s`,
  (_name, { port, open }) => {
    it(
      'sign in or not, or never shake hands, and neither stop the broker nor stay',
      async () => {
        const third = Math.ceil(cases / 75)
        await fuzz(third, undefined, () => connect({ port: port(), host: '127.0.0.1' }))
        await fuzz(third, undefined, open)
        expect(toWatching()).toEqual([])
        expect(await broker.journal.end()).toBe(0)
        await fuzz(third, { username: 'admin', password: testPassword }, open)
        expect(toWatching().length).toBeGreaterThan(0)
      },
      timeout,
    )
  },
)

it('a connection works wherever its bytes are cut', async () => {
  const reading = publishPacket('city/v1/tay-ninh/traffic/cut/reading', 'x', { qos: 1, messageId: 300 })
  const packets = [connectPacket('cut'), subscribePacket('cut/#', 1), publishPacket('cut/a', 'y', { qos: 2 }), reading]
  const bytes = Buffer.concat(packets.map((packet) => generate(packet)))
  for (let cut = 1; cut < bytes.length; cut++) {
    const client = new RawClient(broker.mqttPort)
    client.send(bytes.subarray(0, cut))
    await turn()
    client.send(bytes.subarray(cut))
    await client.next('puback')
    client.destroy()
  }
})
