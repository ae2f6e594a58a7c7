// npm run audit -- --ledger FILE [--ledger FILE …]
import { access } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { audit } from '#storage/audit/audit.ts'
import { storageConfig } from '#storage/config.ts'
import { duckdbPath, openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { ConfigError, PlatformError } from '#telemetry/errors.ts'
import { platformConfig } from './config.ts'
import { openLog } from './log.ts'

const usage =
  'npm run audit -- --ledger FILE [--ledger FILE …]: compares what sensors say was acknowledged with the store'

async function ledgersAsked(): Promise<string[]> {
  const { values } = parseArgs({ allowPositionals: true, options: { ledger: { type: 'string', multiple: true } } })
  const ledgers = values.ledger ?? []
  if (ledgers.length === 0) throw new ConfigError(usage)
  for (const path of ledgers)
    await access(path).catch((error: Error) => {
      throw new ConfigError(`--ledger "${path}" cannot be read (${error.message})`)
    })
  return ledgers
}

/** 0 when nothing is missing or doubled, 1 otherwise. */
async function main(): Promise<number> {
  const ledgers = await ledgersAsked()
  const config = parseConfig(platformConfig.extend(storageConfig.shape), process.env)
  if (config.STORE === 'duckdb')
    await access(duckdbPath(config.DATA_DIR)).catch(() => {
      throw new ConfigError(`DATA_DIR is "${config.DATA_DIR}": there is no store in it`)
    })
  const store = await openStore(config, openLog(config))
  const bar = new cliProgress.SingleBar({ format: 'Audit: {value} readings', stream: process.stderr })
  if (process.stderr.isTTY) bar.start(0, 0)
  try {
    const report = await audit({ ledgers, store, onProgress: (readings) => bar.update(readings) })
    bar.stop()
    console.table(Object.fromEntries([...report.rows.map(({ kind, ...row }) => [kind, row]), ['total', report.total]]))
    for (const { kind, sensor, ts } of report.missing)
      console.log(`missing: ${kind} ${sensor} ${new Date(ts).toISOString()}`)
    if (report.unreadable > 0) console.log(`${report.unreadable} lines of the ledger could not be read`)
    const { missing, duplicated } = report.total
    console.log(missing + duplicated === 0 ? 'nothing is missing, nothing is doubled' : 'THE STORE IS NOT COMPLETE')
    return missing + duplicated === 0 ? 0 : 1
  } finally {
    bar.stop()
    await store.close()
  }
}

try {
  process.exit(await main())
} catch (error) {
  console.error(error instanceof PlatformError || error instanceof TypeError ? `nhip: ${error.message}` : error)
  process.exit(2)
}
