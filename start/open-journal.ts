import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Journal, storeConsumer } from '#journal/journal.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { PlatformConfig } from './config.ts'

/** The folder of the journal on this machine. */
export function journalPath(dataDir: string): string {
  return join(dataDir, 'journal')
}

/** The folder for blocks of the journal that nobody can read. */
export function damagedPath(dataDir: string): string {
  return join(dataDir, 'damaged-blocks')
}

/** Opens the journal that the settings ask for; the other engine's library is not even loaded. */
export async function openJournal(config: PlatformConfig, log: Logger): Promise<Journal> {
  const common = { consumers: [storeConsumer], maxBytes: config.JOURNAL_MAX_BYTES, log }
  if (config.JOURNAL === 'local') {
    const { openLocalJournal } = await import('#journal/local/local-journal.ts')
    return openLocalJournal({ ...common, path: journalPath(config.DATA_DIR) })
  }
  if (!config.NATS_URL)
    throw new ConfigError('NATS_URL is missing: JOURNAL=nats needs it (for example nats://127.0.0.1:4222)')
  const { openNatsJournal } = await import('#journal/nats/nats-journal.ts')
  return openNatsJournal({ ...common, url: config.NATS_URL })
}
