import { createHash } from 'node:crypto'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { PlatformError, StoreRejectedError } from '#telemetry/errors.ts'
import { messageOf, plainText } from '#telemetry/refusal-words.ts'
import type { Quarantined } from '#telemetry/rest.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import type { IngestMetrics } from './metrics.ts'
import { NotKept } from './not-kept.ts'
import { trimBytes } from './quarantine-bytes.ts'
import type { Refusal } from './refusal.ts'

/** Bounds of the quarantine, so that a sensor gone mad does not fill the store. */
export interface QuarantineLimits {
  /** bytes of a payload that are kept: as long as a packet may be */
  maxPayloadBytes: number
  /** bytes of payload of one topic a minute; beyond it the first `cutPayloadBytes` of each are kept */
  maxTopicBytesPerMinute: number
  cutPayloadBytes: number
  /** entries of one topic a minute: a share of `maxPerMinute`; further messages are counted, not kept */
  maxTopicPerMinute: number
  /** entries a minute; further messages are counted, not kept */
  maxPerMinute: number
  /** topics a minute whose messages that were not kept are told one by one; those of further topics are told together */
  maxTopicsTold: number
  /** entries in all; beyond it the oldest go */
  maxEntries: number
  /** bytes of payload in all; beyond it the oldest go */
  maxBytes: number
  /** ms that an entry is kept */
  maxAgeMs: number
}

export const quarantineLimits: QuarantineLimits = {
  maxPayloadBytes: 262_144,
  maxTopicBytesPerMinute: 524_288,
  cutPayloadBytes: 4_096,
  maxTopicPerMinute: 60,
  maxPerMinute: 600,
  maxTopicsTold: 100,
  maxEntries: 10_000,
  maxBytes: 67_108_864,
  maxAgeMs: 30 * 86_400_000,
}

/** entries added between two looks at the bounds on number and age */
const entriesPerTrim = 500
/** share of the most bytes that is left, so that not each further entry is one too many */
const trimTo = 0.9

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
  readonly #shares = new Map<string, { entries: number; bytes: number }>()
  readonly #notKept: NotKept
  /** what is too old goes by a clock that does not jump */
  readonly clock = new SteadyClock()
  #minute = 0
  #kept = 0
  #untilTrim = 0
  /** bytes of payload in the store; undefined until they were counted */
  #bytes: number | undefined

  constructor({ store, metrics, limits = quarantineLimits }: Parts) {
    this.#store = store
    this.#metrics = metrics
    this.#limits = limits
    this.#notKept = new NotKept(limits.maxTopicsTold)
  }

  /** Chooses what there is room for; the others are counted, and told by entries of their own. */
  select(refusals: readonly Refusal[], now: number): Quarantined[] {
    const entries: Quarantined[] = []
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      entries.push(...this.#notKept.newMinute())
      this.#minute = minute
      this.#kept = 0
      this.#shares.clear()
    }
    for (const refusal of refusals) {
      const entry = this.#safely(refusal)
      if (entry) entries.push(entry)
      else {
        this.#notKept.add(refusal)
        this.#metrics.quarantineNotKept.inc(refusal.count)
      }
    }
    entries.push(...this.#notKept.untold())
    return entries
  }

  /**
   * Durable when it resolves; an entry kept twice is one.
   * @throws StoreRejectedError also when the store itself fails over these entries
   */
  async keep(entries: readonly Quarantined[], now: number): Promise<void> {
    if (entries.length === 0) return
    await this.#append(entries)
    if (this.#bytes !== undefined) for (const { payload } of entries) this.#bytes += payload.length
    await this.#trim(entries.length, now)
  }

  async #append(entries: readonly Quarantined[]): Promise<void> {
    try {
      await this.#store.appendEvents(entries.map(toEvent))
    } catch (error) {
      if (error instanceof PlatformError) throw error
      throw new StoreRejectedError(`the platform fails at writing it: ${messageOf(error)}`, error)
    }
  }

  /** A payload that cannot even be read is left out. */
  #safely(refusal: Refusal): Quarantined | undefined {
    try {
      return this.#entryOf(refusal)
    } catch (error) {
      const reason = plainText(`${refusal.reason} (its message cannot be kept: ${messageOf(error)})`)
      return this.#entryOf({ ...refusal, payload: new Uint8Array(0), reason })
    }
  }

  /** Undefined when there is no room for it. */
  #entryOf({ topic, payload, code, reason, more, partial, arrivedAt, count }: Refusal): Quarantined | undefined {
    const { maxPerMinute, maxTopicPerMinute, maxTopicBytesPerMinute, maxPayloadBytes, cutPayloadBytes } = this.#limits
    const share = this.#shares.get(topic) ?? { entries: 0, bytes: 0 }
    if (this.#kept >= maxPerMinute || share.entries >= maxTopicPerMinute) return undefined
    const most = share.bytes + payload.byteLength > maxTopicBytesPerMinute ? cutPayloadBytes : maxPayloadBytes
    const text = Buffer.from(payload.subarray(0, most)).toString('utf8')
    this.#shares.set(topic, { entries: share.entries + 1, bytes: share.bytes + Math.min(payload.byteLength, most) })
    this.#kept += 1
    return {
      ...{ ts: arrivedAt, topic, payload: text, payloadBytes: payload.byteLength, code, reason, count },
      ...(more && { more: [...more] }),
      ...(partial && { partial }),
    }
  }

  async #trim(added: number, now: number): Promise<void> {
    this.#untilTrim -= added
    const isHeavy = this.#bytes !== undefined && this.#bytes > this.#limits.maxBytes
    if (this.#untilTrim > 0 && !isHeavy) return
    this.#untilTrim = entriesPerTrim
    const { maxEntries, maxAgeMs } = this.#limits
    await this.#store.trimEvents('quarantine', now - maxAgeMs)
    if (this.#bytes === undefined || isHeavy) this.#bytes = await trimBytes(this.#store, this.#limits.maxBytes * trimTo)
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
