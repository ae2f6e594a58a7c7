import { Gauge, type Registry } from 'prom-client'
import type { BrokerLimits } from '../limits/limits.ts'

/** What users share. `size` and `bytes` are of all users, `largest` of the user with most. */
export interface QuotaUsage {
  connections: { readonly largest: number }
  sessions: { readonly largest: number }
  subscriptions: { readonly size: number; readonly largest: number }
  retained: {
    readonly size: number
    readonly bytes: number
    readonly largest: number
    /** bytes of the user with most */
    readonly largestBytes: number
  }
}

/** Registers gauges of what all users have together, and of how near the user with most is to its quota (MAX_…_PER_USER). */
export function registerQuotaMetrics(registry: Registry, limits: BrokerLimits, usage: QuotaUsage): void {
  const registers = [registry]
  const { connections, sessions, subscriptions, retained } = usage
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value())
      },
    })
  gauge('nhip_broker_retained_messages', 'retained messages held', () => retained.size)
  gauge('nhip_broker_retained_bytes', 'bytes of retained messages held', () => retained.bytes)
  gauge('nhip_broker_subscriptions', 'subscriptions of clients and kept sessions', () => subscriptions.size)
  const quotas: Record<string, { limit: number; largest(): number }> = {
    connections: { limit: limits.MAX_CONNECTIONS_PER_USER, largest: () => connections.largest },
    sessions: { limit: limits.MAX_SESSIONS_PER_USER, largest: () => sessions.largest },
    subscriptions: { limit: limits.MAX_SUBSCRIPTIONS_PER_USER, largest: () => subscriptions.largest },
    retainedMessages: { limit: limits.MAX_RETAINED_PER_USER, largest: () => retained.largest },
    retainedBytes: { limit: limits.MAX_RETAINED_BYTES_PER_USER, largest: () => retained.largestBytes },
  }
  const limitOf = new Gauge({
    name: 'nhip_broker_share_limit',
    help: 'what one device may have (MAX_…_PER_USER)',
    labelNames: ['of'],
    registers,
  })
  for (const [of, { limit }] of Object.entries(quotas)) limitOf.set({ of }, limit)
  new Gauge({
    name: 'nhip_broker_share_largest',
    help: 'what the user with most has',
    labelNames: ['of'],
    registers,
    collect() {
      for (const [of, { largest }] of Object.entries(quotas)) this.set({ of }, largest())
    },
  })
}
