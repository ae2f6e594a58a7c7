import { paginateEvents } from '#storage/event-pagination.ts'
import { lampOverridesAt } from '#storage/lamp-orders.ts'
import type { QueryContext } from '#storage/query-context.ts'
import type { Span } from '#storage/roll-up/spans.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { type AcknowledgedOrder, acknowledgedOrderSchema } from '#telemetry/lamp-override.ts'

/** ms after an order in which its event may be written */
const lateMs = minuteMs

/** What lamps acknowledged that may have been in force at some time of a span (epoch ms), by lamp. */
export async function readLampOrders(
  store: Pick<TelemetryStore, 'readEvents' | 'appendEvents'>,
  { from, to }: Span,
  context?: QueryContext,
): Promise<Map<string, AcknowledgedOrder[]>> {
  const orders = new Map<string, AcknowledgedOrder[]>()
  const add = (order: AcknowledgedOrder) => {
    const held = orders.get(order.sensor)
    if (held) held.push(order)
    else orders.set(order.sensor, [order])
  }
  for (const order of await lampOverridesAt(store, from, context)) add(order)
  const query = { stream: 'lamp-order', from, to: to + lateMs } as const
  for await (const page of paginateEvents(store, query, context))
    for (const { body } of page) {
      const { data } = acknowledgedOrderSchema.safeParse(body)
      // a checkpoint says again what is in force, with the time since when
      if (data && data.since >= from && data.since < to) add(data)
    }
  return orders
}
