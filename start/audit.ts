// npm run audit -- --ledger FILE [--ledger FILE …]

import { access } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { storageConfig } from '#storage/config.ts'
import { checkLedgers, type LedgerCheckProgress, type LedgerReport } from '#storage/ledger-check/ledger-check.ts'
import { duckdbPath, openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { dayMs } from '#telemetry/durations.ts'
import { ConfigError, InUseError, PlatformError } from '#telemetry/errors.ts'
import { platformConfig } from './config.ts'
import { createLog } from './log.ts'
import { WaitingReadings } from './waiting-readings.ts'

const usage =
  'npm run audit -- --ledger FILE [--ledger FILE …]: compares what sensors say was acknowledged with the store and the journal'

const steps = {
  ledger: 'reading the ledger',
  journal: 'reading the journal',
  store: 'reading the store',
} as const satisfies Record<LedgerCheckProgress['step'], string>

async function ledgersAsked(): Promise<string[]> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ledger: { type: 'string', multiple: true } },
  })
  const ledgers = values.ledger ?? []
  const [, ...more] = positionals // the first is the name of this command
  if (more.length > 0) throw new ConfigError(`"${more[0]}" is not asked for: each file takes a --ledger. ${usage}`)
  if (ledgers.length === 0) throw new ConfigError(usage)
  for (const path of ledgers)
    await access(path).catch((error: Error) => {
      throw new ConfigError(`--ledger "${path}" cannot be read (${error.message})`)
    })
  return ledgers
}

/** Shows progress on a terminal. */
function progressBar() {
  const options = { format: 'Audit, {step} [{bar}] {percentage} %', stream: process.stderr, clearOnComplete: true }
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic)
  return {
    show({ step, done, total }: LedgerCheckProgress) {
      if (!process.stderr.isTTY) return
      if (!bar.isActive) bar.start(total, done, { step: steps[step] })
      bar.setTotal(total)
      bar.update(done, { step: steps[step] })
    },
    stop: () => bar.stop(),
  }
}

const readings = (count: number) => (count === 1 ? '1 reading' : `${count} readings`)

/** Time from which on readings are kept, epoch ms. */
const keptFrom = (days: number) => (days === 0 ? 0 : Date.now() - days * dayMs)

function print(report: LedgerReport, { note, unknown }: WaitingReadings, days: number): void {
  const { rows, total, missing, unreadable, unlisted } = report
  console.table(Object.fromEntries([...rows.map(({ kind, ...row }) => [kind, row]), ['total', total]]))
  for (const { kind, sensor, ts } of missing) console.log(`missing: ${kind} ${sensor} ${new Date(ts).toISOString()}`)
  if (missing.length < total.missing) console.log(`… and ${total.missing - missing.length} more are missing`)
  if (unreadable > 0) console.log(`${unreadable} lines of the ledger could not be read`)
  if (total.refused > 0)
    console.log(
      `${readings(total.refused)} refused after the acknowledgement, and in quarantine with the reason: npm run quarantine -- list`,
    )
  if (total.notKept > 0)
    console.log(
      `${readings(total.notKept)} refused, not kept: more than the quarantine takes in a minute; not counted as missing`,
    )
  if (unlisted > 0 && total.missing > 0)
    console.log(
      `${unlisted === 1 ? '1 message' : `${unlisted} messages`} refused, not kept, whose times are not known: their readings are among the missing`,
    )
  if (total.expired > 0)
    console.log(
      `${readings(total.expired)} measured longer ago than RETENTION_DAYS=${days} and not in the store any more: not counted as missing`,
    )
  if (total.waiting > 0)
    console.log(
      `${readings(total.waiting)} not stored yet, safe in the journal: start the platform, or let it catch up, then audit again`,
    )
  if (total.missing > 0 && unknown)
    throw new InUseError(
      `${readings(total.missing)} not in the store may wait in the journal, which the running platform has for itself: let it catch up, or stop it, then audit again`,
    )
  if (total.missing > 0 && note) console.log(note)
  console.log(
    total.missing + total.duplicated === 0 ? 'nothing is missing, nothing is doubled' : 'THE STORE IS NOT COMPLETE',
  )
}

/** 0 when nothing is missing or doubled (what waits in the journal is not missing), 1 otherwise. */
async function main(): Promise<number> {
  const ledgers = await ledgersAsked()
  const config = parseConfig(platformConfig.extend(storageConfig.shape), process.env)
  if (config.STORE === 'duckdb')
    await access(duckdbPath(config.DATA_DIR)).catch(() => {
      throw new ConfigError(`DATA_DIR is "${config.DATA_DIR}": there is no store in it`)
    })
  const log = await createLog(config)
  const store = await openStore(config, log)
  const bar = progressBar()
  try {
    const waiting = new WaitingReadings(config, log)
    const days = config.RETENTION_DAYS
    const report = await checkLedgers({
      ...{ ledgers, store, waiting: waiting.pages(), keptFrom: keptFrom(days) },
      onProgress: bar.show,
    })
    bar.stop()
    if (report.total.sent === 0) throw new ConfigError('the ledger is empty: no sensor sent anything')
    print(report, waiting, days)
    const { missing, duplicated } = report.total
    return missing + duplicated === 0 ? 0 : 1
  } finally {
    bar.stop()
    await store.close()
  }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code))
try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof PlatformError || error instanceof TypeError ? `nhip: ${error.message}` : error)
  process.exit(2)
}
