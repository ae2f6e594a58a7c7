import type { WaitingPacket } from '../aedes/session-store.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'

type QueueLimits = Pick<BrokerLimits, 'MAX_SESSION_QUEUE' | 'MAX_SESSION_QUEUE_BYTES' | 'MAX_INFLIGHT'>

const sizeOf = (packet: WaitingPacket) => packet.payload?.length ?? 0

/** The limits of one session's queue, and of its inflight messages: those that are sent and not acknowledged. */
export class SessionQueue {
  readonly #limits: QueueLimits
  readonly #metrics: Pick<BrokerMetrics, 'inflight' | 'queued' | 'refused'>
  #queued = 0
  #bytes = 0
  /** bytes of what has a message id, by id */
  readonly #sizes = new Map<number, number>()
  /** message ids sent over the present connection and not acknowledged */
  readonly #inflight = new Set<number>()
  /** messages that wait for room among those inflight */
  #waiting: (() => void)[] = []
  /** the present connection; undefined when there is none */
  #connection: object | undefined

  constructor(limits: QueueLimits, metrics: Pick<BrokerMetrics, 'inflight' | 'queued' | 'refused'>) {
    this.#limits = limits
    this.#metrics = metrics
  }

  /** The session has a connection now, in place of the one before. */
  connected(connection: object): void {
    this.disconnected()
    this.#connection = connection
  }

  /** The session has no connection. */
  disconnected(): void {
    this.#connection = undefined
    this.#metrics.inflight.dec(this.#inflight.size)
    this.#inflight.clear()
    for (const proceed of this.#waiting.splice(0)) proceed()
  }

  /** Makes room for a message; false when the queue is full. */
  reserve(packet: WaitingPacket): boolean {
    const bytes = sizeOf(packet)
    const { MAX_SESSION_QUEUE, MAX_SESSION_QUEUE_BYTES } = this.#limits
    if (this.#queued >= MAX_SESSION_QUEUE || this.#bytes + bytes > MAX_SESSION_QUEUE_BYTES) {
      this.#metrics.refused.inc({ what: 'queue' })
      return false
    }
    this.#queued += 1
    this.#bytes += bytes
    this.#metrics.queued.inc()
    return true
  }

  /** Waits until the message may be sent on the present connection, or that one is closed. */
  async waitForTurn(packet: WaitingPacket): Promise<void> {
    const { messageId } = packet
    if (messageId === undefined) return
    const connection = this.#connection
    const isConnected = () => connection !== undefined && this.#connection === connection
    while (isConnected() && this.#inflight.size >= this.#limits.MAX_INFLIGHT)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (isConnected() && !this.#inflight.has(messageId)) {
      this.#inflight.add(messageId)
      this.#metrics.inflight.inc()
    }
    this.#sizes.set(messageId, sizeOf(packet))
  }

  /** A message has left the queue. */
  remove(packet: WaitingPacket): void {
    const known = packet.messageId === undefined ? undefined : this.#sizes.get(packet.messageId)
    this.#queued -= 1
    // a PUBREL is in the queue without its payload, so the size was recorded
    this.#bytes = this.#queued <= 0 ? 0 : Math.max(0, this.#bytes - (known ?? sizeOf(packet)))
    if (packet.messageId === undefined) return
    this.#sizes.delete(packet.messageId)
    if (this.#inflight.delete(packet.messageId)) this.#metrics.inflight.dec()
    this.#waiting.shift()?.()
  }
}
