import type { Journal, JournalRecord } from '#journal/journal.ts'
import { PlatformError } from '#telemetry/errors.ts'
import type { BrokerMetrics } from '../metrics.ts'

/** Who brought readings to the gate and is told what became of them. */
export interface Bringer {
  /** It is on disk. `tag` is what it was brought with. */
  kept(record: JournalRecord, tag: number): void
  /** All that went to disk in the same write has been told. */
  settled(): void
  /** The journal does not take it, and trying again does not help. */
  failed(error: unknown): void
}

/** The way of readings into the journal. */
export interface JournalGate {
  /** Keeps a reading together with all others of this turn of the event loop. */
  bring(record: JournalRecord, bringer: Bringer, tag: number): void
  /** Keeps one; resolves when it is on disk. */
  keep(topic: string, payload: Uint8Array): Promise<void>
}

/** Readings that came in the same turn of the event loop: one append, one promise. */
interface Handful {
  records: JournalRecord[]
  bringers: Bringer[]
  tags: number[]
  /** when the first came, ms of performance.now */
  began: number
}

const firstDelayMs = 50
const maxDelayMs = 1_000

/**
 * Holds messages until the journal has them. While the journal is full or away they wait here and their PUBACKs with
 * them, so the sensors keep their readings; they fail once `signal` is aborted, or with a fault that trying again does not mend.
 */
export function journalGate(
  journal: Pick<Journal, 'append'>,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  warn: (e: unknown) => void,
): JournalGate {
  let open: Handful | undefined
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
  const untilKept = async (records: readonly JournalRecord[], fault: unknown): Promise<void> => {
    for (let error = fault, delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
      if (signal.aborted || !(error instanceof PlatformError && error.retryable)) throw error
      metrics.refused.inc({ what: 'journal' }, records.length)
      warn(error)
      await pause(delayMs)
      try {
        return await journal.append(records)
      } catch (again) {
        error = again
      }
    }
  }
  const release = ({ records, bringers, tags, began }: Handful) => {
    const waited = (performance.now() - began) / 1_000
    metrics.readings.inc(records.length)
    for (const [at, record] of records.entries()) {
      metrics.journalWait.observe(waited)
      bringers[at]?.kept(record, tags[at] ?? 0)
    }
    for (const bringer of new Set(bringers)) bringer.settled()
  }
  const send = () => {
    const handful = open
    if (!handful) return
    open = undefined
    const { records, bringers } = handful
    journal
      .append(records)
      .catch((error) => untilKept(records, error))
      .then(
        () => release(handful),
        (error) => {
          for (const bringer of new Set(bringers)) bringer.failed(error)
        },
      )
  }
  const bring: JournalGate['bring'] = (record, bringer, tag) => {
    if (!open) {
      open = { records: [], bringers: [], tags: [], began: performance.now() }
      setImmediate(send)
    }
    open.records.push(record)
    open.bringers.push(bringer)
    open.tags.push(tag)
  }
  return {
    bring,
    keep: (topic, payload) =>
      new Promise((resolve, reject) =>
        bring({ topic, payload, arrivedAt: Date.now() }, { kept: () => resolve(), settled() {}, failed: reject }, 0),
      ),
  }
}
