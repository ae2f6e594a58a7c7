// How large a replay's answers are and how long they take to make, by speed and number of sensors.
// npm run bench:replay            BENCH_SENSORS=200,5000 BENCH_HOURS=2 by default; each sensor measures every 10 s
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pino } from 'pino'
import { type ReplayQuery, replay } from '#api/replay/replay.ts'
import { loadCity } from '#city/city.ts'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { backfill } from '#simulators/backfill.ts'
import { placeSensors } from '#simulators/placement.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { nextSpan, type Speed, speeds, stepFor } from '../dashboard/src/replay/plan.ts'

const counts = (process.env.BENCH_SENSORS ?? '200,5000').split(',').map(Number)
const hours = Number(process.env.BENCH_HOURS ?? 2)
const tries = 5
const hourMs = 3_600_000

async function fill(store: TelemetryStore, sensors: number, from: number, to: number): Promise<void> {
  const topics = new TopicCache()
  let batch: ReturnType<typeof decodeMessage>['readings'] = []
  const write = async () => {
    await store.write(batch.map(({ reading }) => reading))
    batch = []
  }
  const city = placeSensors(await loadCity(), sensors, 1)
  for await (const records of backfill(city, { from, to, stepMs: 10_000, seed: 1 })) {
    for (const record of records) batch.push(...decodeMessage(record, topics).readings)
    if (batch.length >= 20_000) await write()
  }
  await write()
}

async function measure(store: TelemetryStore, sensors: number, query: ReplayQuery) {
  const times: number[] = []
  let text = ''
  let readings = 0
  for (let i = 0; i < tries; i++) {
    const began = performance.now()
    const answer = await replay({ store, sensors }, query, new AbortController())
    text = JSON.stringify(answer)
    times.push(performance.now() - began)
    readings = answer.readings.reduce((sum, { rows }) => sum + rows.length, 0)
  }
  times.sort((a, b) => a - b)
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2)
  return {
    readings,
    'covers s': Math.round((JSON.parse(text).to - query.from) / 1_000),
    MB: megabytes(text.length),
    'MB gzip': megabytes(gzipSync(text, { level: 1 }).length),
    'ms median': Math.round(times[Math.floor(tries / 2)] ?? 0),
  }
}

const rows: Record<string, unknown>[] = []
for (const sensors of counts) {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  const store = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log: pino({ level: 'silent' }) })
  const to = Math.floor(Date.now() / hourMs) * hourMs
  await fill(store, sensors, to - hours * hourMs, to)
  const from = to - hourMs
  const row = async (what: string, query: ReplayQuery, speed?: Speed) => {
    const found = await measure(store, sensors, query)
    const playing = speed === undefined ? {} : { 'plays s': found['covers s'] / speed }
    rows.push({ sensors, what, ...found, ...playing })
    console.error(JSON.stringify(rows.at(-1)))
  }
  await row('seek: state and 5 s', { from, to: from + 5_000, state: true })
  for (const speed of speeds) {
    const span = nextSpan(from, to, speed, stepFor(speed, sensors))
    if (span) await row(`${speed}×, step ${(span.step ?? 0) / 1_000} s`, { ...span, state: false }, speed)
  }
  await store.close()
  await rm(folder, { recursive: true })
}
console.table(rows)
