import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret } from '#broker/auth/secret.ts'
import { startBroker } from '#broker/broker.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'

const [which, folder = ''] = process.argv.slice(2)
const password = 'a-password-of-this-benchmark'

/** Gives each sensor of the load a credential of its own; the secret is the same, which makes nothing quicker for the broker. */
async function addSensors(credentialsPath: string): Promise<void> {
  const sensor = { role: 'sensor', district: 'tay-ninh', kind: 'traffic', createdAt: new Date().toISOString() } as const
  const hash = await hashSecret(password)
  await changeCredentials(credentialsPath, (credentials) => {
    for (let index = 0; index < 10_000; index++) credentials.set(`bench-${index}`, { ...sensor, hash })
  })
}

async function startJournal(): Promise<number> {
  const log = pino({ level: 'warn' })
  const credentialsPath = join(folder, 'credentials.json')
  if (which === 'sensors') await addSensors(credentialsPath)
  const maxBytes = 20_000_000_000
  const journal = await openLocalJournal({ path: join(folder, 'journal'), consumers: ['store'], maxBytes, log })
  const { mqttPort } = await startBroker({
    ...{ host: '127.0.0.1', mqttPort: 0, wsPort: 0, maxPacketBytes: 262_144, registry: new Registry(), log, journal },
    passwords: { admin: password, ingest: password, alerts: password, api: password, simulators: password },
    retainedPath: join(folder, 'retained'),
    ...{ credentialsPath, lastSeenPath: join(folder, 'last-seen.json') },
  })
  return mqttPort
}

async function listen(take: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, take).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

async function startAedes(): Promise<number> {
  const broker = await Aedes.createBroker({ concurrency: 0 })
  return listen((socket) => broker.handle(socket))
}

const accepted = Buffer.from([0x20, 2, 0, 0])
/** Takes whatever comes for a CONNECT. */
const startAnswering = () =>
  listen((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(accepted))
  })

const starts: Record<string, () => Promise<number>> = { aedes: startAedes, answering: startAnswering }
console.log(await (starts[which ?? ''] ?? startJournal)())
