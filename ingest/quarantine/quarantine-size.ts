import type { Logger } from 'pino'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { type Quarantined, quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { retry } from '#telemetry/retry/retry.ts'
import type { IngestMetrics } from '../metrics.ts'

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
/** most ms until a removal that failed is tried again */
const againMs = 10_000

export interface QuarantineSizeOptions {
  store: TelemetryStore
  metrics: Pick<IngestMetrics, 'quarantineBytes'>
  bounds: QuarantineBounds
  log?: Logger
  againMs?: number
}

const bytesOf = ({ payload }: Pick<Quarantined, 'payload'>) => Buffer.byteLength(payload)

/**
 * Holds the quarantine to its bounds, whoever puts entries there. Removal goes on behind those who do, one at a time: whether an entry is kept has
 * nothing to do with whether an older one can be removed. While the store removes nothing, the quarantine grows beyond its bounds by what its shares
 * of a minute allow.
 */
export class QuarantineSize {
  readonly #options: QuarantineSizeOptions
  #untilTrim = 0
  /** bytes of payload in the store; undefined until they were counted */
  #bytes: number | undefined
  /** bytes added since the counting under way began: it may have seen them or not */
  #addedMeanwhile = 0
  /** the newest time that was recorded, epoch ms */
  #now = 0
  #trimming: Promise<void> | undefined
  readonly #closing = new AbortController()

  constructor(options: QuarantineSizeOptions) {
    this.#options = options
  }

  /** Counts entries that were stored; starts to remove the oldest when there are too many. Never waits and never throws. */
  recordAppended(entries: readonly Quarantined[], now: number): void {
    const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
    this.#now = now
    this.#untilTrim -= entries.length
    this.#addedMeanwhile += bytes
    if (this.#bytes !== undefined) this.#setBytes(this.#bytes + bytes)
    this.#trimIfDue()
  }

  #setBytes(bytes: number): void {
    this.#bytes = bytes
    this.#options.metrics.quarantineBytes.set(bytes)
  }

  get #isHeavy(): boolean {
    return this.#bytes !== undefined && this.#bytes > this.#options.bounds.maxBytes
  }

  /** Not while one is under way, or waits to be tried again. */
  #trimIfDue(): void {
    if (this.#closing.signal.aborted || this.#trimming || (this.#untilTrim > 0 && !this.#isHeavy)) return
    this.#untilTrim = entriesPerTrim
    const { log, againMs: longestMs = againMs } = this.#options
    const trimming = retry(() => this.#trim(), {
      backoff: { firstMs: longestMs, longestMs },
      signal: this.#closing.signal,
      isRetryable: () => true,
      onFault: ({ error, waitMs }) =>
        log?.warn({ err: error, waitMs }, 'the oldest of the quarantine cannot be removed now; trying again'),
    })
    const end = () => {
      this.#trimming = undefined
      this.#trimIfDue()
    }
    this.#trimming = trimming.then(end, end)
  }

  async #trim(): Promise<void> {
    const { store, bounds } = this.#options
    await store.trimEvents('quarantine', this.#now - bounds.maxAgeMs)
    if (this.#bytes === undefined || this.#isHeavy) {
      this.#addedMeanwhile = 0
      const kept = await this.#trimBytes(bounds.maxBytes * trimTo)
      this.#setBytes(kept + this.#addedMeanwhile)
    }
    if ((await store.countEvents('quarantine')) <= bounds.maxEntries) return
    const newest = await store.eventHeads({ stream: 'quarantine', limit: bounds.maxEntries })
    const oldestKept = newest.at(-1)
    if (oldestKept) await store.trimEvents('quarantine', oldestKept.ts)
  }

  /** Removes the oldest entries beyond so many bytes of payload; returns how many bytes are kept. */
  async #trimBytes(maxBytes: number): Promise<number> {
    const { store } = this.#options
    let bytes = 0
    for await (const page of paginateEvents(store, { stream: 'quarantine', pageSize }))
      for (const { ts, body } of page) {
        const { data } = quarantinedSchema.safeParse(body)
        const length = data ? bytesOf(data) : 0
        if (bytes + length > maxBytes) {
          await store.trimEvents('quarantine', ts + 1)
          return bytes
        }
        bytes += length
      }
    return bytes
  }

  /** Waits for what is being removed, and tries nothing again. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#trimming
  }
}
