import { createHash } from 'node:crypto'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { PlatformError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import { type SomeFaults, toldFaults } from '#telemetry/faults/message-reasons.ts'
import { messageOf, quotableText } from '#telemetry/faults/quotable-text.ts'
import { measuredTimes } from '#telemetry/measured-times.ts'
import { notKeptCode, type Quarantined } from '#telemetry/quarantine-rest.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import type { Refusal } from '../decode/refusal.ts'
import type { IngestMetrics } from '../metrics.ts'
import { QuarantineOverflow } from './overflow.ts'
import { type QuarantineLimits, quarantineLimits } from './quarantine-limits.ts'
import { QuarantineQuotas } from './quarantine-quotas.ts'
import { QuarantineSize } from './quarantine-size.ts'

interface Parts {
  store: TelemetryStore
  metrics: IngestMetrics
  limits?: QuarantineLimits
  /** shared with others who put entries there */
  size?: QuarantineSize
}

/** Stores messages that do not validate, with the reason. */
export class Quarantine {
  readonly #store: TelemetryStore
  readonly #metrics: IngestMetrics
  readonly #quotas: QuarantineQuotas
  readonly #overflow: QuarantineOverflow
  /** what is too old goes by a clock that does not jump */
  readonly clock = new SteadyClock()
  readonly #size: QuarantineSize
  #minute = 0

  constructor({ store, metrics, limits = quarantineLimits, size }: Parts) {
    this.#store = store
    this.#metrics = metrics
    this.#quotas = new QuarantineQuotas(limits)
    this.#overflow = new QuarantineOverflow(limits.maxTopicsReported)
    this.#size = size ?? new QuarantineSize({ store, metrics, bounds: limits })
  }

  /** Selects what there is room for; the others are the overflow, counted in entries of their own. */
  select(refusals: readonly Refusal[], now: number): Quarantined[] {
    const entries: Quarantined[] = []
    const minute = Math.floor(now / minuteMs)
    if (minute !== this.#minute) {
      entries.push(...this.#overflow.startMinute())
      this.#minute = minute
    }
    for (const refusal of refusals) {
      const entry = this.#selectSafely(refusal)
      if (entry) entries.push(entry)
    }
    entries.push(...this.#overflow.drainReports())
    return entries
  }

  /** Whether the whole overflow is counted in entries that were selected. */
  get isOverflowReported(): boolean {
    return this.#overflow.isReported
  }

  /** Entries that count the overflow not reported yet. */
  drainOverflow(): Quarantined[] {
    return this.#overflow.drainReports(true)
  }

  /**
   * Durable when it resolves; an entry kept twice is one.
   * @throws StoreRejectedError also when the store itself fails over these entries, or they are larger than it takes at once
   */
  async append(entries: readonly Quarantined[], now: number): Promise<void> {
    if (entries.length === 0) return
    try {
      await this.#store.appendEvents(entries.map(toEvent))
    } catch (error) {
      const tooLarge = error instanceof StoreUnavailableError && error.tooLarge
      if (tooLarge) throw new StoreRejectedError(error.message, error)
      if (error instanceof PlatformError) throw error
      throw new StoreRejectedError(`the platform fails at writing it: ${messageOf(error)}`, error)
    }
    this.#size.recordAppended(entries, now)
  }

  /** A payload that cannot even be read is left out. */
  #selectSafely(refusal: Refusal): Quarantined | undefined {
    try {
      return this.#entryOf(refusal)
    } catch (error) {
      const said = quotableText(messageOf(error))
      const faults: SomeFaults = [...refusal.faults, { code: 'MESSAGE_UNREADABLE', params: { said } }]
      return this.#entryOf({ ...refusal, payload: new Uint8Array(0), faults })
    }
  }

  /** Undefined when there is no room for it, which is then counted. */
  #entryOf(refusal: Refusal): Quarantined | undefined {
    const { topic, payload, code, faults, partial, arrivedAt, count } = refusal
    const most = this.#quotas.roomFor(refusal)
    if (most === undefined) {
      this.#addOverflow(refusal, count, () => measuredTimes(textOf(payload)))
      return undefined
    }
    const text = textOf(payload.subarray(0, most))
    if (payload.byteLength > most) {
      const cutOff = measuredTimes(textOf(payload)).slice(measuredTimes(text).length)
      if (cutOff.length > 0) this.#addOverflow(refusal, cutOff.length, () => cutOff)
    }
    this.#quotas.record(refusal, Math.min(payload.byteLength, most))
    return {
      ...{ ts: arrivedAt, topic, payload: text, payloadBytes: payload.byteLength, code, count },
      ...toldFaults(faults),
      ...(partial && { partial }),
    }
  }

  #addOverflow(refusal: Refusal, count: number, timesOf: () => readonly number[]): void {
    this.#overflow.add(refusal, count, timesOf)
    this.#metrics.quarantineNotKept.inc(count)
  }
}

const textOf = (payload: Uint8Array) => Buffer.from(payload).toString('utf8')

function toEvent(body: Quarantined): StoredEvent {
  const { ts, topic, payload, code, count } = body
  const id = createHash('sha256')
    .update(JSON.stringify([ts, topic, payload, code, ...(code === notKeptCode ? [count] : [])]))
    .digest('hex')
    .slice(0, 32)
  return { stream: 'quarantine', id, ts, body }
}
