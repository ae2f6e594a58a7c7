import type { TokenBucket } from '../limits/token-bucket.ts'
import type { Allowance } from '../limits/user-rates.ts'

/** a chunk shorter than this in which no packet ends is tiny; after so many in a row reading pauses */
const tinyBytes = 1_024
const maxTinyChunks = 2
/** ms of such a pause, in which TCP gathers the tiny chunks: each costs as much as a chunk of packets */
const tinyPauseMs = 20

/** What is called about pauses. */
export interface ReadingPaceOwner {
  /** Reading waits for the client's rate, ms. */
  delayed(waitMs: number): void
  /** The pause is over. */
  resume(): void
}

/** Decides when a connection is read more slowly: over the rate of its client, or while it sends tiny chunks. Nothing is dropped. */
export class ReadingPace {
  readonly #owner: ReadingPaceOwner
  /** tiny chunks since a packet ended */
  #tinyChunks = 0
  #timer: NodeJS.Timeout | undefined
  #messages: TokenBucket | undefined
  #bytes: TokenBucket | undefined

  constructor(owner: ReadingPaceOwner) {
    this.#owner = owner
  }

  get isPaused(): boolean {
    return this.#timer !== undefined
  }

  /** Holds the connection to these rates from now on; it pauses at once if its user owes something. */
  limit({ messages, bytes }: Pick<Allowance, 'messages' | 'bytes'>): void {
    this.#messages = messages
    this.#bytes = bytes
    this.charge(0, 0)
  }

  /** Counts what was read. */
  charge(packets: number, bytes: number): void {
    const now = performance.now()
    const waitMs = Math.max(this.#messages?.consume(packets, now) ?? 0, this.#bytes?.consume(bytes, now) ?? 0)
    if (waitMs <= 0) return
    this.#owner.delayed(waitMs)
    this.#pause(waitMs)
  }

  /** A chunk of this many bytes came. */
  chunkReceived(bytes: number): void {
    this.#tinyChunks = bytes < tinyBytes ? this.#tinyChunks + 1 : 0
  }

  /** A packet has ended, so what came was no tiny chunk. */
  packetEnded(): void {
    this.#tinyChunks = 0
  }

  /** Pauses after too many tiny chunks. */
  pauseIfTiny(): void {
    if (this.#tinyChunks > maxTinyChunks) this.#pause(tinyPauseMs)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #pause(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#owner.resume()
    }, ms)
  }
}
