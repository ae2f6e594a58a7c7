import type { Span } from '#storage/roll-up/spans.ts'
import { levelOf } from '#telemetry/command.ts'
import type { AcknowledgedOrder } from '#telemetry/lamp-override.ts'

/** What somebody ordered a lamp to do, or that it followed its schedule. */
export type Ordered = 'off' | 'on' | 'schedule'

/** A part of a span (epoch ms) with what was ordered in it. */
export interface OrderedSpan {
  from: number
  to: number
  ordered: Ordered
}

/**
 * A span of one lamp cut by the orders that it acknowledged, which may come in any order: each is in force until its end, or until the
 * next one of the lamp. Parts without one follow the schedule.
 */
export function orderedSpans(
  orders: readonly Pick<AcknowledgedOrder, 'order' | 'since'>[],
  { from, to }: Span,
): OrderedSpan[] {
  const found: OrderedSpan[] = []
  const add = (begin: number, end: number, ordered: Ordered) => {
    const last = found.at(-1)
    if (begin >= end) return
    if (last?.ordered === ordered) last.to = end
    else found.push({ from: begin, to: end, ordered })
  }
  let at = from
  const sorted = orders.toSorted((a, b) => a.since - b.since)
  for (const [index, { order, since }] of sorted.entries()) {
    const next = sorted[index + 1]?.since ?? to
    const until = Math.min('until' in order ? (order.until ?? next) : next, next, to)
    const level = levelOf(order)
    const begin = Math.max(since, at)
    if (level === undefined || begin >= until) continue
    add(at, begin, 'schedule')
    add(begin, until, level > 0 ? 'on' : 'off')
    at = until
  }
  add(at, to, 'schedule')
  return found
}
