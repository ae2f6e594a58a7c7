// What sensors and screens notice when the store is away for a while, and how fast it catches up afterwards.
// npm run bench:outage            BENCH_MINUTES=10 away, BENCH_RATE=2000 readings/s, BENCH_STORE=influxdb,duckdb
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import { startPlatform } from '../test/support/platform-process.ts'
import { type PhaseRow, type Sample, watch } from './outage/phase.ts'
import { connectScreen } from './outage/screen.ts'
import { startSensors } from './outage/sensors.ts'
import { type BreakableStore, breakableDuckdb, breakableInfluxdb } from './outage/stores.ts'

const minutes = Number(process.env.BENCH_MINUTES ?? 10)
const rate = Number(process.env.BENCH_RATE ?? 2_000)
const stores = (process.env.BENCH_STORE ?? 'influxdb,duckdb').split(',')
/** sensors, each with a connection of its own */
const count = 500
/** s of calm before the outage, and after the store has caught up */
const calmSeconds = 20
const warmSeconds = 10

/** MB */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)
}

/** Runs through one outage and prints what was seen. */
async function outage(store: BreakableStore): Promise<void> {
  const platform = await startPlatform({ SENSORS: '0', ...store.env })
  const screen = await connectScreen(platform.url, platform.adminToken)
  const sample = async (): Promise<Sample> => {
    const headers = { authorization: `Bearer ${platform.adminToken}` }
    const text = await (await fetch(`${platform.url}/metrics`, { headers })).text()
    const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
    const memory: Record<string, number> = { platform: await memoryOf(platform.process.pid ?? 0) }
    for (const [name, pid] of Object.entries(store.pids())) memory[name] = await memoryOf(pid)
    return {
      stored: metric('nhip_ingest_stored_total'),
      journalBytes: metric('nhip_journal_bytes'),
      memory,
    }
  }
  const sensors = await startSensors({ port: platform.mqttPort, password: platform.adminToken, count, rate })
  const parts = { sensors, screen, sample: sample }
  const lasting = (limit: number) => (_sample: Sample, seconds: number) => seconds >= limit
  await watch('warming up', parts, lasting(warmSeconds))
  const rows: PhaseRow[] = [await watch('before', parts, lasting(calmSeconds))]
  await store.breakStore()
  rows.push(await watch('store away', parts, lasting(minutes * 60)))
  await store.restoreStore()
  // caught up: no more is missing in the store than arrives in a second
  const caughtUp = await watch('catching up', parts, ({ stored }) => sensors.acknowledged - stored < rate)
  rows.push(caughtUp, await watch('after', parts, lasting(calmSeconds)))
  await sensors.stop()
  screen.close()
  await platform.stop()
  console.table(rows)
  console.log(`${store.name} for ${minutes} min at ${rate} readings/s from ${count} sensors`)
  console.log(`caught up at ${(caughtUp['stored/s'] / rate).toFixed(1)} times the rate of arrival`)
  await prove(store, sensors)
}

/** Everything acknowledged is stored, once. */
async function prove(store: BreakableStore, sensors: Awaited<ReturnType<typeof startSensors>>): Promise<void> {
  const ledger = join(tmpdir(), `nhip-bench-ledger-${process.pid}.tsv`)
  await sensors.writeLedger(ledger)
  const opened = await store.open()
  const { total } = await checkLedgers({ ledgers: [ledger], store: opened })
  const { acknowledged, stored, missing, duplicated } = total
  console.table({ audit: { acknowledged, stored, missing, duplicated } })
  if (missing + duplicated > 0) process.exitCode = 1
  await opened.close()
  await rm(ledger)
}

for (const open of [breakableInfluxdb, breakableDuckdb]) {
  if (!stores.includes(open === breakableInfluxdb ? 'influxdb' : 'duckdb')) continue
  const store = await open()
  if (!store) {
    console.log('DuckDB is left out: only root may mount the small disk that its outage needs')
    continue
  }
  try {
    await outage(store)
  } finally {
    await store.close()
  }
}
