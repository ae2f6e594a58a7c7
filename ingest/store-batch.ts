import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { PlatformError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import type { BatchSize } from './batch-size.ts'
import type { Refusal } from './decode.ts'
import type { IngestMetrics } from './metrics.ts'

const firstDelayMs = 200
const maxDelayMs = 5_000

export interface StoreBatchOptions {
  store: TelemetryStore
  metrics: IngestMetrics
  log: Logger
  size: BatchSize
  signal: AbortSignal
  /** told whether the store takes what it is given */
  tellWrites?: (failing: boolean) => void
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** Tries until it succeeds, with back-off and jitter; only a rejection for content, or the end of ingest, gets out. */
export async function untilStored(task: () => Promise<void>, options: StoreBatchOptions): Promise<void> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      await task()
      options.tellWrites?.(false)
      return
    } catch (error) {
      if (options.signal.aborted || (error instanceof PlatformError && !error.retryable)) throw error
      options.metrics.retries.inc()
      options.tellWrites?.(true)
      options.log.warn({ err: error }, 'the store takes nothing now; the journal keeps what waits')
      const asked = error instanceof StoreUnavailableError ? (error.retryAfterMs ?? 0) : 0
      await sleep(Math.max(asked, delayMs * (0.5 + Math.random() / 2)), options.signal)
      if (options.signal.aborted) throw error
    }
  }
}

/** A reading that decoded well and is refused all the same. */
export function asRefusal(item: LiveReading, code: 'STORE' | 'PAST', reason: string): Refusal {
  const { reading, arrivedAt } = item
  const { ts, seq, values } = reading
  return {
    code,
    reason,
    topic: sensorTopic({ ...reading, channel: 'reading' }),
    payload: Buffer.from(JSON.stringify({ ts, seq, ...values })),
    arrivedAt,
  }
}

/** Writes a batch in parts of a size that the store takes. A part that it rejects for its content is split until the bad reading is found; answers those. */
export async function storeBatch(batch: readonly LiveReading[], options: StoreBatchOptions): Promise<Refusal[]> {
  const { store, metrics, size } = options
  const refusals: Refusal[] = []
  let from = 0
  const next = async () => {
    const part = batch.slice(from, from + size.current)
    try {
      await store.write(part.map((item) => item.reading))
      metrics.stored.inc(part.length)
      size.succeeded()
    } catch (error) {
      if (!(error instanceof StoreRejectedError)) {
        size.failed()
        throw error
      }
      refusals.push(...(await split(part, error, options)))
    }
    from += part.length
  }
  while (from < batch.length) await untilStored(next, options)
  return refusals
}

async function split(part: readonly LiveReading[], error: Error, options: StoreBatchOptions): Promise<Refusal[]> {
  const [only] = part
  if (part.length === 1 && only) return [asRefusal(only, 'STORE', error.message)]
  const half = Math.ceil(part.length / 2)
  const first = await storeBatch(part.slice(0, half), options)
  return first.concat(await storeBatch(part.slice(half), options))
}
