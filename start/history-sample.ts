import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { z } from 'zod'
import { loadCity } from '#city/city.ts'
import { rebuildRollUps } from '#history/rebuild.ts'
import { settledHours } from '#history/roll-ups-due.ts'
import { placeSensors } from '#simulators/placement.ts'
import { storageConfig } from '#storage/config.ts'
import { duckdbPath, openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { dayMs } from '#telemetry/durations.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { platformConfig } from './config.ts'
import { type HistoryCommand, interruptedCode } from './history-command.ts'
import { createLog } from './log.ts'
import { eventsOf, requireEmpty, type SampleOptions, writeSampleDays } from './sample-history.ts'

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const flagsSchema = z.object({
  sensors: whole(1, 100_000).default(100),
  days: whole(1, 3_650).default(365),
  /** s */
  step: whole(1, 3_600).default(60),
  seed: whole(0, 2 ** 31).default(1),
})

function flagsIn(args: readonly string[]) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...args], options: { sensors: text, days: text, step: text, seed: text } })
  const { data, error } = flagsSchema.safeParse(values)
  if (!data) throw new ConfigError(`history sample: ${z.prettifyError(error)}`)
  return data
}

const numberText = (value: number) => Math.round(value).toLocaleString('en-US')

/** Shows how much is written. */
function progressView(total: number) {
  const format = 'Readings [{bar}] {percentage} % · {value}/{total}'
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr }, cliProgress.Presets.shades_classic)
  if (process.stderr.isTTY) bar.start(total, 0)
  return { show: (readings: number) => bar.update(readings), stop: () => bar.stop() }
}

type Config = z.infer<typeof platformConfig> & z.infer<typeof storageConfig>
/** Where a sample is made. */
export type SampleConfig = Parameters<typeof openStore>[0] & Parameters<typeof createLog>[0]

/** Writes the sample; of DuckDB one day through the store, and the others as its copies. */
export async function writeSample(config: SampleConfig, options: SampleOptions): Promise<void> {
  const log = await createLog(config)
  const store = await openStore(config, log)
  try {
    await requireEmpty(store)
    await writeSampleDays(store, config.STORE === 'duckdb' ? { ...options, days: 1 } : options)
    if (config.STORE === 'duckdb') await store.appendEvents(eventsOf(options))
  } finally {
    await store.close()
  }
  if (config.STORE !== 'duckdb') return
  const { repeatDay } = await import('#storage/duckdb/repeat-day.ts')
  const { from, days, signal, onProgress } = options
  await repeatDay(duckdbPath(config.DATA_DIR), { from, days, signal, onDay: onProgress })
}

/** Rolls up what was written. */
async function rollUp(config: Config, signal: AbortSignal): Promise<boolean> {
  const store = await openStore(config, await createLog(config))
  try {
    const startedAt = performance.now()
    const now = Date.now()
    const { outcome, hours } = await rebuildRollUps({ store, now, until: settledHours(now), signal })
    const seconds = (performance.now() - startedAt) / 1_000
    console.log(`rolled up into ${numberText(hours)} sensor-hours in ${seconds.toFixed(1)} s`)
    return outcome !== 'interrupted'
  } finally {
    await store.close()
  }
}

async function sample(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { sensors: count, days, step, seed } = flagsIn(args)
  const config = parseConfig(platformConfig.extend(storageConfig.shape), process.env)
  await mkdir(config.DATA_DIR, { recursive: true })
  const sensors = placeSensors(await loadCity(config.CITY_DIR), count, seed)
  const stepMs = step * 1_000
  const from = Math.floor(Date.now() / stepMs) * stepMs - days * dayMs
  const view = progressView(Math.floor((days * dayMs) / stepMs) * sensors.length)
  const startedAt = performance.now()
  let readings = 0
  const onProgress = (written: number) => {
    readings = written
    view.show(written)
  }
  try {
    await writeSample(config, { sensors, from, days, stepMs, seed, signal, onProgress })
  } finally {
    view.stop()
  }
  const seconds = (performance.now() - startedAt) / 1_000
  console.log(
    `${numberText(readings)} readings of ${count} sensors in ${seconds.toFixed(1)} s (${numberText(readings / seconds)} readings/s)`,
  )
  if (!signal.aborted && (await rollUp(config, signal))) return 0
  console.log('interrupted: what is written stays; to begin again, choose another DATA_DIR or INFLUX_BUCKET')
  return interruptedCode
}

/** Fills an empty store with a history to try questions on. */
export const sampleCommand: HistoryCommand = {
  summary: 'fills an empty store with days of a simulated city, to try questions on, and rolls them up',
  usage: ['--sensors 100  --days 365  --step 60 (s between two readings)  --seed 1'],
  run: sample,
}
