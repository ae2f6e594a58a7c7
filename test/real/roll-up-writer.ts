// A process that writes late and corrected readings into a store and does the upkeep of its roll-ups (in InfluxDB when it has the lease), for as
// long as it lives. It prints a line for each batch that is stored and each step that is done. Arguments: the path of a DuckDB
// file or the URL of InfluxDB, epoch ms of the first hour, hours, a number that decides what it writes, "write", "upkeep" or "both".
import { UpkeepLease } from '#history/upkeep-lease.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { silent } from '../journal/journal-parts.ts'
import { randomNumbers, randomReadings } from '../storage/roll-up-check.ts'

const [place = '', from = '', hours = '', seed = '', does = 'both'] = process.argv.slice(2)
const store = place.startsWith('http')
  ? await openInfluxdbStore({ url: place, bucket: 'nhip', log: silent, rollUps: { settleMs: 3_000 } })
  : await openDuckdbStore({ path: place, log: silent })
const span = { from: Number(from), hours: Number(hours) }
const random = randomNumbers(Number(seed))

/** Does it again and again, and prints what it says; a store that is away is asked again. */
async function forEver(task: () => Promise<string>): Promise<void> {
  for (;;) {
    try {
      process.stdout.write(`${await task()}\n`)
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function write(): Promise<string> {
  await store.write(randomReadings(random, span, 20))
  return 'stored'
}

const times = { renewMs: 200, holdMs: 700, takeOverMs: 1_500 }
const lease = place.startsWith('http') ? new UpkeepLease({ store, times }) : undefined
async function upkeep(): Promise<string> {
  if (lease && !(await lease.acquire())) return 'standby'
  await store.upkeep({ until: span.from + span.hours * 3_600_000, maxReadings: 200 })
  return 'step'
}

await Promise.all([does !== 'upkeep' && forEver(write), does !== 'write' && forEver(upkeep)])
