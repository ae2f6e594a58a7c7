import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { JournalVersionHealth } from '#ingest/health/journal-version-health.ts'
import type { IngestMetrics } from '#ingest/metrics.ts'
import { DamagedBlocks } from '#ingest/store-writer/damaged-blocks.ts'

/** What a writer of blocks needs for those that cannot be read, where a test has none. */
export function forUnreadable(metrics: IngestMetrics) {
  const log = pino({ level: 'silent' })
  return {
    damaged: new DamagedBlocks({ folder: join(tmpdir(), 'nhip-no-damaged-blocks'), metrics, log }),
    versions: new JournalVersionHealth({ report: () => {}, metrics, log }),
  }
}
