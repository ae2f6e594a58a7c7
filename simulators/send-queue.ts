/** A message that waits for its acknowledgement. */
export interface Queued {
  /** time of measuring, epoch ms */
  ts: number
  payload: string
  /** handed to the connection, not acknowledged yet */
  sent: boolean
  /** how often it was handed to a connection */
  attempts: number
}

/** Messages in order until each is acknowledged. Bounded: when full, the oldest is let go of and counted. */
export class SendQueue {
  readonly #limit: number
  #messages: Queued[] = []
  #inflight = 0
  #dropped = 0

  /** Holds at most `limit` messages. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#messages.length
  }

  /** How many are sent and not acknowledged. */
  get inflight(): number {
    return this.#inflight
  }

  /** How many were let go of because the queue was full. */
  get dropped(): number {
    return this.#dropped
  }

  add(ts: number, payload: string): void {
    this.#messages.push({ ts, payload, sent: false, attempts: 0 })
    if (this.#messages.length <= this.#limit) return
    this.#dropped += 1
    if (this.#messages.shift()?.sent) this.#inflight -= 1
  }

  /** The oldest message not sent on this connection, from now on counted as sent. */
  dequeue(): Queued | undefined {
    const message = this.#messages[this.#inflight]
    if (!message) return undefined
    message.sent = true
    message.attempts += 1
    this.#inflight += 1
    return message
  }

  /** Lets go of an acknowledged message; false when it was not held any more. */
  acknowledge(message: Queued): boolean {
    const at = this.#messages.indexOf(message)
    if (at < 0) return false
    this.#messages.splice(at, 1)
    this.#inflight -= 1
    return true
  }

  /** The connection is gone: everything that is held is to be sent again, in order. */
  rewind(): void {
    for (const message of this.#messages) message.sent = false
    this.#inflight = 0
  }
}
