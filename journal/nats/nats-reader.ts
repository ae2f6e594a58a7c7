import type { Consumer, JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import type { RawBlock, RawReader } from '../journal.ts'
import { fetchMs, PullReader } from './pull-reader.ts'

/** Where a stream is read. */
export interface StreamPlace {
  jetstream: JetStreamClient
  manager: JetStreamManager
  stream: string
  /** whether the server can be reached now */
  usable: () => boolean
  log: Logger
}

/**
 * Follows the stream in order from one offset on, by an ordered consumer of its own that the server forgets; after a
 * fault a new one begins behind the last block received, so that nothing is left out or given twice.
 */
export class NatsReader implements RawReader {
  readonly #place: StreamPlace
  readonly #pull: PullReader
  /** of the newest block received */
  #received: number

  constructor(offset: number, place: StreamPlace) {
    this.#place = place
    this.#received = offset
    this.#pull = new PullReader({
      open: () => this.#newConsumer(),
      accept: ({ seq }) => {
        if (seq <= this.#received) return false
        this.#received = seq
        return true
      },
      usable: place.usable,
      forget: (consumer) => consumer.delete(),
      log: place.log,
    })
  }

  next(options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]> {
    return this.#pull.next(options)
  }

  async #newConsumer(): Promise<Consumer> {
    const { jetstream, manager, stream, log } = this.#place
    const { state } = await manager.streams.info(stream)
    if (state.last_seq < this.#received) {
      log.error({ end: state.last_seq, received: this.#received }, 'the journal ends before what was read from it')
      // what was appended since then took offsets anew: everything held is read again, which the store takes as once
      this.#received = Math.max(0, state.first_seq - 1)
    }
    return jetstream.consumers.get(stream, { opt_start_seq: this.#received + 1, inactive_threshold: 2 * fetchMs })
  }

  /** Goes on by a new consumer. */
  restart(): void {
    this.#pull.restart()
  }

  /** Ends a {@link next} that waits; asks the server for nothing more. */
  close(): Promise<void> {
    return this.#pull.close()
  }
}
