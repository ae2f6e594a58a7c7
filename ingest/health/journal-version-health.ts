import type { Logger } from 'pino'
import { BlockVersionError } from '#journal/block-codec.ts'
import type { IngestMetrics } from '../metrics.ts'

/** ms between two reads of a journal that holds a block of another version */
export const unknownVersionPauseMs = 5_000

/** Reports once, in log, metric and readiness, that the journal holds blocks of a version that this release cannot read. */
export class JournalVersionHealth {
  readonly #report: () => void
  #reported = false

  constructor(parts: {
    report: (wrong: boolean) => void
    metrics: Pick<IngestMetrics, 'unknownVersion'>
    log: Logger
  }) {
    this.#report = () => {
      parts.report(true)
      parts.metrics.unknownVersion.set(1)
    }
    this.#log = parts.log
  }

  readonly #log: Logger

  /** Whether this error is of that kind; it is then reported. */
  reportIfUnknown(error: unknown): boolean {
    if (!(error instanceof BlockVersionError)) return false
    if (this.#reported) return true
    this.#reported = true
    this.#report()
    this.#log.fatal(
      { err: error },
      'INGEST HAS STOPPED TAKING: the journal is of a newer release; what waits in it is kept',
    )
    return true
  }
}
