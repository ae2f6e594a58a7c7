import { join } from 'node:path'
import { pino } from 'pino'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { writeSampleDays } from '#start/sample-history.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import { startInfluxd } from '#test/real/influxd.ts'
import { type Cost, costOf } from './measure.ts'
import { plainDuckdb, plainInfluxdb } from './plain.ts'

const log = pino({ level: 'warn' })
const stepMs = 300_000

/** What the newest of all sensors takes, by store, and asked of the engine itself: a day of readings each 5 minutes, after a start. */
export async function measureNewest(
  folder: string,
  sensors: readonly SimulatedSensor[],
): Promise<Map<string, [Cost, Cost]>> {
  const from = Math.floor(Date.now() / stepMs) * stepMs - dayMs
  const asked = { sensors, from, to: from + dayMs }
  const options = {
    sensors,
    from,
    days: 1,
    stepMs,
    seed: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
  }
  const fill = async (open: () => Promise<TelemetryStore>) => {
    const store = await open()
    await writeSampleDays(store, options)
    await store.close()
  }
  const path = join(folder, 'newest.duckdb')
  await fill(() => openDuckdbStore({ path, log }))
  const costs = new Map<string, [Cost, Cost]>()
  const duckdb = await openDuckdbStore({ path, log })
  const ours = await costOf(() => duckdb.latest())
  await duckdb.close()
  const plain = await plainDuckdb(path, asked)
  costs.set('DuckDB', [ours, await costOf(plain.newest)])
  plain.close()
  const influxd = await startInfluxd()
  try {
    const open = () => openInfluxdbStore({ url: influxd.url, bucket: 'bench', log })
    await fill(open)
    const influxdb = await open()
    const cost = await costOf(() => influxdb.latest(), influxd.pid)
    await influxdb.close()
    costs.set('InfluxDB', [cost, await costOf(plainInfluxdb(influxd.url, 'bench', asked).newest, influxd.pid)])
  } finally {
    await influxd.close()
  }
  return costs
}
