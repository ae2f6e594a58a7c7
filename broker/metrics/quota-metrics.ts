import { Gauge, type Registry } from 'prom-client'

/** What all users share. */
export interface Shared {
  /** what all have together */
  subscriptions(): number
  retainedMessages(): number
  retainedBytes(): number
  /** Shares by what they are of: the bound of one user, and what the user with most has. */
  shares: Record<string, { limit: number; largest(): number }>
}

/** Shows what all users have together, and how near the user with most is to its share. */
export function registerQuotaMetrics(
  registry: Registry,
  { subscriptions, retainedMessages, retainedBytes, shares }: Shared,
): void {
  const registers = [registry]
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value())
      },
    })
  gauge('nhip_broker_retained_messages', 'retained messages held', retainedMessages)
  gauge('nhip_broker_retained_bytes', 'bytes of retained messages held', retainedBytes)
  gauge('nhip_broker_subscriptions', 'subscriptions of clients and kept sessions', subscriptions)
  const limits = new Gauge({
    name: 'nhip_broker_share_limit',
    help: 'what one device may have (MAX_…_PER_USER)',
    labelNames: ['of'],
    registers,
  })
  for (const [of, { limit }] of Object.entries(shares)) limits.set({ of }, limit)
  new Gauge({
    name: 'nhip_broker_share_largest',
    help: 'what the user with most has',
    labelNames: ['of'],
    registers,
    collect() {
      for (const [of, { largest }] of Object.entries(shares)) this.set({ of }, largest())
    },
  })
}
