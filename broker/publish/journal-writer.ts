import type { Journal, JournalRecord } from '#journal/journal.ts'
import { PlatformError } from '#telemetry/errors.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'

/** A connection whose readings are being written: it learns what became of each. */
export interface AppendListener {
  /** The reading is on disk. `tag` is the one it was appended with. */
  appended(record: JournalRecord, tag: number): void
  /** All readings of the same write have been reported. */
  groupAppended(): void
  /** The journal refuses it, and trying again does not help; or the broker stops. */
  failed(error: unknown): void
}

/** Writes readings into the journal. */
export interface JournalWriter {
  /** Appends a reading, in one write with all others of this turn of the event loop. */
  append(record: JournalRecord, listener: AppendListener, tag: number): void
  /** Appends one; resolves when it is on disk. */
  appendOne(reading: Pick<JournalRecord, 'topic' | 'payload' | 'user'>): Promise<void>
}

/** Readings that came in the same turn of the event loop: one append, one promise. */
interface Group {
  records: JournalRecord[]
  listeners: AppendListener[]
  tags: number[]
  /** when the first came, ms of performance.now */
  began: number
}

/** What is reported of a journal that refuses readings. */
export interface JournalWriterReports {
  /** It accepts nothing now: PUBACKs are withheld, which is the backpressure that sensors feel. */
  withheld(error: unknown): void
  /** It will never accept this one. */
  refused(record: JournalRecord, error: unknown): void
}

const split = ({ records, listeners, tags, began }: Group): Group[] =>
  records.map((record, at) => ({
    records: [record],
    listeners: listeners.slice(at, at + 1),
    tags: tags.slice(at, at + 1),
    began,
  }))

const merge = (groups: readonly Group[]): Group | undefined =>
  groups[0] && {
    records: groups.flatMap(({ records }) => records),
    listeners: groups.flatMap(({ listeners }) => listeners),
    tags: groups.flatMap(({ tags }) => tags),
    began: groups[0].began,
  }

const backoff = { firstMs: 50, longestMs: 250 }

/**
 * Writes readings into the journal; a PUBACK is sent only when its reading is on disk. While the journal is full or away, readings wait here
 * and their PUBACKs are withheld, so sensors keep and resend them; later readings wait behind earlier ones, so order is preserved. A reading
 * fails once `signal` is aborted, or with an error that a retry cannot repair: then each reading of the group is appended alone, and only the
 * listener of a refused one learns of it.
 */
export function createJournalWriter(
  journal: Pick<Journal, 'append'>,
  metrics: BrokerMetrics,
  signal: AbortSignal,
  reports: JournalWriterReports,
): JournalWriter {
  let open: Group | undefined
  /** what the journal refused for now, the oldest first */
  let waiting: Group[] = []
  let retrying = false
  const reportAppended = ({ records, listeners, tags, began }: Group) => {
    const waited = (performance.now() - began) / 1_000
    metrics.readings.inc(records.length)
    for (const [at, record] of records.entries()) {
      metrics.journalWait.observe(waited)
      listeners[at]?.appended(record, tags[at] ?? 0)
    }
    for (const listener of new Set(listeners)) listener.groupAppended()
  }
  const reportFailed = ({ records, listeners }: Group, error: unknown) => {
    if (!signal.aborted) {
      metrics.refused.inc({ what: 'journal-never' }, records.length)
      for (const record of records) reports.refused(record, error)
    }
    for (const listener of new Set(listeners)) listener.failed(error)
  }
  /** Appends a group; returns what must be appended again. What the journal will never accept is reported to its listener. */
  const tryAppend = async (group: Group): Promise<Group | undefined> => {
    try {
      await journal.append(group.records)
    } catch (error) {
      if (!signal.aborted && error instanceof PlatformError && error.retryable) {
        metrics.refused.inc({ what: 'journal' }, group.records.length)
        reports.withheld(error)
        return group
      }
      if (!signal.aborted && group.records.length > 1) return appendEach(group)
      reportFailed(group, error)
      return undefined
    }
    reportAppended(group)
    return undefined
  }
  /** All in this same turn: the journal writes in the order of the calls, and nothing comes in between. */
  const appendEach = async (group: Group): Promise<Group | undefined> => {
    const again = await Promise.all(split(group).map(tryAppend))
    return merge(again.filter((each) => each !== undefined))
  }
  const appendOrWait = async (group: Group) => {
    const again = await tryAppend(group)
    if (!again) return
    waiting.push(again)
    if (!retrying) void retry()
  }
  /** Only the oldest group is tried; once it is written there is room again, and the others follow at once. */
  const retry = async () => {
    retrying = true
    let failures = 1
    for (let [oldest] = waiting; oldest; [oldest] = waiting) {
      await sleep(backoffMs(failures++, backoff), signal)
      const again = await tryAppend(oldest)
      const [, ...others] = waiting
      if (again) {
        waiting = [again, ...others]
        continue
      }
      waiting = []
      failures = 1
      await Promise.all(others.map(appendOrWait))
    }
    retrying = false
  }
  const send = () => {
    const group = open
    if (!group) return
    open = undefined
    // nothing overtakes what waits
    if (waiting.length > 0) waiting.push(group)
    else void appendOrWait(group)
  }
  const append: JournalWriter['append'] = (record, listener, tag) => {
    if (!open) {
      open = { records: [], listeners: [], tags: [], began: performance.now() }
      setImmediate(send)
    }
    open.records.push(record)
    open.listeners.push(listener)
    open.tags.push(tag)
  }
  return {
    append,
    appendOne: (reading) =>
      new Promise((resolve, reject) =>
        append(
          { ...reading, arrivedAt: Date.now() },
          { appended: () => resolve(), groupAppended() {}, failed: reject },
          0,
        ),
      ),
  }
}
