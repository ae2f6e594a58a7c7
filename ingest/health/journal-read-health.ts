import type { Logger } from 'pino'

/** Reports for readiness, and once in the log, that the journal cannot be read, and that it can again. */
export class JournalReadHealth {
  readonly #report: (wrong: boolean) => void
  readonly #log: Logger
  #failing = false

  constructor({ report, log }: { report: (wrong: boolean) => void; log: Logger }) {
    this.#report = report
    this.#log = log
  }

  recordFailure(error: unknown): void {
    if (this.#failing) return
    this.#failing = true
    this.#report(true)
    this.#log.error({ err: error }, 'the journal cannot be read now; trying again')
  }

  recordSuccess(): void {
    if (!this.#failing) return
    this.#failing = false
    this.#report(false)
    this.#log.warn('the journal can be read again')
  }
}
