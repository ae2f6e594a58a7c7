import { access } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { type RebuildProgress, rebuildRollUps } from '#history/rebuild.ts'
import { settledHours } from '#history/roll-ups-due.ts'
import { UpkeepLease } from '#history/upkeep-lease.ts'
import { storageConfig } from '#storage/config.ts'
import { duckdbPath, openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { ConfigError, InUseError } from '#telemetry/errors.ts'
import { platformConfig } from './config.ts'
import { type HistoryCommand, interruptedCode } from './history-command.ts'
import { createLog } from './log.ts'

/** ms between two lines of progress where there is no terminal */
const lineEveryMs = 10_000

const numberText = (value: number) => Math.round(value).toLocaleString('en-US')
const timeText = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

/** Readings per second of what was done since a moment. */
function speedOf(readings: number, startedAt: number): string {
  return numberText(readings / Math.max((performance.now() - startedAt) / 1_000, 0.001))
}

/** Shows how far a rebuild is: a bar on a terminal, a line now and then elsewhere. */
function progressView(startedAt: number) {
  const format = 'Roll-ups [{bar}] {percentage} % · {done} of {all} readings, {speed}/s{elsewhere}'
  const bar = new cliProgress.SingleBar({ format, stream: process.stderr }, cliProgress.Presets.shades_classic)
  let lineAt = Number.NEGATIVE_INFINITY
  return {
    show({ total, done, readings, isElsewhere }: RebuildProgress) {
      const shown = {
        ...{ done: numberText(done), all: numberText(total), speed: speedOf(readings, startedAt) },
        elsewhere: isElsewhere ? ' · by another process, at its pace' : '',
      }
      if (process.stderr.isTTY) {
        if (!bar.isActive) bar.start(total, done, shown)
        bar.update(done, shown)
      } else if (performance.now() - lineAt > lineEveryMs) {
        lineAt = performance.now()
        console.error(`rolled up ${shown.done} of ${shown.all} readings, ${shown.speed}/s${shown.elsewhere}`)
      }
    },
    stop: () => bar.stop(),
  }
}

async function openHistory() {
  const config = parseConfig(platformConfig.extend(storageConfig.shape), process.env)
  if (config.STORE === 'duckdb')
    await access(duckdbPath(config.DATA_DIR)).catch(() => {
      throw new ConfigError(`DATA_DIR is "${config.DATA_DIR}": there is no store in it`)
    })
  const store = await openStore(config, await createLog(config)).catch((error) => {
    if (!(error instanceof InUseError)) throw error
    throw new InUseError(`${error.message}. A running platform has the file for itself: stop it first`, error)
  })
  return { store, isShared: config.STORE === 'influxdb' }
}

async function rebuild(args: readonly string[], signal: AbortSignal): Promise<number> {
  parseArgs({ args: [...args], options: {} }) // takes none, and says so
  const { store, isShared } = await openHistory()
  const startedAt = performance.now()
  const view = progressView(startedAt)
  try {
    const now = Date.now()
    const { outcome, resumedFrom, frozenTo, hours, readings } = await rebuildRollUps({
      ...{ store, now, until: settledHours(now), signal, onProgress: view.show },
      ...(isShared && { lease: new UpkeepLease({ store }) }),
    })
    view.stop()
    if (resumedFrom !== undefined)
      console.log(`went on with the rebuild that was begun at ${timeText(resumedFrom)} UTC`)
    if (frozenTo > 0) console.log(`roll-ups before ${timeText(frozenTo)} UTC stay as they are: their readings are gone`)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    const speed = speedOf(readings, startedAt)
    console.log(
      `${numberText(readings)} readings into ${numberText(hours)} sensor-hours in ${seconds} s (${speed} readings/s)`,
    )
    if (outcome === 'empty') console.log('there are no readings to roll up')
    if (outcome !== 'interrupted') return 0
    console.log(
      'interrupted: what is rolled up stays, and answers are right; the same command goes on, and so does a platform that is started',
    )
    return interruptedCode
  } finally {
    view.stop()
    await store.close()
  }
}

/** Makes all roll-ups anew. */
export const rebuildCommand: HistoryCommand = {
  summary: 'makes all roll-ups anew from readings, as far back as there are readings',
  usage: ['goes on where it was interrupted; with DuckDB the platform must not run, with InfluxDB it may'],
  run: rebuild,
}
