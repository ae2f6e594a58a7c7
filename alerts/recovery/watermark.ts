import type { Logger } from 'pino'
import { z } from 'zod'
import type { TelemetryStore } from '#storage/store.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { AlertsMetrics } from '../metrics.ts'

const markSchema = z.object({ until: timestampSchema })
const id = 'alerts'

/** The watermark: up to when everything was evaluated and the outcome is in the store. The next session continues there. */
export class Watermark {
  readonly #store: TelemetryStore
  readonly #metrics: AlertsMetrics
  readonly #log: Logger

  constructor(options: { store: TelemetryStore; metrics: AlertsMetrics; log: Logger }) {
    this.#store = options.store
    this.#metrics = options.metrics
    this.#log = options.log
  }

  /** The mark of the last session, epoch ms; undefined when there was none. @throws StoreUnavailableError */
  async load(): Promise<number | undefined> {
    const documents = await this.#store.readDocuments('watch')
    const { data } = markSchema.safeParse(documents.find((document) => document.id === id)?.body)
    return data?.until
  }

  /** Does not reject: without it the next session reads further back. */
  async store(until: number): Promise<void> {
    try {
      await this.#store.putDocument('watch', { id, body: { until } })
      this.#metrics.watchedUntil.set(until / 1_000)
    } catch (error) {
      this.#log.debug({ err: error }, 'the store does not note up to when alerts watched')
    }
  }
}
