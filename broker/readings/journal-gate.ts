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
  keep(reading: Pick<JournalRecord, 'topic' | 'payload' | 'user'>): Promise<void>
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
const maxDelayMs = 250

/**
 * Holds messages until the journal has them. While the journal is full or away they wait here and their PUBACKs with
 * them, so the sensors keep their readings, and what comes later waits behind them: order is kept. They fail once `signal`
 * is aborted, or with a fault that trying again does not mend.
 */
export function journalGate(
  journal: Pick<Journal, 'append'>,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  warn: (e: unknown) => void,
): JournalGate {
  let open: Handful | undefined
  /** what the journal did not take, the oldest first */
  let waiting: Handful[] = []
  let retrying = false
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
  const release = ({ records, bringers, tags, began }: Handful) => {
    const waited = (performance.now() - began) / 1_000
    metrics.readings.inc(records.length)
    for (const [at, record] of records.entries()) {
      metrics.journalWait.observe(waited)
      bringers[at]?.kept(record, tags[at] ?? 0)
    }
    for (const bringer of new Set(bringers)) bringer.settled()
  }
  const fail = ({ bringers }: Handful, error: unknown) => {
    for (const bringer of new Set(bringers)) bringer.failed(error)
  }
  /** Whether the journal takes it; when it never will, that is told to who brought it. */
  const offer = async (handful: Handful): Promise<'kept' | 'failed' | 'refused'> => {
    try {
      await journal.append(handful.records)
    } catch (error) {
      if (!signal.aborted && error instanceof PlatformError && error.retryable) {
        metrics.refused.inc({ what: 'journal' }, handful.records.length)
        warn(error)
        return 'refused'
      }
      fail(handful, error)
      return 'failed'
    }
    release(handful)
    return 'kept'
  }
  const offerOrWait = async (handful: Handful) => {
    if ((await offer(handful)) !== 'refused') return
    waiting.push(handful)
    if (!retrying) void retry()
  }
  /** Only the oldest tries; once it is taken there is room again, and the others follow at once. */
  const retry = async () => {
    retrying = true
    let delayMs = firstDelayMs
    for (let [oldest] = waiting; oldest; [oldest] = waiting) {
      await pause(delayMs)
      delayMs = Math.min(delayMs * 2, maxDelayMs)
      if ((await offer(oldest)) === 'refused') continue
      const [, ...others] = waiting
      waiting = []
      delayMs = firstDelayMs
      await Promise.all(others.map(offerOrWait))
    }
    retrying = false
  }
  const send = () => {
    const handful = open
    if (!handful) return
    open = undefined
    // nothing overtakes what waits
    if (waiting.length > 0) waiting.push(handful)
    else void offerOrWait(handful)
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
    keep: (reading) =>
      new Promise((resolve, reject) =>
        bring({ ...reading, arrivedAt: Date.now() }, { kept: () => resolve(), settled() {}, failed: reject }, 0),
      ),
  }
}
