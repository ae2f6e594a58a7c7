// What the platform costs when little happens, and what one reading costs that comes on its own.
// npm run bench:rest
//   BENCH_SECONDS=60        time of each measurement
//   BENCH_ONLY=rest,lone    some of rest, lone, mosquitto
//   BENCH_PROFILE=folder    CPU profiles of the platform's threads, written there
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPlatform } from '../test/support/platform-process.ts'
import type { LoadResult } from './load/load.ts'
import { startLoad } from './load/load-process.ts'
import { cpuSeconds, residentMemory, startPlainMosquitto } from './load/servers.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 60)
const only = process.env.BENCH_ONLY?.split(',')
const wanted = (name: string) => only?.includes(name) ?? true
const profile = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []
/** readings/s that come one by one, and over how many connections */
const lone = { rate: 5_000, connections: 500, window: 100 }
/** s until what the start left to do is done */
const settleSeconds = 60

const pause = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1_000))
const round = (value: number, digits = 1) => Number(value.toFixed(digits))

/** CPU time of each thread so far, s, by its name; what has the same name counts together. */
async function cpuOfThreads(pid: number): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => undefined)
    if (stat === undefined) continue // it has ended
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const name =
      Number(thread) === pid ? 'main' : `${stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))} ${thread}`
    found.set(name, (found.get(name) ?? 0) + (Number(fields[11]) + Number(fields[12])) / 100)
  }
  return found
}

/** The threads that took most between two measurements, with what one unit of it (a second, a reading) took. */
function threadsBetween(before: Map<string, number>, after: Map<string, number>, perUnit: (s: number) => number) {
  const taken = [...after].map(([name, s]) => [name, perUnit(s - (before.get(name) ?? 0))] as const)
  return Object.fromEntries(taken.filter(([, value]) => value >= 0.1).sort((a, b) => b[1] - a[1]))
}

async function withPlatform<T>(
  env: Record<string, string>,
  measure: (platform: Awaited<ReturnType<typeof startPlatform>>, pid: number) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const platform = await startPlatform({ DATA_DIR: folder, ...env }, profile)
  try {
    return await measure(platform, platform.process.pid ?? 0)
  } finally {
    await platform.stop()
    await rm(folder, { recursive: true })
  }
}

/** 200 simulated sensors and nobody who looks. */
async function atRest(): Promise<void> {
  await withPlatform({ SENSORS: '200' }, async (_platform, pid) => {
    await pause(settleSeconds)
    const [before, threads] = [await cpuSeconds(pid), await cpuOfThreads(pid)]
    await pause(seconds)
    const cpu = (await cpuSeconds(pid)) - before
    const ofCore = (s: number) => round((s / seconds) * 100)
    console.log(`at rest, 200 sensors: ${ofCore(cpu)} % of a core, ${await residentMemory(pid)} MB`)
    console.log('  by thread, %:', threadsBetween(threads, await cpuOfThreads(pid), ofCore))
  })
}

const perReading = (s: number, load: LoadResult) => round((s * 1_000_000) / load.acknowledged)

/** µs of CPU for each reading of those that come one by one. */
async function oneByOne(): Promise<number> {
  return withPlatform({ SENSORS: '0' }, async (platform, pid) => {
    const access = { port: platform.mqttPort, username: 'admin', password: platform.adminToken }
    const load = await startLoad({ ...access, ...lone, seconds })
    const [before, threads] = [await cpuSeconds(pid), await cpuOfThreads(pid)]
    const result = await load.run()
    const cpu = perReading((await cpuSeconds(pid)) - before, result)
    const after = await cpuOfThreads(pid)
    await load.end()
    console.log(
      `one by one, ${round(result.perSecond, 0)} readings/s: ${cpu} µs each, PUBACK p50 ${result.p50} ms, p99 ${result.p99} ms, ${await residentMemory(pid)} MB`,
    )
    console.log(
      '  by thread, µs:',
      threadsBetween(threads, after, (s) => perReading(s, result)),
    )
    return cpu
  })
}

/** The same load on mosquitto, which keeps nothing. */
async function oneByOneOnMosquitto(): Promise<number> {
  const server = await startPlainMosquitto()
  const load = await startLoad({ ...server, ...lone, seconds: Math.min(seconds, 20) })
  const before = await cpuSeconds(server.pid)
  const result = await load.run()
  const cpu = perReading((await cpuSeconds(server.pid)) - before, result)
  await load.end()
  await server.stop()
  console.log(`mosquitto, ${round(result.perSecond, 0)} readings/s: ${cpu} µs each, PUBACK p99 ${result.p99} ms`)
  return cpu
}

if (wanted('rest')) await atRest()
const own = wanted('lone') ? await oneByOne() : undefined
const mosquitto = wanted('mosquitto') ? await oneByOneOnMosquitto() : undefined
if (own && mosquitto)
  console.log(`a reading that comes alone costs ${round(own / mosquitto)} times what it costs mosquitto`)
