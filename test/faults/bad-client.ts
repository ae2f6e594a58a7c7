// A client that misbehaves against a broker whenever its standard input says `on`, until it says `off`; a process of its
// own, so that only the broker's work for it is felt. Arguments: port, user's password, what it does.
import { createInterface } from 'node:readline'
import { generate } from 'mqtt-packet'
import { connectPacket, publishPacket, RawClient, subscribePacket } from '../broker/raw-mqtt.ts'

const [port, password = '', what = ''] = process.argv.slice(2)
let misbehaves = false
const started: (() => void)[] = []

async function join(): Promise<RawClient> {
  const client = new RawClient(Number(port)).send(connectPacket('', { password: Buffer.from(password) }))
  await client.next('connack')
  return client
}

const publishes = (count: number, topic: string, payloadBytes: number, qos: 0 | 1 = 0) =>
  Buffer.concat(
    Array.from({ length: count }, (_, at) =>
      generate(publishPacket(topic, Buffer.alloc(payloadBytes), { qos, messageId: at + 1 })),
    ),
  )

/** Writes whenever the socket takes it, as long as it misbehaves. */
function flood(client: RawClient, bytes: Buffer): void {
  let full = false
  const go = () => {
    full = false
    while (misbehaves && !full && !client.closed) full = !client.socket.write(bytes)
  }
  client.socket.on('drain', go)
  started.push(() => {
    if (!full) go()
  })
}

const behaviours: Record<string, () => Promise<void>> = {
  'small packets': async () => flood(await join(), publishes(500, 'bad/x', 1)),
  'large packets': async () => flood(await join(), publishes(2, 'bad/x', 60_000)),
  async readings() {
    const bytes = publishes(500, 'city/v1/tay-ninh/traffic/bad/reading', 100, 1)
    flood(await join(), bytes)
    const deaf = await join() // to its PUBACKs
    deaf.socket.pause()
    flood(deaf, bytes)
  },
  async 'never reading'() {
    const stuck = (await join()).send(subscribePacket(['bad/#', 'good/#']))
    await stuck.next('suback')
    stuck.socket.pause()
    flood(await join(), publishes(2, 'bad/x', 60_000))
  },
  async 'single bytes'() {
    const bytes = publishes(1, 'bad/x', 60_000)
    for (let count = 0; count < 20; count++) {
      const client = await join()
      let at = 0
      setInterval(() => {
        if (misbehaves) client.socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1))
      }, 2)
    }
  },
}

await behaviours[what]?.()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  misbehaves = line === 'on'
  if (misbehaves) for (const start of started) start()
}
process.exit(0)
