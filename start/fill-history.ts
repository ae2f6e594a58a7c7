import cliProgress from 'cli-progress'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { backfill } from '#simulators/backfill.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { Backfill } from '#telemetry/replay.ts'
import type { PeriodEvent } from '#telemetry/reporting-period.ts'

const stepMs = 300_000
const batchSize = 20_000
/** ms within which a store that keeps readings for a while only would refuse the oldest before they are all written */
const marginMs = hourMs

/** Whether there is no reading at all. Where some are of the last day that is told at once, however much else there is. */
async function isEmpty(store: TelemetryStore, now: number): Promise<boolean> {
  for (const kind of kinds)
    if ((await store.counts({ kind, from: now - dayMs, to: now, window: dayMs })).length > 0) return false
  return (await store.latest()).length === 0
}

/** Gives an empty store a history of the simulated city, one reading each 5 minutes, through the same validation and store as live readings. Shows progress on a terminal. */
export async function fillHistory(
  store: TelemetryStore,
  sensors: readonly SimulatedSensor[],
  options: { days: number; seed: number; now: number; signal: AbortSignal },
): Promise<number> {
  if (options.days === 0 || sensors.length === 0 || !(await isEmpty(store, options.now))) return 0
  const to = Math.floor(options.now / stepMs) * stepMs
  const keptFrom = Math.ceil((options.now - store.keptMs() + marginMs) / stepMs) * stepMs
  const from = Math.max(to - options.days * dayMs, keptFrom)
  if (from >= to) return 0
  const total = ((to - from) / stepMs) * sensors.length
  const bar = new cliProgress.SingleBar(
    {
      format: 'History of {days} days [{bar}] {percentage} % · {value}/{total} readings',
      stream: process.stderr,
      noTTYOutput: false,
    },
    cliProgress.Presets.shades_classic,
  )
  if (process.stderr.isTTY) bar.start(total, 0, { days: options.days })
  // a replay and roll-ups know by this that the sensors of then spoke more seldom: before there is anything to roll up
  const event: Backfill = { from, to, step: stepMs }
  await store.appendEvents([
    { stream: 'backfill', id: `${from}-${to}`, ts: to, body: event },
    ...sensors.map((sensor) => periodFrom(sensor, from)),
  ])
  const topics = new TopicCache()
  let written = 0
  let batch: ReturnType<typeof decodeMessage>['readings'] = []
  const write = async () => {
    await store.write(batch.map((item) => item.reading))
    written += batch.length
    batch = []
    bar.update(written)
  }
  for await (const records of backfill(sensors, { from, to, stepMs, seed: options.seed })) {
    if (options.signal.aborted) break
    for (const record of records) batch.push(...decodeMessage(record, topics).readings)
    if (batch.length >= batchSize) await write()
  }
  await write()
  bar.stop()
  return written
}

/** What its readings were of all the while: however seldom it spoke, as many seconds as it says now. */
function periodFrom({ id, meta }: SimulatedSensor, from: number): StoredEvent {
  const body: PeriodEvent = { sensor: id, seconds: meta.period }
  return { stream: 'period', id: `${id}@${from}`, ts: from, body }
}
