import type { Logger } from 'pino'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import { plain, shown } from '../diagnostics/refusal-words.ts'
import type { JournalWriterReports } from './journal-writer.ts'

/** ms between two lines about a journal that takes nothing */
const warnEveryMs = 5_000

/** Logs what the journal does not take; what it never will, in the share of its user, or else of its topic. */
export function journalWriterReports(log: Logger, said: Pick<RateLimitedLog, 'warn'>): JournalWriterReports {
  let warnedAt = Number.NEGATIVE_INFINITY
  return {
    withheld(error) {
      if (performance.now() - warnedAt < warnEveryMs) return
      warnedAt = performance.now()
      log.warn({ err: error }, 'the journal takes nothing now: acknowledgements are withheld')
    },
    refused({ topic, payload, user }, error) {
      const told = { err: error, username: user, topic: plain(topic, shown.topic), bytes: payload.byteLength }
      said.warn(user ?? topic, told, 'refused: the journal will never take this reading, and its connection is closed')
    },
  }
}
