import { createHash } from 'node:crypto'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { Quarantined } from '#telemetry/rest.ts'
import type { Refusal } from './decode.ts'

/** bytes of a payload that are kept */
const maxPayloadBytes = 2_048
/** refusals kept with their payload a minute; the others are counted only */
const maxPerMinute = 600

function toEvent(refusal: Refusal): StoredEvent {
  const body: Quarantined = {
    ts: refusal.arrivedAt,
    topic: refusal.topic,
    payload: Buffer.from(refusal.payload.subarray(0, maxPayloadBytes)).toString('utf8'),
    code: refusal.code,
    reason: refusal.reason,
  }
  const id = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32)
  return { stream: 'quarantine', id, ts: refusal.arrivedAt, body }
}

/** Keeps what does not validate, with its reason; bounded, so that a sensor gone mad does not fill the store. */
export class Quarantine {
  readonly #store: TelemetryStore
  #minute = 0
  #kept = 0

  constructor(store: TelemetryStore) {
    this.#store = store
  }

  /** Durable when it resolves; the same refusal kept twice is one. */
  async keep(refusals: readonly Refusal[], now: number): Promise<void> {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#kept = 0
    }
    const room = refusals.slice(0, Math.max(0, maxPerMinute - this.#kept))
    this.#kept += room.length
    if (room.length > 0) await this.#store.appendEvents(room.map(toEvent))
  }
}
