import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import type { NotificationsResponse } from '#telemetry/alert-rest.ts'
import type { AlertRule, Priority } from '#telemetry/alert-rule.ts'
import { sayDeliveryFault } from '#telemetry/faults/delivery-words.ts'
import { ConflictError, NotThereError } from '../errors.ts'
import type { AlertsMetrics } from '../metrics.ts'
import { AlertDigest } from './alert-digest.ts'
import { type DeliveryLimits, DeliveryQueue, deliveryLimits, type Ending } from './delivery-queue.ts'
import type { Channel, Message } from './message.ts'
import type { Outbox, Step } from './outbox.ts'
import { type Writer, writeMessage } from './templates.ts'

/** A channel and the alerts that go there. */
export interface Route {
  channel: Channel
  /** alerts of this priority and of more urgent ones, unless their rule says otherwise */
  priority: Priority
}

/** How alerts are gathered. */
export interface GatherLimits {
  /** ms that alerts are gathered before a message is written */
  gatherMs: number
  /** ms between two messages to one channel: a flood is one summary, then one a minute */
  pauseMs: number
  /** ms: how old an alert may be that a former session notified nobody of */
  untoldMs: number
}

export const gatherLimits: GatherLimits = { gatherMs: 3_000, pauseMs: 60_000, untoldMs: 600_000 }

interface NotifierOptions {
  outbox: Outbox
  routes: readonly Route[]
  writer: Writer
  metrics: AlertsMetrics
  log: Logger
  /** the rule of an alert, as it is now */
  ruleOf: (id: string) => AlertRule | undefined
  clock: () => number
  limits?: Partial<GatherLimits>
  delivery?: Partial<DeliveryLimits>
}

/** What waits to be notified on one channel. */
interface Gathered {
  route: Route
  queue: DeliveryQueue
  digest: AlertDigest
  timer: NodeJS.Timeout | undefined
  lastAt: number
}

/** Notifies people outside of new alerts, by webhook and e-mail. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #limits: GatherLimits
  readonly #outbox: Outbox
  readonly #gathered: Gathered[]

  constructor(options: NotifierOptions) {
    const { routes, metrics, log } = options
    this.#options = options
    this.#limits = { ...gatherLimits, ...options.limits }
    this.#outbox = options.outbox
    const limits = { ...deliveryLimits, ...options.delivery }
    this.#gathered = routes.map((route) => ({
      route,
      queue: new DeliveryQueue({
        ...{ channel: route.channel, limits, metrics, log },
        onEnd: (message, ending) => this.#end(message, ending),
      }),
      digest: new AlertDigest(),
      timer: undefined,
      lastAt: Number.NEGATIVE_INFINITY,
    }))
  }

  /** Continues where a former session stopped: with its messages, and with alerts it notified nobody of. */
  resume(unfinished: readonly Message[], open: Iterable<Alert>): void {
    const now = this.#options.clock()
    for (const message of unfinished) this.#queueOf(message)?.add(message)
    const notified = this.#outbox.notifiedAlerts()
    for (const alert of open)
      if (now - alert.raisedAt < this.#limits.untoldMs && !notified.has(alert.id) && !alert.acknowledged)
        this.#gather(alert)
  }

  /** Notifies of the alerts that these events raise. */
  notify(events: readonly AlertEvent[]): void {
    for (const { type, alert } of events) if (type === 'raised' || type === 'again') this.#gather(alert)
  }

  /** What could not be delivered, newest first. */
  async undelivered(limit: number): Promise<NotificationsResponse> {
    return this.#outbox.undelivered(limit)
  }

  /** Tries one again that was given up. @throws NotThereError, ConflictError when its channel is no longer set up */
  async replay(id: string): Promise<NotificationsResponse> {
    const message = this.#outbox.get(id)
    if (!message || !this.#outbox.isDead(id)) throw new NotThereError({ code: 'NO_SUCH_NOTIFICATION', params: { id } })
    const queue = this.#queueOf(message)
    if (!queue) throw new ConflictError({ code: 'CHANNEL_NOT_SET_UP', params: { channel: message.channel } })
    const now = this.#options.clock()
    await this.#outbox.store({ type: 'replayed', id, at: now }, now)
    queue.add(message)
    return this.#outbox.undelivered(1)
  }

  /** Writes what is gathered into the store, and stops. */
  async close(): Promise<void> {
    for (const gathered of this.#gathered) {
      if (gathered.digest.total > 0) await this.#send(gathered)
      clearTimeout(gathered.timer)
      await gathered.queue.close()
    }
  }

  #queueOf({ channel }: Message): DeliveryQueue | undefined {
    return this.#gathered.find(({ queue }) => queue.channel.name === channel)?.queue
  }

  #gather(alert: Alert): void {
    if (alert.shelved) return
    const notify = this.#options.ruleOf(alert.rule)?.notify ?? 'by-priority'
    if (notify === 'never') return
    for (const gathered of this.#gathered) {
      if (notify === 'by-priority' && alert.priority > gathered.route.priority) continue
      gathered.digest.add(alert)
      const waitMs = Math.max(this.#limits.gatherMs, gathered.lastAt + this.#limits.pauseMs - this.#options.clock())
      gathered.timer ??= setTimeout(() => void this.#send(gathered), waitMs)
    }
  }

  async #send(gathered: Gathered): Promise<void> {
    const { clock, writer, log } = this.#options
    const { digest, queue } = gathered
    gathered.digest = new AlertDigest()
    clearTimeout(gathered.timer)
    gathered.timer = undefined
    gathered.lastAt = clock()
    const { channel } = queue
    const message: Message = {
      id: randomUUID(),
      channel: channel.name,
      at: clock(),
      ...writeMessage(digest, writer),
      alerts: digest.mostUrgent(),
      total: digest.total,
    }
    await this.#outbox
      .store({ type: 'made', to: channel.to, message }, message.at)
      .catch((error) => log.warn({ err: error }, 'a notification goes out without being kept'))
    queue.add(message)
  }

  async #end({ id }: Message, ending: Ending): Promise<void> {
    const { clock, log } = this.#options
    const at = clock()
    await this.#outbox
      .store(endOf(id, at, ending), at)
      .catch((error) => log.warn({ err: error, id }, 'how a notification ended could not be kept'))
  }
}

/** The last step of a message that ended at `at`, epoch ms. */
function endOf(id: string, at: number, ending: Ending): Step {
  if (ending.delivered) return { type: 'delivered', id, at }
  const { attempts, fault } = ending
  return { type: 'dead', id, at, attempts, fault: sayDeliveryFault('en', fault), faults: [fault] }
}
