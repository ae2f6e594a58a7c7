import type { Logger } from 'pino'

/** Tells, in readiness and once in the log, that the journal cannot be read, and that it can again. */
export class ReadWatch {
  readonly #tell: (wrong: boolean) => void
  readonly #log: Logger
  #failing = false

  constructor({ tell, log }: { tell: (wrong: boolean) => void; log: Logger }) {
    this.#tell = tell
    this.#log = log
  }

  failed(error: unknown): void {
    if (this.#failing) return
    this.#failing = true
    this.#tell(true)
    this.#log.error({ err: error }, 'the journal cannot be read now; trying again')
  }

  read(): void {
    if (!this.#failing) return
    this.#failing = false
    this.#tell(false)
    this.#log.warn('the journal can be read again')
  }
}
