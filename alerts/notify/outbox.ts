import { z } from 'zod'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { alertSchema } from '#telemetry/alert.ts'
import type { NotificationsResponse } from '#telemetry/alert-rest.ts'
import { dayMs } from '#telemetry/durations.ts'
import { deliveryFaultSchema } from '#telemetry/faults/delivery-faults.ts'
import { knownFaults } from '#telemetry/faults/fault-table.ts'
import { type DeadNotification, notificationChannelSchema } from '#telemetry/notification.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { Message } from './message.ts'

/** ms that messages are remembered: a month */
const keptMs = 30 * dayMs
/** dead letters remembered; the oldest go first */
const maxDead = 10_000

const messageSchema = z.object({
  id: z.string().min(1).max(64),
  channel: notificationChannelSchema,
  at: timestampSchema,
  subject: z.string(),
  text: z.string(),
  alerts: z.array(alertSchema),
  total: z.number().int(),
})

/** One step of a message: made, delivered, given up, or given up and to be tried again. */
const stepSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('made'), to: z.string(), message: messageSchema }),
  z.object({ type: z.literal('delivered'), id: z.string(), at: timestampSchema }),
  z.object({
    type: z.literal('dead'),
    id: z.string(),
    at: timestampSchema,
    attempts: z.number().int(),
    fault: z.string(),
    // as in deadNotificationSchema
    faults: knownFaults(deliveryFaultSchema),
  }),
  z.object({ type: z.literal('replayed'), id: z.string(), at: timestampSchema }),
])
export type Step = z.infer<typeof stepSchema>

interface StoredMessage {
  message: Message
  to: string
  /** the last step tells how it stands */
  last: Step
  /** how it was given up last, if ever */
  died?: Extract<Step, { type: 'dead' }>
}

/**
 * The outbox: messages in the store, as the stream `notification`. Each is written before the first try, so that it survives a kill
 * of alerts, and again when it is given up, so that it can be seen and tried again.
 */
export class Outbox {
  readonly #store: TelemetryStore
  readonly #messages = new Map<string, StoredMessage>()

  constructor(store: TelemetryStore) {
    this.#store = store
  }

  /** Reads what a former session left. Returns the messages that are still to be delivered, oldest first. */
  async load(now: number): Promise<Message[]> {
    const steps: { ts: number; step: Step }[] = []
    for await (const page of paginateEvents(this.#store, { stream: 'notification', from: now - keptMs }))
      for (const { ts, body } of page) {
        const step = stepSchema.safeParse(body)
        if (step.success) steps.push({ ts, step: step.data })
      }
    // of one ms: made before it was delivered
    const order = ['made', 'replayed', 'dead', 'delivered']
    steps.sort((a, b) => a.ts - b.ts || order.indexOf(a.step.type) - order.indexOf(b.step.type))
    for (const { step } of steps) this.#apply(step)
    return [...this.#messages.values()]
      .filter(({ last }) => last.type === 'made' || last.type === 'replayed')
      .map(({ message }) => message)
  }

  /** Ids of the alerts that messages already notify of. */
  notifiedAlerts(): Set<string> {
    return new Set([...this.#messages.values()].flatMap(({ message }) => message.alerts.map(({ id }) => id)))
  }

  get(id: string): Message | undefined {
    return this.#messages.get(id)?.message
  }

  isDead(id: string): boolean {
    return this.#messages.get(id)?.last.type === 'dead'
  }

  /** Stores a step. @throws StoreUnavailableError, and then it is known here but not on disk */
  async store(step: Step, now: number): Promise<void> {
    this.#apply(step)
    const id = step.type === 'made' ? step.message.id : step.id
    await this.#store.appendEvents([{ stream: 'notification', id: `${id}-${step.type}-${now}`, ts: now, body: step }])
  }

  /** What was given up, newest first. */
  undelivered(limit: number): NotificationsResponse {
    const dead = [...this.#messages.values()].flatMap(undeliveredOf).reverse()
    return { total: dead.length, notifications: dead.slice(0, limit) }
  }

  #apply(step: Step): void {
    if (step.type === 'made') this.#messages.set(step.message.id, { message: step.message, to: step.to, last: step })
    else {
      const stored = this.#messages.get(step.id)
      if (stored) stored.last = step
      if (stored && step.type === 'dead') stored.died = step
      if (step.type === 'delivered' && stored) this.#forgetText(stored)
    }
    for (const [id, { last }] of this.#messages) {
      if (this.#messages.size <= maxDead) break
      if (last.type === 'dead' || last.type === 'delivered') this.#messages.delete(id)
    }
  }

  /** Of what is delivered only the ids of its alerts are needed. */
  #forgetText(stored: StoredMessage): void {
    stored.message = { ...stored.message, text: '' }
  }
}

function undeliveredOf({ message, to, last, died }: StoredMessage): DeadNotification[] {
  if (!died) return []
  const { id, channel, subject, alerts, at } = message
  const { at: diedAt, attempts, fault, faults } = died
  const since = {
    ...(last.type === 'delivered' && { deliveredAt: last.at }),
    ...(last.type === 'replayed' && { replayedAt: last.at }),
  }
  const ids = alerts.map((alert) => alert.id)
  return [{ id, channel, to, subject, alerts: ids, at, diedAt, attempts, fault, ...(faults && { faults }), ...since }]
}
