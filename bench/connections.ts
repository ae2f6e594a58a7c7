// 2,000 sensors: how long they take to connect, how they fare at one reading a second each and as fast as they are
// acknowledged, beside mosquitto (nothing durable) and Aedes alone in the same run; and what connecting costs Node at the least.
// npm run bench:connections
//   BENCH_SECONDS=10     time of each measurement
//   BENCH_SENSORS=2000
//   BENCH_ROUNDS=3       so often all take their turn; shown is the median
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { startLoad } from './load/load-process.ts'
import { Publisher } from './load/publisher.ts'
import {
  cpuSeconds,
  peakMemory,
  type Server,
  startBare,
  startMosquittoWithPasswords,
  startPlainMosquitto,
} from './load/servers.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 10)
const connections = Number(process.env.BENCH_SENSORS ?? 2_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)
const window = 10

const servers = {
  'broker and journal': () => startBare('journal'),
  'the same, each sensor as itself': () => startBare('sensors'),
  'mosquitto, nothing durable': startPlainMosquitto,
  'mosquitto, each sensor as itself': startMosquittoWithPasswords,
  'Aedes alone': () => startBare('aedes'),
  'CONNACK from a bare Node socket': () => startBare('answering'),
}
type Name = keyof typeof servers

const nothing = {
  'start to all connected, s': Number.NaN,
  'connecting, s': Number.NaN,
  'connecting, CPU µs each': Number.NaN,
  'PUBACK p50 ms': Number.NaN,
  'PUBACK p99 ms': Number.NaN,
  'peak RSS MB': Number.NaN,
  'flood, acknowledged/s': Number.NaN,
  'flood, CPU µs a reading': Number.NaN,
  /** until a sensor whose credential is revoked is disconnected, among 10,000 credentials */
  'revoked, ms': Number.NaN,
}
type Found = typeof nothing

/** What there is of it for a server that takes no readings. */
async function measureConnecting(): Promise<Found> {
  const server = await servers['CONNACK from a bare Node socket']()
  try {
    const cpu = await cpuSeconds(server.pid)
    const sensors = await startLoad({ ...server, connections, seconds: 0, window, rate: 0 })
    const each = (((await cpuSeconds(server.pid)) - cpu) * 1e6) / connections
    const { connectSeconds } = await sensors.run()
    await sensors.end()
    return { ...nothing, 'connecting, s': connectSeconds, 'connecting, CPU µs each': each }
  } finally {
    await server.stop()
  }
}

/** ms from the change of the file of credentials to the end of the connection. */
async function measureRevoking({ port, password, credentialsPath }: Server): Promise<number> {
  if (!credentialsPath) return Number.NaN
  const sensor = new Publisher({ port, password, username: undefined, index: 0, firstTs: Date.now(), window })
  await sensor.connected()
  await changeCredentials(credentialsPath, (credentials) => {
    credentials.delete('bench-0')
  })
  const began = performance.now()
  await sensor.closed
  return performance.now() - began
}

async function measure(start: () => Promise<Server>): Promise<Found> {
  const began = performance.now()
  const server = await start()
  const cpu = () => cpuSeconds(server.pid)
  try {
    const idleCpu = await cpu()
    const sensors = await startLoad({ ...server, connections, seconds, window, rate: connections })
    const startSeconds = (performance.now() - began) / 1_000
    const connectedCpu = await cpu()
    const calm = await sensors.run()
    await sensors.end()
    const memory = await peakMemory(server.pid)
    const flooding = await startLoad({ ...server, connections, seconds, window })
    const calmCpu = await cpu()
    const flood = await flooding.run()
    await flooding.end()
    const floodCpu = await cpu()
    return {
      'start to all connected, s': startSeconds,
      'connecting, s': calm.connectSeconds,
      'connecting, CPU µs each': ((connectedCpu - idleCpu) * 1e6) / connections,
      'PUBACK p50 ms': calm.p50,
      'PUBACK p99 ms': calm.p99,
      'peak RSS MB': memory,
      'flood, acknowledged/s': flood.perSecond,
      'flood, CPU µs a reading': ((floodCpu - calmCpu) * 1e6) / flood.acknowledged,
      'revoked, ms': await measureRevoking(server),
    }
  } finally {
    await server.stop()
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const found: Record<Name, Found[]> = {
  'broker and journal': [],
  'the same, each sensor as itself': [],
  'mosquitto, nothing durable': [],
  'mosquitto, each sensor as itself': [],
  'Aedes alone': [],
  'CONNACK from a bare Node socket': [],
}
const names = Object.keys(servers) as Name[] // the keys of an object written above
for (let round = 0; round < rounds; round++)
  for (const name of names) {
    const one = await (name === 'CONNACK from a bare Node socket' ? measureConnecting() : measure(servers[name]))
    found[name].push(one)
    console.error(name, JSON.stringify(one))
  }

const columns = Object.keys(nothing) as (keyof Found)[] // the keys of an object written above
const shown = (of: (column: keyof Found) => number) =>
  Object.fromEntries(columns.map((column) => [column, Number(of(column).toPrecision(3))]))
/** The median of the rounds' own ratios: what disturbs one round disturbs all that take part in it. */
const ratio = (name: Name, column: keyof Found, ours: Name = 'broker and journal') =>
  median(
    found[ours].map((one, round) => {
      const theirs = found[name][round]?.[column] ?? 0
      return one[column] / theirs
    }),
  )
console.table({
  ...Object.fromEntries(names.map((name) => [name, shown((column) => median(found[name].map((one) => one[column])))])),
  'broker to mosquitto': shown((column) => ratio('mosquitto, nothing durable', column)),
  'as itself, to mosquitto': shown((column) =>
    ratio('mosquitto, nothing durable', column, 'the same, each sensor as itself'),
  ),
  'as itself, to mosquitto with passwords': shown((column) =>
    ratio('mosquitto, each sensor as itself', column, 'the same, each sensor as itself'),
  ),
  'broker to Aedes': shown((column) => ratio('Aedes alone', column)),
})
