import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { Aedes } from 'aedes'
import { generate } from 'mqtt-packet'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { aedesClient } from '#broker/aedes/aedes-client.ts'
import { createConnections } from '#broker/connection/connections.ts'
import type { FastPath } from '#broker/connection/fast-path.ts'
import { deliverWithoutBlocking } from '#broker/delivery/deliver-without-blocking.ts'
import { defaultLimits } from '#broker/limits/limits.ts'
import { UserRates } from '#broker/limits/user-rates.ts'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { createJournalWriter } from '#broker/publish/journal-writer.ts'
import { PublishFastPath } from '#broker/publish/publish-fast-path.ts'
import { silent, until } from '../journal/journal-parts.ts'
import { connectPacket, publishPacket } from './raw-mqtt.ts'

/** rights to everything */
const all = { mayPublish: () => true, maySubscribe: () => true }

const noFastPath: FastPath = {
  ...{ busy: false, full: false },
  mayPublish: () => false,
  isReading: () => false,
  publish: () => false,
}

it('takes no more from a client that does not read its PUBACKs, and the client is closed', async () => {
  // in memory, for the kernel would hold a million PUBACKs before the broker feels it
  const [near, far] = duplexPair({ highWaterMark: 1_024 })
  const aedes = await Aedes.createBroker({ drainTimeout: 200 })
  const client = aedes.handle(near)
  const failed = once(aedes, 'clientError')
  far.write(generate(connectPacket('deaf')))
  await once(aedes, 'clientReady')
  const metrics = brokerMetrics(new Registry())
  const journalWriter = createJournalWriter({ append: async () => {} }, metrics, new AbortController().signal, {
    withheld() {},
    refused() {},
  })
  const fastPath = new PublishFastPath(
    aedesClient(client),
    { resume() {} },
    {
      journalWriter,
      clients: { rightsOf: () => all, serviceUserOf: () => undefined },
      limits: defaultLimits,
      deliver() {},
    },
  )
  const packet = generate(publishPacket('city/v1/tay-ninh/traffic/deaf/reading', '{}', { qos: 1 }))
  await until('it to be full of what is not read', () => {
    while (!fastPath.full) fastPath.publish(packet, 0, packet.length)
    return !fastPath.busy
  })
  expect(fastPath.full).toBe(true)
  // no more than the connection takes, and the answers to what may wait for the journal
  expect(near.writableLength).toBeLessThan(4_096)
  expect(await failed).toMatchObject([{ id: 'deaf' }, { message: 'drain timeout' }])
  expect(near.destroyed).toBe(true)
  aedes.close()
})

/** A client with a session, whose messages go through Aedes, and which has sent 20,000 of them and reads nothing. */
async function deafClient(drainTimeout: number) {
  const [near, far] = duplexPair({ highWaterMark: 1_024 })
  const metrics = brokerMetrics(new Registry())
  const deaf = { near, far, published: 0, failed: once(near, 'error'), close: () => aedes.close() }
  const aedes = await Aedes.createBroker({
    ...{ drainTimeout, concurrency: 0 },
    preConnect(client, _packet, done) {
      deliverWithoutBlocking(client)
      done(null, true)
    },
    authenticate(client, _username, _password, done) {
      connections.release(
        aedesClient(client),
        new UserRates(defaultLimits).allowanceOf(near, 'admin', 'admin'),
        () => noFastPath,
      )
      done(null, true)
    },
    authorizePublish(_client, _packet, done) {
      deaf.published += 1
      done()
    },
  })
  const connections = createConnections({
    ...{ aedes, limits: defaultLimits, maxPacketBytes: 65_536, metrics, log: silent },
    acceptConnect: () => false,
    prepareClient() {},
    refused() {},
    attachAedes: (connection) => void connections.attachAedes(connection),
    failed: () => {},
  })
  connections.accept(near, { address: '' })
  far.write(generate(connectPacket('deaf', { clean: false })))
  await once(aedes, 'clientReady')
  const packets = Array.from({ length: 20_000 }, (_, i) =>
    generate(publishPacket('t', '', { qos: 1, messageId: i + 1 })),
  )
  far.write(Buffer.concat(packets))
  return deaf
}

it('reads little of a client with a session that does not read its PUBACKs, and closes it', async () => {
  const deaf = await deafClient(500)
  expect(await deaf.failed).toMatchObject([{ message: 'drain timeout' }])
  expect(deaf.near.destroyed).toBe(true)
  expect(deaf.published).toBeGreaterThan(0)
  // a few turns of reading
  expect(deaf.published).toBeLessThan(10_000)
  deaf.close()
})

it('reads on when such a client does', async () => {
  const deaf = await deafClient(60_000)
  await until('the broker to read no more', () => deaf.near.writableNeedDrain && deaf.near.isPaused())
  expect(deaf.published).toBeLessThan(10_000)
  deaf.far.resume()
  await until('all to be read', () => deaf.published === 20_000)
  deaf.close()
})
