import type { Logger } from 'pino'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { AbortListeners } from './abort-listeners.ts'

/** ms between a try that failed and the next */
const defaultPauseMs = 10_000

interface BackgroundFillOptions {
  /** what is to be done once; done again from the beginning when it fails */
  fill(): Promise<void>
  log: Logger
  pauseMs?: number
}

/** Gives an older file what newer questions ask by: in the background, one try at a time with pauses, however many ask meanwhile. */
export class BackgroundFill {
  readonly #options: BackgroundFillOptions
  readonly #aborts = new AbortListeners()
  #trying: Promise<void> = Promise.resolve()
  #filled = false
  #fault: unknown
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: BackgroundFillOptions) {
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
    if (this.#filled) return
    signal.throwIfAborted()
    await this.#untilTried(signal)
    if (this.#filled) return
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
    const { fill, log, pauseMs = defaultPauseMs } = this.#options
    try {
      await fill()
      this.#filled = true
    } catch (error) {
      this.#fault = error
      if (this.#closed) return
      log.warn({ err: error, pauseMs }, 'events of an older release are not prepared yet: it is tried again')
      this.#timer = setTimeout(() => this.start(), pauseMs)
    }
  }
}
