// npm run bench:history: a planner's questions over a year, beside the same asked of plain DuckDB and plain InfluxDB
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { loadCity } from '#city/city.ts'
import { placeSensors } from '#simulators/placement.ts'
import { writeSample } from '#start/history-sample.ts'
import { openStore } from '#storage/open-store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { type Influxd, startInfluxd } from '#test/real/influxd.ts'
import { measureLive } from './history/live.ts'
import { type Cost, costOf, cpuOf } from './history/measure.ts'
import { measureNewest } from './history/newest.ts'
import { type Plain, plainDuckdb, plainInfluxdb } from './history/plain.ts'
import { byWard, ofOneDistrict, type QuestionName, questionsTo, topicOf } from './history/questions.ts'

/** sensors with a reading a minute: 10 are 5 million readings over a year, 100 are 53 million, 1,000 are 526 million */
const count = Number(process.env.BENCH_SENSORS ?? 10)
const days = Number(process.env.BENCH_DAYS ?? 365)
/** InfluxDB takes some 50,000 readings a second: a year of 100 sensors is written in 20 minutes */
const stores = (process.env.BENCH_ONLY ?? (count > 20 ? 'duckdb,newest,live' : 'duckdb,influxdb,newest,live')).split(
  ',',
)
const stepMs = 60_000
const seed = 1
const log = pino({ level: 'warn' })
const never = new AbortController().signal

const texts: Record<QuestionName, string> = {
  hourly: 'hourly mean of one sensor',
  wards: 'daily mean per ward',
  weekdays: 'hour × weekday of a district',
  p95: 'p95 per hour of one sensor',
}
const number = (value: number, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits })
const cost = ({ cpuMs, wallMs }: Cost) => `${number(cpuMs, 1).padStart(9)} ${number(wallMs, 1).padStart(9)}`
const line = (name: string, ours: Cost, plain: Cost) =>
  console.log(
    `${name.padEnd(40)} ${cost(ours)} ${cost(plain)} ${number(plain.cpuMs / ours.cpuMs, 1).padStart(8)}×  ${number(ours.rows).padStart(7)}`,
  )
const head = (store: string) =>
  console.log(`\n${store.padEnd(40)}    CPU ms   wall ms  plain CPU      wall     ratio     rows`)

const folder = await mkdtemp(join(tmpdir(), 'nhip-history-'))
const city = await loadCity()
const sensors = placeSensors(city, count, seed)
const to = Math.floor(Date.now() / hourMs) * hourMs
const from = to - days * dayMs
const total = sensors.length * days * (dayMs / stepMs)
const sizeOf = async (path: string) => (await stat(path)).size
const sample = { sensors, from, days, stepMs, seed, signal: never, onProgress: () => {} }

/** Keeps the roll-ups until they are there, and tells what that took. */
async function rollUp(config: Parameters<typeof writeSample>[0], pid?: number) {
  const store = await openStore(config, log)
  let [readings, hours] = [0, 0]
  const { cpuMs, wallMs } = await cpuOf(async () => {
    for (let more = true; more; ) {
      const step = await store.upkeep({ until: to, maxReadings: 100_000 })
      readings += step.readings
      hours += step.hours
      more = step.more
    }
  })
  await store.close()
  const who = pid === undefined ? '' : ', without that of InfluxDB'
  console.log(
    `upkeep: ${number(hours)} sensor-hours of ${number(readings)} readings in ${number(wallMs / 1_000, 1)} s, ${number((cpuMs * 1_000) / total, 2)} µs of CPU a reading${who}`,
  )
}

/** Sorts what there is to sort, and tells what that took and how large the file was meanwhile. */
async function sort(config: Parameters<typeof writeSample>[0], path: string) {
  const before = await sizeOf(path)
  const store = await openStore(config, log)
  let [sorted, longestMs, largest] = [0, 0, before]
  const { cpuMs } = await cpuOf(async () => {
    for (let more = true; more; ) {
      const startedAt = performance.now()
      const step = await store.sortReadings(to - dayMs)
      longestMs = Math.max(longestMs, performance.now() - startedAt)
      largest = Math.max(largest, (await sizeOf(path)) + (await sizeOf(`${path}.wal`).catch(() => 0)))
      sorted += step.readings
      more = step.more
    }
  })
  await store.close()
  const each =
    sorted > 0 ? `, ${number((cpuMs * 1_000) / sorted, 2)} µs of CPU each, longest step ${number(longestMs)} ms` : ''
  console.log(
    `sorting: ${number(sorted)} readings${each}; file ${number(before / 1e6)} MB before, ${number(largest / 1e6)} MB at the most with its log, ${number((await sizeOf(path)) / 1e6)} MB after`,
  )
}

async function compare(config: Parameters<typeof writeSample>[0], plain: Plain, pid?: number) {
  const store = await openStore(config, log)
  const questions = questionsTo(store, { sensors, from, to })
  for (const [name, text] of Object.entries(texts) as [QuestionName, string][])
    line(text, await costOf(questions[name], pid), await costOf(plain.questions[name], pid))
  plain.close()
  await store.close()
}

async function onDuckdb() {
  const config = { STORE: 'duckdb', DATA_DIR: folder, INFLUX_BUCKET: 'bench', LOG_LEVEL: 'warn' } as const
  const path = join(folder, 'nhip.duckdb')
  const { wallMs } = await cpuOf(() => writeSample(config, sample))
  console.log(
    `\nDuckDB: ${number(total)} readings written in ${number(wallMs / 1_000)} s, ${number((await sizeOf(path)) / (total / 1e6) / 1e6, 2)} MB a million`,
  )
  const plain = join(folder, 'plain.duckdb')
  await copyFile(path, plain)
  await rollUp(config)
  console.log(`with roll-ups ${number((await sizeOf(path)) / (total / 1e6) / 1e6, 2)} MB a million`)
  await sort(config, path)
  head('DuckDB')
  await compare(config, await plainDuckdb(plain, { sensors, from, to }))
  await rm(plain)
}

async function onInfluxdb(influxd: Influxd) {
  const config = {
    STORE: 'influxdb',
    INFLUX_URL: influxd.url,
    DATA_DIR: folder,
    INFLUX_BUCKET: 'bench',
    LOG_LEVEL: 'warn',
  } as const
  const { wallMs } = await cpuOf(() => writeSample(config, sample))
  console.log(`\nInfluxDB: ${number(total)} readings written in ${number(wallMs / 1_000)} s`)
  await rollUp(config, influxd.pid)
  head('InfluxDB 1.6')
  await compare(config, plainInfluxdb(influxd.url, 'bench', { sensors, from, to }), influxd.pid)
}

/** What is asked of the platform while it runs: one sensor's year, wards' days, a district's hours. */
function asked() {
  const { kind, value, ids } = topicOf(sensors)
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const [districtOf] = sensors.filter(({ id }) => id === ofOneDistrict(sensors)[0])
  const base = { kind, values: [value], ...span }
  return [
    { ...base, sensors: ids.slice(0, 1), groupBy: 'sensor', functions: ['mean'], window: '1h' },
    {
      ...base,
      wards: [...byWard(sensors).keys()].filter((ward) => ward !== ''),
      groupBy: 'ward',
      functions: ['mean'],
      window: '1d',
    },
    { ...base, districts: [districtOf?.district], groupBy: 'district', functions: ['mean'], window: '1d' },
  ]
}

try {
  console.log(`${number(count)} sensors, ${number(days)} days, a reading a minute: ${number(total)} readings`)
  if (stores.includes('duckdb')) await onDuckdb()
  if (stores.includes('influxdb')) {
    const influxd = await startInfluxd()
    await onInfluxdb(influxd).finally(() => influxd.close())
  }
  if (stores.includes('newest')) {
    head('newest of all 5,000 sensors')
    for (const [name, [ours, plain]] of await measureNewest(folder, placeSensors(city, 5_000, seed)))
      line(name, ours, plain)
  }
  if (stores.includes('live') && stores.includes('duckdb')) {
    const live = await measureLive(folder, count, asked())
    console.log(
      `\nlive feed: p95 ${number(live.quietP95)} ms and ${number(live.quietRate, 1)} readings/s; while 60 questions at once are asked p95 ${number(live.askedP95)} ms (${number(live.askedP95 / live.quietP95, 1)}×) and ${number(live.askedRate, 1)} readings/s, ${number(live.answered)} answered, 60 of them in ${number(live.tookMs)} ms`,
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
