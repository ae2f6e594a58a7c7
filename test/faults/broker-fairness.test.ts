import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connected, publishPacket, type RawClient, subscribePacket, testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { until } from '../journal/journal-parts.ts'

const sensors = 100
/** ms between two messages of a sensor */
const periodMs = 100
/** messages of one phase */
const messages = 500
/** pairs of phases, one without the bad client and one with it */
const rounds = 9
/** ms that do not count as a difference */
const floorMs = 5

let broker: TestBroker
let bad: ChildProcess
let clients: RawClient[] = []
beforeEach(async () => {
  broker = await startTestBroker({ SERVICE_MESSAGES_PER_SECOND: 500, SERVICE_BYTES_PER_SECOND: 262_144 })
  clients = []
})
afterEach(async () => {
  bad.kill('SIGKILL')
  for (const client of clients) client.destroy()
  await broker.close()
})

async function join(): Promise<RawClient> {
  const client = await connected(broker.mqttPort, '')
  clients.push(client)
  return client
}

async function startBad(what: string): Promise<void> {
  const script = `${import.meta.dirname}/bad-client.ts`
  const args = ['--import', 'tsx', script, String(broker.mqttPort), testPassword, what]
  bad = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  if (bad.stdout) await once(bad.stdout, 'data')
}

/** Lets all sensors publish until `messages` arrived; the 99th percentile of their way to a subscriber, ms. */
async function phase(good: readonly RawClient[], watching: RawClient): Promise<number> {
  const waits: number[] = []
  watching.received.length = 0
  let next = 0
  const timer = setInterval(() => {
    for (let count = 0; count < sensors / 20; count++)
      good[next++ % good.length]?.send(publishPacket('good/x', String(performance.now())))
  }, periodMs / 20)
  let seen = 0
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

describe('the 99th percentile of the delay of 100 good sensors at most doubles while another client', () => {
  it.each([
    ['floods with small packets', 'small packets'],
    ['floods with large packets', 'large packets'],
    ['floods with readings on two connections, and reads no PUBACK on one', 'readings'],
    ['never reads what everybody sends', 'never reading'],
    ['trickles bytes on 20 connections', 'single bytes'],
  ])('%s', { timeout: 120_000 }, async (_title, what) => {
    const good: RawClient[] = []
    for (let count = 0; count < sensors; count++) good.push(await join())
    const watching = (await join()).send(subscribePacket('good/#'))
    await watching.next('suback')
    await startBad(what)
    await phase(good, watching) // warm
    const alone: number[] = []
    const together: number[] = []
    // phases take turns and the best of each kind counts: what else the machine does only makes some of them slower
    for (let round = 0; round < rounds; round++) {
      alone.push(await phase(good, watching))
      bad.stdin?.write('on\n')
      together.push(await phase(good, watching))
      bad.stdin?.write('off\n')
    }
    const found = `p99 ms alone ${alone.map(Math.round)}, together ${together.map(Math.round)}`
    const [least, beside] = [Math.min(...alone), Math.min(...together)]
    expect(beside, found).toBeLessThanOrEqual(Math.max(least * 2, least + floorMs))
  })
})
