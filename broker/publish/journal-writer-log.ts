import type { Logger } from 'pino'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import { plain, shown } from '../diagnostics/safe-text.ts'
import type { JournalWriterReports } from './journal-writer.ts'

/** ms between two lines about a journal that accepts nothing */
const warnEveryMs = 5_000

/** Logs what the journal refuses: for now, at intervals; for ever, within the log quota of its user, or else of its topic. */
export function journalWriterReports(log: Logger, clientLog: Pick<RateLimitedLog, 'warn'>): JournalWriterReports {
  let warnedAt = Number.NEGATIVE_INFINITY
  return {
    withheld(error) {
      if (performance.now() - warnedAt < warnEveryMs) return
      warnedAt = performance.now()
      log.warn({ err: error }, 'the journal takes nothing now: acknowledgements are withheld')
    },
    refused({ topic, payload, user }, error) {
      const details = { err: error, username: user, topic: plain(topic, shown.topic), bytes: payload.byteLength }
      clientLog.warn(
        user ?? topic,
        details,
        'refused: the journal will never take this reading, and its connection is closed',
      )
    },
  }
}
