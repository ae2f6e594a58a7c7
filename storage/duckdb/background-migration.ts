import type { Logger } from 'pino'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { AbortListeners } from './abort-listeners.ts'

/** ms between a try that failed and the next */
const defaultPauseMs = 10_000

interface BackgroundMigrationOptions {
  /** what is to be done once; done again from the beginning when it fails */
  migrate(): Promise<void>
  log: Logger
  pauseMs?: number
}

/** Gives an older file what newer questions ask by: in the background, one try at a time with pauses, however many ask meanwhile. */
export class BackgroundMigration {
  readonly #options: BackgroundMigrationOptions
  readonly #aborts = new AbortListeners()
  #trying: Promise<void> = Promise.resolve()
  #migrated = false
  #fault: unknown
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: BackgroundMigrationOptions) {
    this.#options = options
  }

  /** Begins. To be called once. */
  start(): void {
    this.#trying = this.#attempt()
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
    this.#closed = true
    clearTimeout(this.#timer)
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

  async #attempt(): Promise<void> {
    const { migrate, log, pauseMs = defaultPauseMs } = this.#options
    try {
      await migrate()
      this.#migrated = true
    } catch (error) {
      this.#fault = error
      if (this.#closed) return
      log.warn({ err: error, pauseMs }, 'events of an older release are not prepared yet: it is tried again')
      this.#timer = setTimeout(() => this.start(), pauseMs)
    }
  }
}
