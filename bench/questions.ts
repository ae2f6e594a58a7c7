// npm run bench:questions: what 60 questions at once of every kind do to the live feed and to memory, with a full store
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { z } from 'zod'
import { loadCity } from '#city/city.ts'
import { placeSensors } from '#simulators/placement.ts'
import { filledValue, fillStore } from '#test/support/full-store.ts'
import { startPlatform } from '#test/support/platform-process.ts'

const atOnce = 60
const quietMs = 30_000
const seed = 1

const pathsSchema = z.object({
  paths: z.record(z.string(), z.object({ get: z.unknown().optional() })),
})
const batchSchema = z
  .object({ readings: z.array(z.object({ arrivedAt: z.number() })) })
  .or(z.array(z.object({ arrivedAt: z.number() })))

/** ms from the arrival of readings to this client, of each batch its oldest */
let ages: number[] = []
function p95(of = ages): number {
  const sorted = of.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
}
const rssOf = (pid: number | undefined) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000

const folder = await mkdtemp(join(tmpdir(), 'nhip-questions-'))
try {
  const sensors = placeSensors(await loadCity(), 100, seed)
  await fillStore(folder, sensors, { days: 365, stepMs: 300_000, alertEvents: 200_000, refusals: 10_000 })
  const began = performance.now()
  const platform = await startPlatform({ DATA_DIR: folder, SENSORS: '100', SEED: String(seed), LOG_LEVEL: 'warn' })
  console.log(
    `started with a full store in ${Math.round(performance.now() - began)} ms (the first time, with an upgrade)`,
  )
  const headers = { authorization: `Bearer ${platform.adminToken}` }
  const { pid } = platform.process
  const live = io(`${platform.url}/live`, { auth: { token: platform.adminToken }, transports: ['websocket'] })
  live.on('connect', () => live.emit('subscribe', {}))
  live.on('readings', (sent: unknown) => {
    const { data } = batchSchema.safeParse(sent)
    const batch = Array.isArray(data) ? data : (data?.readings ?? [])
    ages.push(...batch.map(({ arrivedAt }) => Date.now() - arrivedAt))
  })
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await wait(quietMs)
  ages = []
  await wait(quietMs)
  const quiet = { p95: p95(), rss: rssOf(pid) }
  console.log(`quiet: live p95 ${quiet.p95} ms of ${ages.length} readings, RSS ${Math.round(quiet.rss)} MB`)
  const { paths } = pathsSchema.parse(await (await fetch(`${platform.url}/api/openapi.json`, { headers })).json())
  const now = Date.now()
  const sensor = sensors[0]?.id ?? ''
  const value = sensors[0] && filledValue(sensors[0].kind)
  const queries: Record<string, string> = {
    '/api/v1/sensors/{id}/history': `?value=${value}&from=${now - 365 * 86_400_000}&window=1h`,
    '/api/v1/history/query': `?kind=${sensors[0]?.kind}&values=${value}&groupBy=ward&window=1d&from=${now - 365 * 86_400_000}`,
    '/api/v1/figures/traffic': `?groupBy=road&window=1d&from=${now - 30 * 86_400_000}`,
    '/api/v1/figures/lighting': `?groupBy=ward&window=night&edges=hours&from=${now - 30 * 86_400_000}`,
    '/api/v1/figures/quality': `?window=1d&from=${now - 30 * 86_400_000}`,
    '/api/v1/figures/air-quality': `?groupBy=district&from=${now - 365 * 86_400_000}&to=${now}`,
    '/api/v1/figures/water-level': `?groupBy=district&from=${now - 365 * 86_400_000}&to=${now}`,
    '/api/v1/replay': `?from=${now - 1_800_000}&to=${now}`,
    '/api/v1/alerts': `?from=2000-01-02T00:00:00Z&limit=1`,
    '/api/v1/quarantine': '?limit=1000',
    '/api/v1/corrections': '?limit=500',
    '/api/v1/shift-log': '?limit=500',
    '/api/v1/trail': '?limit=1000',
  }
  let rss = quiet.rss
  const asked: number[] = []
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined) continue
    const id = path.startsWith('/api/v1/sensors/') ? sensor : 'nobodyknows'
    const address = platform.url + path.replaceAll(/\{\w+\}/g, id) + (queries[path] ?? '')
    ages = []
    const from = performance.now()
    let highest = 0
    const watching = setInterval(() => {
      highest = Math.max(highest, rssOf(pid))
    }, 50)
    const statuses = new Map<number, number>()
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const answer = await fetch(address, { headers })
        await answer.arrayBuffer()
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      }),
    )
    const tookMs = Math.round(performance.now() - from)
    await wait(Math.max(0, 2_000 - tookMs))
    clearInterval(watching)
    asked.push(...ages)
    rss = Math.max(rss, highest)
    const told = [...statuses].map(([status, n]) => `${n}×${status}`).join(' ')
    console.log(
      `${path.padEnd(42)} ${String(tookMs).padStart(6)} ms  live p95 ${p95()} ms  RSS ${Math.round(highest)} MB  ${told}`,
    )
  }
  const times = (p95(asked) / quiet.p95).toFixed(1)
  console.log(
    `with ${atOnce} at once: live p95 ${p95(asked)} ms (${times}×) of ${asked.length} readings, RSS +${Math.round(rss - quiet.rss)} MB`,
  )
  live.close()
  void Promise.allSettled(
    Array.from({ length: atOnce }, () => fetch(`${platform.url}/api/v1/sensors/${sensor}/quality`, { headers })),
  )
  await wait(200)
  const stopped = performance.now()
  await platform.stop('SIGTERM')
  console.log(`stopped under ${atOnce} questions in ${Math.round(performance.now() - stopped)} ms`)
  const again = performance.now()
  const second = await startPlatform({ DATA_DIR: folder, SENSORS: '100', SEED: String(seed), LOG_LEVEL: 'warn' })
  console.log(`started with a full store in ${Math.round(performance.now() - again)} ms`)
  await second.stop('SIGTERM')
} finally {
  await rm(folder, { recursive: true })
}
