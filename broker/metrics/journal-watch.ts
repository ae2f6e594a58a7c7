import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { Journal } from '#journal/journal.ts'

/** share of the journal's bound from which on it warns */
const warnFrom = 0.8
/** ms between two checks */
const everyMs = 5_000

/** Shows how full and how old the journal is, and warns loudly from 80 % on. */
export function watchJournal(
  journal: Pick<Journal, 'stats' | 'recent'>,
  registry: Registry,
  log: Logger,
): { close(): void } {
  const registers = [registry]
  const gauges = {
    bytes: new Gauge({ name: 'nhip_journal_bytes', help: 'bytes that wait in the journal', registers }),
    maxBytes: new Gauge({ name: 'nhip_journal_max_bytes', help: 'bytes the journal may hold', registers }),
    blocks: new Gauge({ name: 'nhip_journal_blocks', help: 'blocks that wait in the journal', registers }),
    age: new Gauge({ name: 'nhip_journal_oldest_seconds', help: 'age of the oldest reading that waits', registers }),
    recent: new Gauge({ name: 'nhip_journal_recent_bytes', help: 'newest blocks that lie in memory, too', registers }),
    maxRecent: new Gauge({ name: 'nhip_journal_recent_max_bytes', help: 'most bytes of these', registers }),
  }
  const check = async () => {
    const { bytes, maxBytes, blocks, oldestAt } = await journal.stats()
    gauges.bytes.set(bytes)
    gauges.maxBytes.set(maxBytes)
    gauges.blocks.set(blocks)
    gauges.recent.set(journal.recent?.bytes ?? 0)
    gauges.maxRecent.set(journal.recent?.maxBytes ?? 0)
    gauges.age.set(oldestAt === undefined ? 0 : Math.max(0, (Date.now() - oldestAt) / 1_000))
    if (bytes < maxBytes * warnFrom) return
    const percent = Math.floor((bytes / maxBytes) * 100)
    log.warn(
      { bytes, maxBytes },
      `THE JOURNAL IS ${percent} % FULL: the store does not keep up or is away; once full, acknowledgements are withheld (JOURNAL_MAX_BYTES)`,
    )
  }
  const timer = setInterval(() => {
    check().catch((error) => log.warn({ err: error }, 'the journal does not say how full it is'))
  }, everyMs)
  void check().catch(() => {}) // the next check logs it
  return { close: () => clearInterval(timer) }
}
