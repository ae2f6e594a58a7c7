import { hourMs, minuteMs } from '#telemetry/durations.ts'
import {
  type AcknowledgedOrder,
  acknowledgedOrderSchema,
  type LampOverride,
  overrideOf,
} from '#telemetry/lamp-override.ts'
import { paginateEvents } from './event-pagination.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** Most lamps whose last order is held; beyond it the one that was acknowledged first is forgotten, one that is over before others. */
export const maxLampOrders = 20_000

/** What a checkpoint is about in the stream `lamp-order`: no id of a lamp. */
const checkpointMark = '@checkpoint'

/** ms before a checkpoint from which on orders are read: one may have been written later than it was acknowledged */
const beforeCheckpointMs = hourMs
/** ms before the newest event read from which on the next read begins: clocks of other machines, writes that were tried again */
const overlapMs = minuteMs

type OrderStore = Pick<TelemetryStore, 'readEvents' | 'appendEvents'>

const parseOrders = (events: readonly StoredEvent[]) =>
  events.flatMap(({ body }) => acknowledgedOrderSchema.safeParse(body).data ?? [])

/** From when on (epoch ms) the stream must be read to know the last order of every lamp just before `to`. */
async function readFrom(store: OrderStore, to: number | undefined, context?: QueryContext): Promise<number> {
  const before = to === undefined ? {} : { to }
  const [checkpoint] = await store.readEvents(
    { stream: 'lamp-order', subject: checkpointMark, ...before, limit: 1 },
    context,
  )
  return checkpoint ? checkpoint.ts - beforeCheckpointMs : 0
}

/** The last order that each lamp has acknowledged, as far as it is known here. Several processes share them through the store. */
export class LampOrders {
  readonly #max: number
  /** by id of the lamp, in the order in which they came */
  readonly #held = new Map<string, AcknowledgedOrder>()
  /** time of the newest event read, epoch ms */
  #readTo: number | undefined

  constructor(max = maxLampOrders) {
    this.#max = max
  }

  /** Reads what the store has since the last time; the first time all that may be in force. Rejects with StoreUnavailableError. */
  async refresh(store: OrderStore): Promise<void> {
    const from = this.#readTo === undefined ? await readFrom(store, undefined) : this.#readTo - overlapMs
    let newest = this.#readTo ?? from
    const read: AcknowledgedOrder[] = []
    for await (const page of paginateEvents(store, { stream: 'lamp-order', from: Math.max(0, from) })) {
      newest = Math.max(newest, page[0]?.ts ?? 0)
      read.push(...parseOrders(page))
    }
    for (const order of read.reverse()) this.apply(order)
    this.#readTo = newest
  }

  /**
   * Takes an order, unless a later one of its lamp is known. A lamp follows a command from its first acknowledgement on, whoever heard
   * it: of one command the earliest counts.
   */
  apply(order: AcknowledgedOrder): void {
    const held = this.#held.get(order.sensor)
    if (held && held.command === order.command ? held.since <= order.since : held && held.since >= order.since) return
    this.#held.delete(order.sensor)
    this.#held.set(order.sensor, order)
    if (this.#held.size > this.#max) this.#forgetOne(order.since)
  }

  get(sensor: string): AcknowledgedOrder | undefined {
    return this.#held.get(sensor)
  }

  /** The override of a lamp at a time (epoch ms); undefined when it follows its schedule. */
  overrideOf(sensor: string, now: number): LampOverride | undefined {
    return overrideOf(this.#held.get(sensor), now)
  }

  /** Every override at a time (epoch ms). */
  overrides(now: number): LampOverride[] {
    return [...this.#held.values()].flatMap((order) => overrideOf(order, now) ?? [])
  }

  #forgetOne(now: number): void {
    const [first] = this.#held.keys()
    for (const [sensor, order] of this.#held)
      if (!overrideOf(order, now)) {
        this.#held.delete(sensor)
        return
      }
    if (first !== undefined) this.#held.delete(first)
  }
}

/** Keeps orders that lamps have acknowledged. Written twice, they are kept once. Rejects with StoreUnavailableError. */
export async function appendLampOrders(
  store: OrderStore,
  orders: readonly AcknowledgedOrder[],
  now: number,
): Promise<void> {
  await store.appendEvents(
    orders.map((body) => ({ stream: 'lamp-order', id: `${body.sensor}@${body.since}`, ts: now, body })),
  )
}

/** Says again what is in force, so that nothing older need be read to know it, and may be removed. Rejects with StoreUnavailableError. */
export async function writeLampOrderCheckpoint(
  store: OrderStore,
  overrides: readonly LampOverride[],
  now: number,
): Promise<void> {
  await store.appendEvents(
    overrides.map((body) => ({ stream: 'lamp-order', id: `${body.sensor}@${body.since}/${now}`, ts: now, body })),
  )
  // only once they are durable
  await store.appendEvents([
    { stream: 'lamp-order', id: `${checkpointMark}/${now}`, ts: now, body: { checkpoint: checkpointMark } },
  ])
}

/** The overrides at a moment of the past (epoch ms). Rejects with StoreUnavailableError. */
export async function lampOverridesAt(
  store: OrderStore,
  moment: number,
  context?: QueryContext,
): Promise<LampOverride[]> {
  const orders = new LampOrders()
  const from = Math.max(0, await readFrom(store, moment, context))
  const read: AcknowledgedOrder[] = []
  // an event may be written somewhat later than what it says
  for await (const page of paginateEvents(store, { stream: 'lamp-order', from, to: moment + overlapMs }, context))
    read.push(...parseOrders(page))
  for (const order of read.reverse()) if (order.since <= moment) orders.apply(order)
  return orders.overrides(moment)
}
