import type { Journal, JournalRecord } from '#journal/journal.ts'
import { PlatformError } from '#telemetry/errors.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'

/** Who brought readings to the gate and is told what became of them. */
export interface AppendListener {
  /** It is on disk. `tag` is what it was brought with. */
  kept(record: JournalRecord, tag: number): void
  /** All that went to disk in the same write has been told. */
  settled(): void
  /** The journal does not take it, and trying again does not help. */
  failed(error: unknown): void
}

/** The way of readings into the journal. */
export interface JournalWriter {
  /** Keeps a reading together with all others of this turn of the event loop. */
  bring(record: JournalRecord, bringer: AppendListener, tag: number): void
  /** Keeps one; resolves when it is on disk. */
  keep(reading: Pick<JournalRecord, 'topic' | 'payload' | 'user'>): Promise<void>
}

/** Readings that came in the same turn of the event loop: one append, one promise. */
interface Group {
  records: JournalRecord[]
  bringers: AppendListener[]
  tags: number[]
  /** when the first came, ms of performance.now */
  began: number
}

/** What the gate tells of a journal that does not take readings. */
export interface JournalWriterReports {
  /** It takes nothing now: acknowledgements are withheld. */
  withheld(error: unknown): void
  /** It will never take this one. */
  refused(record: JournalRecord, error: unknown): void
}

const apart = ({ records, bringers, tags, began }: Group): Group[] =>
  records.map((record, at) => ({
    records: [record],
    bringers: bringers.slice(at, at + 1),
    tags: tags.slice(at, at + 1),
    began,
  }))

const together = (handfuls: readonly Group[]): Group | undefined =>
  handfuls[0] && {
    records: handfuls.flatMap(({ records }) => records),
    bringers: handfuls.flatMap(({ bringers }) => bringers),
    tags: handfuls.flatMap(({ tags }) => tags),
    began: handfuls[0].began,
  }

const firstDelayMs = 50
const maxDelayMs = 250

/**
 * Holds messages until the journal has them. While the journal is full or away they wait here and their PUBACKs with
 * them, so the sensors keep their readings, and what comes later waits behind them: order is kept. They fail once `signal`
 * is aborted, or with a fault that trying again does not mend: then each is offered apart, and only who brought what is at fault
 * hears of it.
 */
export function createJournalWriter(
  journal: Pick<Journal, 'append'>,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  reports: JournalWriterReports,
): JournalWriter {
  let open: Group | undefined
  /** what the journal did not take, the oldest first */
  let waiting: Group[] = []
  let retrying = false
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
  const release = ({ records, bringers, tags, began }: Group) => {
    const waited = (performance.now() - began) / 1_000
    metrics.readings.inc(records.length)
    for (const [at, record] of records.entries()) {
      metrics.journalWait.observe(waited)
      bringers[at]?.kept(record, tags[at] ?? 0)
    }
    for (const bringer of new Set(bringers)) bringer.settled()
  }
  const fail = ({ records, bringers }: Group, error: unknown) => {
    if (!signal.aborted) {
      metrics.refused.inc({ what: 'journal-never' }, records.length)
      for (const record of records) reports.refused(record, error)
    }
    for (const bringer of new Set(bringers)) bringer.failed(error)
  }
  /** Offers it to the journal, and gives what is to be offered again. What the journal will never take is told to who brought it. */
  const offer = async (handful: Group): Promise<Group | undefined> => {
    try {
      await journal.append(handful.records)
    } catch (error) {
      if (!signal.aborted && error instanceof PlatformError && error.retryable) {
        metrics.refused.inc({ what: 'journal' }, handful.records.length)
        reports.withheld(error)
        return handful
      }
      if (!signal.aborted && handful.records.length > 1) return offerApart(handful)
      fail(handful, error)
      return undefined
    }
    release(handful)
    return undefined
  }
  /** All in this same turn: the journal keeps the order in which it is asked, and nothing comes in between. */
  const offerApart = async (handful: Group): Promise<Group | undefined> => {
    const again = await Promise.all(apart(handful).map(offer))
    return together(again.filter((each) => each !== undefined))
  }
  const offerOrWait = async (handful: Group) => {
    const again = await offer(handful)
    if (!again) return
    waiting.push(again)
    if (!retrying) void retry()
  }
  /** Only the oldest tries; once it is taken there is room again, and the others follow at once. */
  const retry = async () => {
    retrying = true
    let delayMs = firstDelayMs
    for (let [oldest] = waiting; oldest; [oldest] = waiting) {
      await pause(delayMs)
      delayMs = Math.min(delayMs * 2, maxDelayMs)
      const again = await offer(oldest)
      const [, ...others] = waiting
      if (again) {
        waiting = [again, ...others]
        continue
      }
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
  const bring: JournalWriter['bring'] = (record, bringer, tag) => {
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
