import { eventPages } from '#storage/event-pages.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Quarantined, quarantinedSchema } from '#telemetry/rest.ts'
import type { IngestMetrics } from './metrics.ts'

/** Bounds of all that the quarantine keeps. */
export interface QuarantineBounds {
  /** entries in all; beyond it the oldest go */
  maxEntries: number
  /** bytes of payload in all; beyond it the oldest go */
  maxBytes: number
  /** ms that an entry is kept */
  maxAgeMs: number
}

/** entries added between two looks at the bounds on number and age */
const entriesPerTrim = 500
/** entries read at once */
const pageSize = 500
/** share of the most bytes that is left, so that not each further entry is one too many */
const trimTo = 0.9

interface Parts {
  store: TelemetryStore
  metrics: Pick<IngestMetrics, 'quarantineBytes'>
  bounds: QuarantineBounds
}

/** Holds the quarantine to its bounds, whoever puts entries there. */
export class QuarantineSize {
  readonly #store: TelemetryStore
  readonly #metrics: Pick<IngestMetrics, 'quarantineBytes'>
  readonly #bounds: QuarantineBounds
  #untilTrim = 0
  /** bytes of payload in the store; undefined until they were counted */
  #bytes: number | undefined

  constructor({ store, metrics, bounds }: Parts) {
    this.#store = store
    this.#metrics = metrics
    this.#bounds = bounds
  }

  /** Takes note of entries that the store has; removes the oldest when there are too many. */
  async added(entries: readonly Quarantined[], now: number): Promise<void> {
    if (this.#bytes !== undefined) for (const { payload } of entries) this.#bytes += payload.length
    await this.#trim(entries.length, now)
    this.#metrics.quarantineBytes.set(this.#bytes ?? Number.NaN)
  }

  async #trim(added: number, now: number): Promise<void> {
    this.#untilTrim -= added
    const { maxEntries, maxBytes, maxAgeMs } = this.#bounds
    const isHeavy = this.#bytes !== undefined && this.#bytes > maxBytes
    if (this.#untilTrim > 0 && !isHeavy) return
    this.#untilTrim = entriesPerTrim
    await this.#store.trimEvents('quarantine', now - maxAgeMs)
    if (this.#bytes === undefined || isHeavy) this.#bytes = await this.#trimBytes(maxBytes * trimTo)
    if ((await this.#store.countEvents('quarantine')) <= maxEntries) return
    const newest = await this.#store.eventHeads({ stream: 'quarantine', limit: maxEntries })
    const oldestKept = newest.at(-1)
    if (oldestKept) await this.#store.trimEvents('quarantine', oldestKept.ts)
  }

  /** Removes the oldest entries beyond so many characters of payload; answers how many are kept. */
  async #trimBytes(maxBytes: number): Promise<number> {
    let bytes = 0
    for await (const page of eventPages(this.#store, { stream: 'quarantine', pageSize }))
      for (const { ts, body } of page) {
        const length = quarantinedSchema.safeParse(body).data?.payload.length ?? 0
        if (bytes + length > maxBytes) {
          await this.#store.trimEvents('quarantine', ts + 1)
          return bytes
        }
        bytes += length
      }
    return bytes
  }
}
