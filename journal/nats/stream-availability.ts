import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { UnreachableError } from '#telemetry/errors.ts'
import { retry } from '#telemetry/retry/retry.ts'
import { firstLineOf } from './nats-connection.ts'

/** between two tries to put the stream in order once the connection is back */
const backoff = { firstMs: 500, longestMs: 2_000 }

interface StreamAvailabilityOptions {
  connection: NatsConnection
  log: Logger
  /** puts stream and offsets in order; only then the stream can be used */
  prepare: () => Promise<void>
  /** called when the connection is lost, and when the stream can be used again */
  onChange: () => void
}

/** Whether the stream can be used: not from the loss of the connection until it is known to be in order again. */
export class StreamAvailability {
  readonly #options: StreamAvailabilityOptions
  readonly #closing = new AbortController()
  #isUsable = false

  constructor(options: StreamAvailabilityOptions) {
    this.#options = options
  }

  get isUsable(): boolean {
    return this.#isUsable
  }

  /** @throws UnreachableError while it is not */
  requireUsable(): void {
    if (!this.#isUsable) throw new UnreachableError('NATS_URL: the connection to NATS is lost')
  }

  /** Prepares the stream, and again whenever the connection was lost. Rejects when that fails for the first time. */
  async start(): Promise<void> {
    await this.#prepare()
    this.#watch().catch((error) => this.#options.log.error({ err: error }, 'NATS is not followed any more'))
  }

  /** Prepares nothing again. */
  close(): void {
    this.#closing.abort()
  }

  async #prepare(): Promise<void> {
    await this.#options.prepare()
    this.#isUsable = true
  }

  async #watch(): Promise<void> {
    const { connection, log, onChange } = this.#options
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' && !this.#closing.signal.aborted) {
        this.#isUsable = false
        // what they asked for must not come before it is known what was lost
        onChange()
        log.warn('the connection to NATS is lost; trying again until it is back')
      }
      if (type === 'reconnect' && !this.#isUsable) await this.#prepareAgain()
    }
  }

  async #prepareAgain(): Promise<void> {
    const { connection, log, onChange } = this.#options
    try {
      await retry(() => this.#prepare(), {
        ...{ backoff, signal: this.#closing.signal },
        isRetryable: () => !connection.isClosed(),
        onFault: ({ error }) =>
          log.warn({ reason: firstLineOf(error) }, 'NATS answers, but has no journal yet; trying again'),
      })
      onChange()
      log.warn('NATS is back')
    } catch (error) {
      // the journal is closed, or the connection is for good
      log.debug({ reason: firstLineOf(error) }, 'the journal on NATS is not prepared again')
    }
  }
}
