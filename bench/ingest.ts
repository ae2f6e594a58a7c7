// How many readings a second go all the way, from a sensor's socket to the store, and what the parts could do alone.
// npm run bench:ingest
//   BENCH_SECONDS=60             time of each measurement
//   BENCH_ONLY=duckdb,influxdb   some of duckdb, influxdb, influxdb2, each with -offered or -flood too, lone, ceilings
//   TEST_INFLUX2_URL, TEST_INFLUX2_TOKEN, TEST_INFLUX2_ORG   an InfluxDB 2.x, measured as influxdb2; not without
//   BENCH_CONNECTIONS=500        some of the numbers of connections
//   BENCH_PROFILE=folder         CPU profiles of the platform's threads, written there
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { influx2OfEnvironment, newBucketName, removeBucket } from '../test/real/influx2.ts'
import { startInfluxd } from '../test/real/influxd.ts'
import { startPlatform } from '../test/support/platform-process.ts'
import type { LoadPlan, LoadResult } from './load/load.ts'
import { startLoad } from './load/load-process.ts'
import { cpuSeconds, peakMemory, type Server, startBare, startPlainMosquitto } from './load/servers.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 60)
const window = 100
const only = process.env.BENCH_ONLY
const profileFolder = process.env.BENCH_PROFILE

interface Row {
  what: string
  connections: number
  'acknowledged/s': number
  'stored/s'?: number
  'PUBACK p50 ms': number
  'PUBACK p99 ms': number
  /** of what was acknowledged, by the audit */
  missing?: number
  doubled?: number
  /** CPU time of the load generator, of the server and of a store in a process of its own, µs a reading */
  'load µs': number
  'server µs': number
  'store µs'?: number
  'peak RSS MB': number
  'store RSS MB'?: number
}
const rows: Row[] = []

const perReading = (seconds: number, load: LoadResult) => Number(((seconds * 1_000_000) / load.acknowledged).toFixed(1))

function row(what: string, connections: number, load: LoadResult, memory: number, cpu: number): Row {
  return {
    what,
    connections,
    'acknowledged/s': Math.round(load.perSecond),
    'PUBACK p50 ms': load.p50,
    'PUBACK p99 ms': load.p99,
    'peak RSS MB': memory,
    'load µs': Number(load.cpu.toFixed(1)),
    'server µs': perReading(cpu, load),
  }
}

function add(found: Row): void {
  rows.push(found)
  console.error(JSON.stringify(found))
}

/** A ceiling: MQTT alone. */
async function ceiling(what: string, start: () => Promise<Server>, connections: number): Promise<void> {
  const server = await start()
  const load = await startLoad({ ...server, connections, window, seconds: Math.min(seconds, 20) })
  const before = await cpuSeconds(server.pid)
  const result = await load.run()
  add(row(what, connections, result, await peakMemory(server.pid), (await cpuSeconds(server.pid)) - before))
  await load.end()
  await server.stop()
}

async function metric(url: string, token: string, name: string): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${name} `))
  return Number(line?.split(' ')[1] ?? 0)
}

type Plan = Pick<LoadPlan, 'connections' | 'window' | 'rate'>

/** The whole way: acknowledged after the synced journal, validated, stored. */
async function pipeline(
  what: string,
  env: Record<string, string>,
  plan: Plan,
  openStore: (folder: string) => Promise<TelemetryStore>,
  storePid?: number,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const platform = await startPlatform({ DATA_DIR: folder, SENSORS: '0', ...env }, profile)
  const access = { port: platform.mqttPort, username: 'admin', password: platform.adminToken }
  const load = await startLoad({ ...access, seconds, ...plan })
  const pid = platform.process.pid ?? 0
  const cpu = async () => ({ server: await cpuSeconds(pid), store: storePid ? await cpuSeconds(storePid) : 0 })
  const before = await cpu()
  const began = performance.now()
  const result = await load.run()
  while ((await metric(platform.url, platform.adminToken, 'nhip_ingest_stored_total')) < result.acknowledged)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const storedPerSecond = result.acknowledged / ((performance.now() - began) / 1_000)
  const after = await cpu()
  const memory = await peakMemory(pid)
  await platform.stop()
  const ledger = join(folder, 'ledger.tsv')
  await load.end(ledger)
  const store = await openStore(folder)
  const { total } = await checkLedgers({ ledgers: [ledger], store })
  if (total.acknowledged !== result.acknowledged) throw new Error('the ledger is not what was acknowledged')
  await store.close()
  add({
    ...row(what, plan.connections, result, memory, after.server - before.server),
    ...(storePid
      ? { 'store µs': perReading(after.store - before.store, result), 'store RSS MB': await peakMemory(storePid) }
      : {}),
    'stored/s': Math.round(storedPerSecond),
    ...{ missing: total.missing, doubled: total.duplicated },
  })
  await rm(folder, { recursive: true })
}

const log = pino({ level: 'warn' })
const duckdb = (folder: string) => openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log })

/** A ceiling: batches of 5,000 ready readings into a store. */
async function rawWrites(what: string, store: TelemetryStore): Promise<void> {
  const values = { intensity: 18, averageVehicleSpeed: 31.5, occupancy: 0.31, averageHeadwayTime: 3.25, motorbikes: 18 }
  const began = performance.now()
  let written = 0
  for (let ts = Date.UTC(2026, 0, 1); performance.now() - began < 10_000; ts += 100) {
    const batch = Array.from(
      { length: 5_000 },
      (_, i): Reading => ({
        ...{
          kind: 'traffic',
          district: 'tay-ninh',
          sensor: `bench-${i % 50}`,
          ts: ts + Math.floor(i / 50),
          seq: i,
          values,
        },
      }),
    )
    await store.write(batch)
    written += batch.length
  }
  const perSecond = Math.round(written / ((performance.now() - began) / 1_000))
  console.error(`${what}: ${perSecond} readings/s`)
  await store.close()
  ceilings[what] = perSecond
}
const ceilings: Record<string, number> = {}

const wanted = (name: string) => only === undefined || only.split(',').includes(name)
const someConnections = process.env.BENCH_CONNECTIONS?.split(',').map(Number)
const asked = ({ connections }: { connections: number }) => someConnections?.includes(connections) ?? true

/** Windows that are never empty, which costs sensors and broker the least: many readings come in one chunk. */
const busy: Plan[] = [50, 500, 2_000]
  .map((connections) => ({ connections, window: Math.min(window, 20_000 / connections) }))
  .filter(asked)
/** A fixed rate, each reading sent on its own when it is due. */
const offered: Plan[] = [
  { connections: 50, window, rate: 55_000 },
  { connections: 500, window: 40, rate: 55_000 },
  { connections: 2_000, window: 10, rate: 30_000 },
].filter(asked)
/** A journal of 64 MiB holds a second or so: nothing is acknowledged faster than it is stored, for as long as it lasts. */
const smallJournal = { JOURNAL_MAX_BYTES: '67108864' }

type Run = (what: string, env: Record<string, string>, plan: Plan) => Promise<void>
const stores: Record<string, Run> = {
  duckdb: (what, env, plan) => pipeline(`DuckDB, ${what}`, env, plan, duckdb),
  async influxdb(what, env, plan) {
    const influxd = await startInfluxd()
    const open = () => openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log })
    const place = { STORE: 'influxdb', INFLUX_URL: influxd.url }
    await pipeline(`InfluxDB 1.6.7, ${what}`, { ...env, ...place }, plan, open, influxd.pid)
    await influxd.close()
  },
}
const influx2 = influx2OfEnvironment()
if (influx2)
  stores.influxdb2 = async (what, env, plan) => {
    const { url, org, token } = influx2
    const bucket = newBucketName()
    const open = () => openInfluxdbStore({ ...influx2, bucket, log })
    const place = { STORE: 'influxdb', INFLUX_URL: url, INFLUX_ORG: org, INFLUX_TOKEN: token, INFLUX_BUCKET: bucket }
    await pipeline(`InfluxDB 2.x, ${what}`, { ...env, ...place }, plan, open)
    await removeBucket(influx2, bucket)
  }
else console.error('not measured: InfluxDB 2.x (TEST_INFLUX2_URL is not set: CONTRIBUTING.md)')
for (const [name, run] of Object.entries(stores)) {
  if (wanted(name)) for (const plan of busy) await run('as fast as it is stored', smallJournal, plan)
  if (wanted(`${name}-offered`)) for (const plan of offered) await run(`offered ${plan.rate}/s`, {}, plan)
  // the journal takes up what the store does not
  if (wanted(`${name}-flood`)) for (const plan of busy) await run('as fast as it is acknowledged', {}, plan)
}
if (wanted('lone')) await stores.duckdb?.('offered 5000/s', {}, { connections: 50, window, rate: 5_000 })
if (wanted('ceilings')) {
  for (const { connections } of busy) {
    await ceiling('broker and journal, no consumer', () => startBare('journal'), connections)
    await ceiling('Aedes alone', () => startBare('aedes'), connections)
    await ceiling('mosquitto, nothing durable', startPlainMosquitto, connections)
  }
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  await rawWrites('DuckDB, batches of 5,000', await openDuckdbStore({ path: join(folder, 'raw.duckdb'), log }))
  await rm(folder, { recursive: true })
  const influxd = await startInfluxd()
  await rawWrites('InfluxDB 1.6.7, batches of 5,000', await openInfluxdbStore({ url: influxd.url, bucket: 'raw', log }))
  await influxd.close()
}

console.table(rows)
console.table(ceilings)
for (const found of rows.filter((each) => each['stored/s'] !== undefined)) {
  const others = rows.filter((each) => each['stored/s'] === undefined && each.connections === found.connections)
  const lowest = Math.min(...others.map((each) => each['acknowledged/s']), ...Object.values(ceilings))
  if (Number.isFinite(lowest))
    console.log(
      `${found.what}, ${found.connections} connections: ${((found['stored/s'] ?? 0) / lowest).toFixed(2)} of the lowest ceiling`,
    )
}
