import { duplexPair } from 'node:stream'
import type { Client } from 'aedes'
import fc from 'fast-check'
import { generate, type IPublishPacket } from 'mqtt-packet'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { type Identity, rightsOf } from '#broker/auth/authorization.ts'
import { willFault } from '#broker/auth/connect-fault.ts'
import { defaultLimits } from '#broker/limits/limits.ts'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { createJournalWriter } from '#broker/publish/journal-writer.ts'
import { PublishFastPath } from '#broker/publish/publish-fast-path.ts'
import { publishHandler } from '#broker/publish/publish-handler.ts'
import type { JournalRecord } from '#journal/journal.ts'
import { sayBrokerFault } from '#telemetry/faults/broker-words.ts'
import { readAll, until } from '../journal/journal-parts.ts'
import { connected, publishPacket, type RawClient } from './raw-mqtt.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

const identities: readonly Identity[] = [
  { user: 'admin', role: 'admin' },
  { user: 'ingest', role: 'ingest' },
  { user: 'alerts', role: 'alerts' },
  { user: 'api', role: 'api' },
  { user: 'simulators', role: 'simulators' },
  { user: 'own-1', role: 'sensor', district: 'tay-ninh', kind: 'traffic' },
]
const hasCredential = (sensor: string) => sensor === 'own-1'

const levels = fc.constantFrom('city', 'v1', 'tay-ninh', 'traffic', 'own-1', 'x', '+', '#', '$SYS', '', 'a\u0000b', 'ế')
const channels = fc.constantFrom('reading', 'meta', 'status', 'cmd', 'ack', 'nothing')
const topics = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('tay-ninh', 'live'),
      fc.constantFrom('traffic', 'lighting'),
      fc.constantFrom('own-1', 'x'),
      channels,
    )
    .map((parts) => `city/v1/${parts.join('/')}`),
  fc.tuple(fc.array(levels, { maxLength: 12 }), channels).map(([parts, channel]) => [...parts, channel].join('/')),
  fc.integer({ min: 200, max: 300 }).map((length) => `city/v1/tay-ninh/traffic/${'x'.repeat(length)}/reading`),
  fc.constantFrom('city/v1/quarantine', 'city/v1/live/traffic', 'city/v1/alerts/state', 'city/v1/diagnostics/refusals'),
)
const publishes: fc.Arbitrary<IPublishPacket> = fc
  .record({
    topic: topics,
    payload: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(9_000))).map((x) => Buffer.from(x)),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
  })
  .map((packet) => ({ cmd: 'publish', dup: false, ...packet, ...(packet.qos > 0 && { messageId: 7 }) }))

/** What became of a message: why it was refused, or where it is. */
interface Outcome {
  refused: string | undefined
  journaled: Pick<JournalRecord, 'topic' | 'user'>[]
  payloads: string[]
}

/** Both ways in for a client with this identity, each with a journal of its own. */
function waysIn(identity: Identity) {
  const rights = rightsOf(identity, hasCredential)
  const user = identity.role === 'sensor' ? undefined : identity.user
  const clients = { rightsOf: () => rights, identityOf: () => identity, serviceUserOf: () => user }
  const metrics = brokerMetrics(new Registry())
  const journal = () => {
    const outcome: Outcome = { refused: undefined, journaled: [], payloads: [] }
    const append = async (records: readonly JournalRecord[]) => {
      for (const { topic, user, payload } of records) {
        outcome.journaled.push({ topic, ...(user !== undefined && { user }) })
        outcome.payloads.push(Buffer.from(payload).toString('hex'))
      }
    }
    const reports = { withheld() {}, refused() {} }
    return { outcome, writer: createJournalWriter({ append }, metrics, new AbortController().signal, reports) }
  }
  return {
    rights,
    /** undefined when the packet is not one for the fast path */
    async fastPath(packet: IPublishPacket): Promise<Outcome | undefined> {
      const { outcome, writer } = journal()
      const [conn] = duplexPair()
      const client = {
        ...{ id: 'x', conn, clean: true, closed: false, connected: true, _keepaliveTimer: null },
        waitForDrain() {},
      }
      const options = { journalWriter: writer, clients, limits: defaultLimits, deliver() {} }
      const path = new PublishFastPath(client, { resume() {} }, options)
      const bytes = generate(packet)
      if (!path.mayPublish(bytes[0] ?? 0, bytes.length)) return undefined
      const isReading = path.isReading(bytes, 0, bytes.length)
      expect(path.publish(bytes, 0, bytes.length)).toBe(isReading)
      if (!isReading) return undefined
      await until('the reading to be journaled', () => !path.busy)
      return outcome
    },
    async handler(packet: IPublishPacket): Promise<Outcome> {
      const { outcome, writer } = journal()
      const handle = publishHandler({
        ...{ clients, journalWriter: writer, limits: defaultLimits, metrics },
        storeRetained: async () => {},
        forbidden: {
          publish: (_client, topic, { fault }) => {
            outcome.refused = `${topic}: ${sayBrokerFault('en', fault)}`
          },
        },
      })
      const [conn] = duplexPair()
      const client = { id: 'x', conn } as unknown as Client // the handler only passes it on
      const error = await new Promise((resolve) => handle(client, { ...packet }, resolve))
      expect(error instanceof Error).toBe(outcome.refused !== undefined)
      return outcome
    },
  }
}

describe('what a client may publish', () => {
  it('is the same on the fast path, through Aedes and as a will', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...identities), publishes, async (identity, packet) => {
        const ways = waysIn(identity)
        const throughAedes = await ways.handler(packet)
        const { topic, payload } = packet
        const will = willFault(
          { clientId: 'x', will: { topic, payload: Buffer.from(payload) } },
          ways.rights,
          defaultLimits,
        )
        expect(will !== undefined).toBe(throughAedes.refused !== undefined)
        const fast = await ways.fastPath(packet)
        if (fast) expect(fast).toEqual(throughAedes)
        const isOrdinary = packet.qos < 2 && payload.length < 8_000 && topic.split('/').length === 6
        if (isOrdinary && throughAedes.journaled.length > 0) expect(fast).toEqual(throughAedes)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    { topic: 'a/+', payload: '' },
    { topic: '', payload: '' },
  ])('refuses the will %j with return code 5', (will) => {
    const rights = { mayPublish: () => true }
    expect(willFault({ clientId: 'x', clean: true, keepalive: 30, will }, rights, defaultLimits)?.returnCode).toBe(5)
  })
})

describe('a broker', () => {
  let broker: TestBroker
  const clients: RawClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await broker.close()
  })

  /** How a packet goes in: on the fast path, through Aedes because it is large, and through Aedes with QoS 2. */
  const ways = [
    { qos: 1, bytes: 20 },
    { qos: 1, bytes: 9_000 },
    { qos: 2, bytes: 20 },
  ] as const

  async function outcomeOf(username: string, topic: string, { qos, bytes }: (typeof ways)[number]) {
    const refused = async () => [
      await broker.metric('nhip_broker_refused_total', { what: 'topic' }),
      await broker.metric('nhip_broker_refused_total', { what: 'publish' }),
    ]
    const journaled = async () =>
      (await readAll(broker.journal)).reduce((sum, { records }) => sum + [...records].length, 0)
    const [topicsBefore = 0, rightsBefore = 0] = await refused()
    const journaledBefore = await journaled()
    const client = await connected(broker.mqttPort, '', { username })
    clients.push(client)
    client.send(publishPacket(topic, 'x'.repeat(bytes), { qos }))
    const answer = qos === 1 ? 'puback' : 'pubrec'
    const acknowledged = () => client.received.some(({ cmd }) => cmd === answer)
    await until('an answer', () => client.closed || acknowledged())
    const [topicsAfter = 0, rightsAfter = 0] = await refused()
    return {
      acknowledged: acknowledged(),
      closed: client.closed,
      refusedTopics: topicsAfter - topicsBefore,
      refusedRights: rightsAfter - rightsBefore,
      journaled: (await journaled()) - journaledBefore,
    }
  }

  const accepted = { acknowledged: true, closed: false, refusedTopics: 0, refusedRights: 0 }
  const closed = { acknowledged: false, closed: true, refusedTopics: 0, refusedRights: 0, journaled: 0 }
  it.each([
    ['a reading of admin', 'admin', 'city/v1/tay-ninh/traffic/x/reading', { ...accepted, journaled: 1 }],
    ['a reading of the simulators', 'simulators', 'city/v1/tay-ninh/traffic/x/reading', { ...accepted, journaled: 1 }],
    ['a reading with too few levels', 'admin', 'city/v1/live/reading', { ...accepted, journaled: 1 }],
    ['a message that is no reading', 'admin', 'city/v1/tay-ninh/traffic/x/status', { ...accepted, journaled: 0 }],
    [
      'a reading without a right to it',
      'ingest',
      'city/v1/tay-ninh/traffic/x/reading',
      { ...closed, refusedRights: 1 },
    ],
    [
      'a command without a right to it',
      'simulators',
      'city/v1/tay-ninh/traffic/x/cmd',
      { ...closed, refusedRights: 1 },
    ],
    ['a topic too deep', 'admin', `city/v1/${'a/'.repeat(20)}reading`, { ...closed, refusedTopics: 1 }],
    ['a topic too long', 'admin', `city/v1/${'x'.repeat(300)}/reading`, { ...closed, refusedTopics: 1 }],
    ['a topic with a wildcard', 'admin', 'city/v1/+/traffic/x/reading', closed],
  ] as const)('treats %s the same however it comes', async (_what, user, topic, outcome) => {
    broker = await startTestBroker()
    for (const way of ways) expect({ way, ...(await outcomeOf(user, topic, way)) }).toEqual({ way, ...outcome })
  })
})
