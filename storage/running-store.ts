import { PlatformError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import type { Backoff } from '#telemetry/retry/backoff.ts'
import { type RetryFault, retry } from '#telemetry/retry/retry.ts'
import type { AlertSearch } from './alert-search.ts'
import { BatchSize } from './batch-size.ts'
import type { AboveQuery, PercentilesQuery, RollUpQuery, SensorCorrections } from './roll-ups.ts'
import type { RunningStoreMetrics } from './running-store-metrics.ts'
import type {
  AmountsQuery,
  BucketQuery,
  CountsQuery,
  DocumentCollection,
  EventStream,
  EventsQuery,
  HistoryQuery,
  MeansQuery,
  QueryContext,
  ReadingsQuery,
  StoredDocument,
  StoredEvent,
  TelemetryStore,
  WriteResult,
} from './store.ts'

/** When a call to the store is tried again, and who is told. */
export interface RunningStoreOptions {
  store: TelemetryStore
  /** between two tries of one call */
  backoff: Backoff
  /** once it is aborted, a call that fails is not tried again */
  signal: AbortSignal
  metrics: RunningStoreMetrics
  /** called with each fault that is followed by another try: to log it */
  onFault?: (fault: RetryFault) => void
  /** called after each call that succeeds */
  onSuccess?: () => void
}

/** A part of a batch that is stored. */
export interface StoredPart extends WriteResult {
  /** readings */
  length: number
}

/** Which part of a batch failed: what is before it is stored, what is behind it was not tried. */
export interface FailedPart {
  /** index of its first reading */
  from: number
  /** index behind its last reading */
  to: number
  /** readings before the part that corrected another */
  corrected: number
}

/** The store rejects a part of a batch. */
export class PartRejectedError extends StoreRejectedError {
  readonly part: FailedPart

  constructor(error: StoreRejectedError, part: FailedPart) {
    super(error.message, error, { past: error.past })
    this.part = part
  }
}

/** The code of the store fails over a part of a batch; what it failed with is the cause. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError'
  readonly part: FailedPart

  constructor(cause: unknown, part: FailedPart) {
    super(`the store fails over readings ${part.from} to ${part.to - 1} of a batch: ${String(cause)}`, { cause })
    this.part = part
  }
}

/** Whether the same call may succeed later: what is larger than the store takes at once never does. */
function mayPass(error: unknown): boolean {
  if (error instanceof StoreUnavailableError && error.tooLarge) return false
  return error instanceof PlatformError && error.retryable
}

/**
 * A store whose calls are tried again, with back-off and jitter, while it takes or gives nothing now; a rejection gets out at
 * once. A batch of readings is written in parts of a size that the store takes. Who must answer at once asks the store itself.
 * `ping`, `close`, `sortReadings` and what is read in pages are the store's own.
 *
 * Not for who tries again with what is newest then, such as the presence log and the api's cache of documents: see RepeatedTask.
 */
export class RunningStore implements TelemetryStore {
  readonly #store: TelemetryStore
  readonly #options: RunningStoreOptions
  readonly #size = new BatchSize()

  constructor(options: RunningStoreOptions) {
    this.#store = options.store
    this.#options = options
  }

  /** Tries a task of several calls, as one call is tried. */
  async retry<T>(task: () => Promise<T>, isRetryable = mayPass): Promise<T> {
    const { backoff, signal, metrics, onSuccess } = this.#options
    let isWaiting = false
    const onFault = (fault: RetryFault) => {
      metrics.retries.inc()
      if (!isWaiting) metrics.waiting.inc()
      isWaiting = true
      this.#options.onFault?.(fault)
    }
    try {
      const result = await retry(task, { backoff, signal, isRetryable, onFault })
      onSuccess?.()
      return result
    } finally {
      if (isWaiting) metrics.waiting.dec()
    }
  }

  /**
   * Calls `onPart` with each part as soon as it is stored.
   * @throws PartRejectedError when the store rejects some of the readings, PartFailedError when its code fails over some
   */
  async write(readings: readonly Reading[], onPart?: (part: StoredPart) => void): Promise<WriteResult> {
    let corrected = 0
    for (let from = 0; from < readings.length; ) {
      const isRetryable = (error: unknown) => error instanceof PlatformError && error.retryable
      const written = await this.retry(() => this.#writePart(readings, from, corrected), isRetryable)
      corrected += written.corrected
      from += written.length
      onPart?.(written)
    }
    return { corrected }
  }

  async #writePart(readings: readonly Reading[], from: number, before: number): Promise<StoredPart> {
    const part = readings.slice(from, from + this.#size.current)
    try {
      const { corrected } = await this.#store.write(part)
      this.#size.recordSuccess()
      return { corrected, length: part.length }
    } catch (error) {
      const failed = { from, to: from + part.length, corrected: before }
      if (error instanceof StoreRejectedError) throw new PartRejectedError(error, failed)
      if (!(error instanceof PlatformError)) throw new PartFailedError(error, failed)
      this.#size.recordFailure()
      throw error
    }
  }

  keptMs = (): number => this.#store.keptMs()
  latest = (): Promise<NewestReading[]> => this.retry(() => this.#store.latest())
  history = (query: HistoryQuery, context?: QueryContext) => this.retry(() => this.#store.history(query, context))
  buckets = (query: BucketQuery, context?: QueryContext) => this.retry(() => this.#store.buckets(query, context))
  readings = (query: ReadingsQuery, context?: QueryContext) => this.#store.readings(query, context)
  newest = (span: { kind: Kind; from: number; to: number }, context?: QueryContext) =>
    this.retry(() => this.#store.newest(span, context))
  newestAhead = (span: { kind: Kind; from: number; to: number }) => this.retry(() => this.#store.newestAhead(span))
  firstReadingAt = (span: { from: number; to: number }, context?: QueryContext) =>
    this.retry(() => this.#store.firstReadingAt(span, context))
  counts = (query: CountsQuery, context?: QueryContext) => this.retry(() => this.#store.counts(query, context))
  means = (query: MeansQuery, context?: QueryContext) => this.retry(() => this.#store.means(query, context))
  count = (kind?: Kind) => this.retry(() => this.#store.count(kind))
  identities = (span: { kind: Kind; from: number; to: number }) => this.#store.identities(span)
  appendEvents = (events: readonly StoredEvent[]) => this.retry(() => this.#store.appendEvents(events))
  readEvents = (query: EventsQuery, context?: QueryContext) => this.retry(() => this.#store.readEvents(query, context))
  eventHeads = (query: EventsQuery, context?: QueryContext) => this.retry(() => this.#store.eventHeads(query, context))
  eventAmounts = (query: AmountsQuery, context?: QueryContext) =>
    this.retry(() => this.#store.eventAmounts(query, context))
  searchAlerts = (search: AlertSearch, context?: QueryContext) =>
    this.retry(() => this.#store.searchAlerts(search, context))
  countEvents = (stream: EventStream, context?: QueryContext) =>
    this.retry(() => this.#store.countEvents(stream, context))
  putDocument = (collection: DocumentCollection, document: StoredDocument) =>
    this.retry(() => this.#store.putDocument(collection, document))
  removeDocument = (collection: DocumentCollection, id: string) =>
    this.retry(() => this.#store.removeDocument(collection, id))
  readDocuments = (collection: DocumentCollection) => this.retry(() => this.#store.readDocuments(collection))
  rollUps = (query: RollUpQuery, context?: QueryContext) => this.retry(() => this.#store.rollUps(query, context))
  percentiles = (query: PercentilesQuery, context?: QueryContext) =>
    this.retry(() => this.#store.percentiles(query, context))
  above = (query: AboveQuery, context?: QueryContext) => this.retry(() => this.#store.above(query, context))
  weigh = (query: RollUpQuery) => this.retry(() => this.#store.weigh(query))
  upkeepState = () => this.retry(() => this.#store.upkeepState())
  upkeep = (step: { until: number; maxReadings: number }) => this.retry(() => this.#store.upkeep(step))
  putCorrections = (correction: SensorCorrections) => this.retry(() => this.#store.putCorrections(correction))
  trimRollUps = (before: number) => this.retry(() => this.#store.trimRollUps(before))
  resetRollUps = () => this.retry(() => this.#store.resetRollUps())
  trim = (before: number) => this.retry(() => this.#store.trim(before))
  trimEvents = (stream: EventStream, before: number) => this.retry(() => this.#store.trimEvents(stream, before))
  sortReadings = (before: number) => this.#store.sortReadings(before)
  ping = () => this.#store.ping()
  close = () => this.#store.close()
}
