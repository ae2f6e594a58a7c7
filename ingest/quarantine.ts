import { createHash } from 'node:crypto'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { Quarantined } from '#telemetry/rest.ts'
import type { IngestMetrics } from './metrics.ts'
import type { Refusal } from './refusal.ts'

/** Bounds of the quarantine, so that a sensor gone mad does not fill the store. */
export interface QuarantineLimits {
  /** bytes of a payload that are kept */
  maxPayloadBytes: number
  /** entries of one topic and reason a minute; the last one stands for all further ones of its batch */
  maxAlikePerMinute: number
  /** entries a minute; further messages are counted only */
  maxPerMinute: number
  /** entries in all; beyond it the oldest go */
  maxEntries: number
  /** ms that an entry is kept */
  maxAgeMs: number
}

export const quarantineLimits: QuarantineLimits = {
  maxPayloadBytes: 4_096,
  maxAlikePerMinute: 60,
  maxPerMinute: 600,
  maxEntries: 10_000,
  maxAgeMs: 30 * 86_400_000,
}

/** entries added between two looks at the bounds on number and age */
const entriesPerTrim = 500

interface Parts {
  store: TelemetryStore
  metrics: IngestMetrics
  limits?: QuarantineLimits
}

/** Keeps what does not validate, with its reason. */
export class Quarantine {
  readonly #store: TelemetryStore
  readonly #metrics: IngestMetrics
  readonly #limits: QuarantineLimits
  readonly #alike = new Map<string, number>()
  #minute = 0
  #kept = 0
  #untilTrim = 0

  constructor({ store, metrics, limits = quarantineLimits }: Parts) {
    this.#store = store
    this.#metrics = metrics
    this.#limits = limits
  }

  /** Chooses what there is room for; the others are counted. */
  select(refusals: readonly Refusal[], now: number): Quarantined[] {
    this.#newMinute(Math.floor(now / 60_000))
    const entries: Quarantined[] = []
    const lastAlike = new Map<string, Quarantined>()
    for (const refusal of refusals) {
      const key = `${refusal.topic} ${refusal.code} ${refusal.reason}`
      if (this.#hasRoom(key)) {
        const entry = this.#entryOf(refusal)
        entries.push(entry)
        lastAlike.set(key, entry)
      } else {
        const alike = lastAlike.get(key)
        if (alike) alike.count += refusal.count
        this.#metrics.quarantineOverflow.inc(refusal.count)
      }
    }
    return entries
  }

  /** Durable when it resolves; an entry kept twice is one. */
  async keep(entries: readonly Quarantined[], now: number): Promise<void> {
    if (entries.length === 0) return
    await this.#store.appendEvents(entries.map(toEvent))
    await this.#trim(entries.length, now)
  }

  #newMinute(minute: number): void {
    if (minute === this.#minute) return
    this.#minute = minute
    this.#kept = 0
    this.#alike.clear()
  }

  #hasRoom(key: string): boolean {
    const alike = this.#alike.get(key) ?? 0
    if (this.#kept >= this.#limits.maxPerMinute || alike >= this.#limits.maxAlikePerMinute) return false
    this.#alike.set(key, alike + 1)
    this.#kept += 1
    return true
  }

  #entryOf({ topic, payload, code, reason, arrivedAt, count }: Refusal): Quarantined {
    return {
      ts: arrivedAt,
      topic,
      payload: Buffer.from(payload.subarray(0, this.#limits.maxPayloadBytes)).toString('utf8'),
      payloadBytes: payload.byteLength,
      code,
      reason,
      count,
    }
  }

  async #trim(added: number, now: number): Promise<void> {
    this.#untilTrim -= added
    if (this.#untilTrim > 0) return
    this.#untilTrim = entriesPerTrim
    const { maxEntries, maxAgeMs } = this.#limits
    await this.#store.trimEvents('quarantine', now - maxAgeMs)
    if ((await this.#store.countEvents('quarantine')) <= maxEntries) return
    const newest = await this.#store.eventHeads({ stream: 'quarantine', limit: maxEntries })
    const oldestKept = newest.at(-1)
    if (oldestKept) await this.#store.trimEvents('quarantine', oldestKept.ts)
  }
}

function toEvent(body: Quarantined): StoredEvent {
  const { ts, topic, payload, code } = body
  const id = createHash('sha256')
    .update(JSON.stringify([ts, topic, payload, code]))
    .digest('hex')
    .slice(0, 32)
  return { stream: 'quarantine', id, ts, body }
}
