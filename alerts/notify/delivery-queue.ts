import type { Logger } from 'pino'
import type { DeliveryFault } from '#telemetry/faults/delivery-faults.ts'
import { sayDeliveryFault } from '#telemetry/faults/delivery-words.ts'
import { type Backoff, backoffMs } from '#telemetry/retry/backoff.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { AlertsMetrics } from '../metrics.ts'
import { type Channel, DeliveryError, type Message } from './message.ts'

/** Bounds and times of deliveries by webhook and e-mail: how often one is tried again (retry) before it is given up. */
export interface DeliveryLimits {
  /** messages that wait for one channel; further ones are given up at once, to be replayed by hand */
  maxWaiting: number
  /** tries before a message is given up */
  attempts: number
  /** between two tries */
  retry: Backoff
}

/** Eight tries over about four minutes. */
export const deliveryLimits: DeliveryLimits = {
  maxWaiting: 1_000,
  attempts: 8,
  retry: { firstMs: 2_500, longestMs: 160_000 },
}

/** How a message ended. */
export type Ending = { delivered: true } | { delivered: false; attempts: number; fault: DeliveryFault }

const notSent: DeliveryFault = { code: 'NOT_SENT', params: {} }

interface QueueOptions {
  channel: Channel
  limits: DeliveryLimits
  metrics: AlertsMetrics
  log: Logger
  /** called once for each message, unless it is closed before */
  onEnd: (message: Message, ending: Ending) => Promise<void>
}

/** Delivers the messages of one channel in order, and tries again what may still arrive. */
export class DeliveryQueue {
  readonly #options: QueueOptions
  readonly #waiting: Message[] = []
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: QueueOptions) {
    this.#options = options
    options.metrics.notificationsLimit.set({ channel: options.channel.name }, options.limits.maxWaiting)
  }

  get channel(): Channel {
    return this.#options.channel
  }

  add(message: Message): void {
    const { limits, onEnd } = this.#options
    if (this.#waiting.length >= limits.maxWaiting) {
      const fault: DeliveryFault = { code: 'TOO_MANY_WAITING', params: { waiting: limits.maxWaiting } }
      void onEnd(message, { delivered: false, attempts: 1, fault })
      return
    }
    this.#waiting.push(message)
    this.#measure()
    this.#running ??= this.#run()
  }

  /** Stops; what waits is kept in the store and goes on with the next start. Idempotent. */
  async close(): Promise<void> {
    this.#stopping.abort()
    this.#options.channel.close()
    await this.#running
  }

  async #run(): Promise<void> {
    for (let message = this.#waiting[0]; message && !this.#stopping.signal.aborted; message = this.#waiting[0]) {
      const ending = await this.#deliver(message)
      if (!ending) break
      this.#waiting.shift()
      this.#measure()
      this.#options.metrics.notifications.inc({
        channel: this.channel.name,
        outcome: ending.delivered ? 'delivered' : 'dead',
      })
      await this.#options.onEnd(message, ending)
    }
    this.#running = undefined
  }

  /** How it ended; undefined when it was stopped before. */
  async #deliver(message: Message): Promise<Ending | undefined> {
    const { channel, limits, metrics, log } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        await channel.deliver(message)
        return { delivered: true }
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined
        const fault = error instanceof DeliveryError ? error.fault : notSent
        metrics.notifications.inc({ channel: channel.name, outcome: 'fault' })
        if (!(error instanceof DeliveryError)) log.error({ err: error, channel: channel.name }, 'a delivery failed')
        const isFinal = !(error instanceof DeliveryError && error.retryable) || attempt >= limits.attempts
        const said = sayDeliveryFault('en', fault)
        log.warn(
          { channel: channel.name, to: channel.to, fault: said, attempt, isFinal },
          'a notification was not delivered',
        )
        if (isFinal) return { delivered: false, attempts: attempt, fault }
        await sleep(backoffMs(attempt, limits.retry), this.#stopping.signal)
        if (this.#stopping.signal.aborted) return undefined
      }
    }
  }

  #measure(): void {
    this.#options.metrics.notificationsWaiting.set({ channel: this.channel.name }, this.#waiting.length)
  }
}
