import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../integration/journal-parts.ts'
import { connected, publishPacket, type RawClient, subscribePacket } from '../integration/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../integration/test-broker.ts'

const sensors = 100
/** ms between two messages of a sensor */
const periodMs = 200
const messages = 1_000

let broker: TestBroker
let clients: RawClient[] = []
beforeEach(async () => {
  broker = await startTestBroker({ SERVICE_MESSAGES_PER_SECOND: 500, SERVICE_BYTES_PER_SECOND: 262_144 })
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await broker.close()
})

async function join(): Promise<RawClient> {
  const client = await connected(broker.mqttPort, '')
  clients.push(client)
  return client
}

/** Lets all sensors publish until `messages` arrived; the 99th percentile of their way to a subscriber, ms. */
async function p99(good: readonly RawClient[], watching: RawClient): Promise<number> {
  const waits: number[] = []
  const from = watching.received.length
  let next = 0
  const timer = setInterval(() => {
    for (let count = 0; count < sensors / 20; count++)
      good[next++ % good.length]?.send(publishPacket('good/x', String(performance.now())))
  }, periodMs / 20)
  let seen = from
  const note = () => {
    for (; seen < watching.received.length; seen++) {
      const packet = watching.received[seen]
      if (packet?.cmd === 'publish') waits.push(performance.now() - Number(packet.payload.toString()))
    }
  }
  watching.socket.on('data', note)
  await until('the messages of the good sensors', () => waits.length >= messages)
  clearInterval(timer)
  watching.socket.off('data', note)
  return waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0
}

/** Writes without end, as fast as the socket takes it. */
function flood(client: RawClient, bytes: Buffer): void {
  const go = () => {
    while (!client.closed && client.socket.write(bytes)) {}
  }
  client.socket.on('drain', go)
  go()
}

const packets = (count: number, payloadBytes: number) =>
  Buffer.concat(Array<Buffer>(count).fill(generate(publishPacket('bad/x', Buffer.alloc(payloadBytes)))))

describe('the delay of 100 good sensors stays bounded while another client', () => {
  it.each<[string, () => Promise<void>]>([
    ['floods with small packets', async () => flood(await join(), packets(500, 1))],
    ['floods with large packets', async () => flood(await join(), packets(2, 60_000))],
    [
      'never reads what floods it',
      async () => {
        const stuck = (await join()).send(subscribePacket('bad/#'))
        await stuck.next('suback')
        stuck.socket.pause()
        flood(await join(), packets(2, 60_000))
      },
    ],
    [
      'trickles bytes on 20 connections',
      async () => {
        const bytes = packets(1, 60_000)
        for (let count = 0; count < 20; count++) {
          const client = await join()
          let at = 0
          const timer = setInterval(() => client.send(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)), 2)
          client.socket.once('close', () => clearInterval(timer))
        }
      },
    ],
  ])('%s', async (_what, misbehave) => {
    const good: RawClient[] = []
    for (let count = 0; count < sensors; count++) good.push(await join())
    const watching = (await join()).send(subscribePacket('good/#'))
    await watching.next('suback')
    await p99(good, watching) // warm
    const alone = await p99(good, watching)
    await misbehave()
    const together = await p99(good, watching)
    // other tests share the machine, hence so generous
    expect(together).toBeLessThan(Math.max(alone * 5, 50))
  })
})
