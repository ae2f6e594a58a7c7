import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { Aedes } from 'aedes'
import { generate } from 'mqtt-packet'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { aedesClient } from '#broker/aedes-client.ts'
import { brokerMetrics } from '#broker/metrics.ts'
import { journalGate } from '#broker/readings/journal-gate.ts'
import { ReadingLane } from '#broker/readings/reading-lane.ts'
import { until } from './journal-parts.ts'
import { connectPacket, publishPacket } from './raw-mqtt.ts'

it('takes no more from a client that does not read its PUBACKs, and the client is closed', async () => {
  // in memory, for the kernel would hold a million PUBACKs before the broker feels it
  const [near, far] = duplexPair({ highWaterMark: 1_024 })
  const aedes = await Aedes.createBroker({ drainTimeout: 200 })
  const client = aedes.handle(near)
  const failed = once(aedes, 'clientError')
  far.write(generate(connectPacket('deaf')))
  await once(aedes, 'clientReady')
  const metrics = brokerMetrics(new Registry())
  const gate = journalGate({ append: async () => {} }, metrics, new AbortController().signal, () => {})
  const lane = new ReadingLane(
    aedesClient(client),
    { wake() {} },
    { gate, rightsOf: () => 'all', admits: () => true, kept() {} },
  )
  const packet = generate(publishPacket('city/v1/tay-ninh/traffic/deaf/reading', '{}', { qos: 1 }))
  await until('it to be full of what is not read', () => {
    while (!lane.full) lane.take(packet, 0, packet.length)
    return !lane.busy
  })
  expect(lane.full).toBe(true)
  // no more than the connection takes, and the answers to what may wait for the journal
  expect(near.writableLength).toBeLessThan(4_096)
  expect(await failed).toMatchObject([{ id: 'deaf' }, { message: 'drain timeout' }])
  expect(near.destroyed).toBe(true)
  aedes.close()
})
