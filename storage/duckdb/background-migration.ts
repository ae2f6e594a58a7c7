import type { Logger } from 'pino'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { retry } from '#telemetry/retry/retry.ts'
import { AbortListeners } from './abort-listeners.ts'

/** most ms between a try that failed and the next */
const defaultPauseMs = 10_000

interface BackgroundMigrationOptions {
  /** what is to be done once; done again from the beginning when it fails */
  migrate(): Promise<void>
  log: Logger
  pauseMs?: number
}

/** The migration of a database of an older release: gives its file what newer questions ask by, in the background, one try at a time with pauses, however many ask meanwhile. */
export class BackgroundMigration {
  readonly #options: BackgroundMigrationOptions
  readonly #aborts = new AbortListeners()
  #trying: Promise<void> = Promise.resolve()
  #migrated = false
  #fault: unknown
  readonly #closing = new AbortController()

  constructor(options: BackgroundMigrationOptions) {
    this.#options = options
  }

  /** Begins. To be called once. */
  start(): void {
    const { log, pauseMs = defaultPauseMs } = this.#options
    const trying = retry(() => this.#attempt(), {
      backoff: { firstMs: pauseMs, longestMs: pauseMs },
      signal: this.#closing.signal,
      isRetryable: () => true,
      onFault: ({ error, waitMs }) =>
        log.warn({ err: error, waitMs }, 'events of an older release are not prepared yet: it is tried again'),
    })
    trying.catch(() => {}) // closed before it was done
  }

  /**
   * Resolves when it is done. Rejects with the signal's reason once that is aborted, and with StoreUnavailableError when the last
   * try has failed.
   */
  async done(signal: AbortSignal): Promise<void> {
    if (this.#migrated) return
    signal.throwIfAborted()
    await this.#untilTried(signal)
    if (this.#migrated) return
    const retryAfterMs = this.#options.pauseMs ?? defaultPauseMs
    throw new StoreUnavailableError('events of an older release are not prepared yet: it is tried again', {
      ...{ cause: this.#fault, retryAfterMs },
    })
  }

  /** Tries no more. A try under way goes on. */
  close(): void {
    this.#closing.abort()
  }

  #untilTried(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const heard = this.#aborts.add(signal, () => reject(signal.reason))
      void this.#trying.then(() => {
        heard()
        resolve()
      })
    })
  }

  #attempt(): Promise<void> {
    const attempt = this.#options.migrate()
    this.#trying = attempt.then(
      () => {
        this.#migrated = true
      },
      (error) => {
        this.#fault = error
      },
    )
    return attempt
  }
}
