import { toldFaults } from '#telemetry/faults/message-reasons.ts'
import { notKeptCode, type Quarantined } from '#telemetry/quarantine-rest.ts'
import { timesText } from '#telemetry/times-by-topic.ts'
import type { Refusal } from '../decode/refusal.ts'

/** ms between two reports of the overflow: each makes entries, which must not use the room of others */
const reportEveryMs = 5_000
/** measuring times of one minute that are remembered, and listed in one entry */
const maxTimes = 100_000
const maxTimesOfEntry = 5_000

/** The overflow of one topic, or of all further topics together, that is not reported yet. */
interface Unreported {
  /** arrival of the last, epoch ms */
  ts: number
  count: number
  times: Map<string, number[]>
}

/**
 * Counts what the quarantine has no room for, by topic, with the measuring times of its readings, so that an audit can tell them
 * from what is lost. It is reported at once, then every 5 s; a topic has one entry of its own a minute, further ones share one.
 * Until everything is reported, no offset is committed.
 */
export class QuarantineOverflow {
  readonly #maxTopics: number
  readonly #now: () => number
  /** by topic, further ones together under none */
  readonly #unreported = new Map<string, Unreported>()
  /** topics with an entry of their own in this minute */
  readonly #topics = new Set<string>()
  readonly #reported = new Set<string>()
  #reportedAt = Number.NEGATIVE_INFINITY
  #times = 0

  /** @param now ms, from anywhere */
  constructor(maxTopics: number, now: () => number = () => performance.now()) {
    this.#maxTopics = maxTopics
    this.#now = now
  }

  /** Whether nothing waits to be reported. */
  get isReported(): boolean {
    return this.#unreported.size === 0
  }

  /** Adds so many messages, or readings of a message, and their times, which are asked for while there is room for them. */
  add({ topic, arrivedAt }: Refusal, count: number, timesOf: () => readonly number[]): void {
    if (this.#topics.size < this.#maxTopics) this.#topics.add(topic)
    const name = this.#topics.has(topic) && !this.#reported.has(topic) ? topic : ''
    const unreported = this.#unreported.get(name) ?? { ts: arrivedAt, count: 0, times: new Map<string, number[]>() }
    unreported.ts = arrivedAt
    unreported.count += count
    this.#unreported.set(name, unreported)
    const room = maxTimes - this.#times
    if (room > 0) this.#list(unreported, topic, timesOf().slice(0, room))
  }

  #list({ times }: Unreported, topic: string, more: readonly number[]): void {
    if (more.length === 0) return
    this.#times += more.length
    const known = times.get(topic)
    if (known) for (const ts of more) known.push(ts)
    else times.set(topic, [...more])
  }

  /** The reports that are due now; all of them when these are the last. */
  drainReports(isLast = false): Quarantined[] {
    if (this.isReported || (!isLast && this.#now() - this.#reportedAt < reportEveryMs)) return []
    this.#reportedAt = this.#now()
    const entries = [...this.#unreported].flatMap(([topic, unreported]) => entriesOf(topic, unreported))
    for (const topic of this.#unreported.keys()) this.#reported.add(topic)
    this.#unreported.clear()
    return entries
  }

  /** The last reports of the minute that is over. */
  startMinute(): Quarantined[] {
    const rest = this.drainReports(true)
    this.#topics.clear()
    this.#reported.clear()
    this.#times = 0
    return rest
  }
}

function entriesOf(topic: string, { ts, count, times }: Unreported): Quarantined[] {
  const [first = new Map<string, number[]>(), ...others] = inParts(times)
  const listed = others.reduce((sum, part) => sum + sizeOf(part), 0)
  // what was counted alone is with the first
  return [
    entryOf(topic, ts, Math.max(1, count - listed), first),
    ...others.map((part) => entryOf(topic, ts, sizeOf(part), part)),
  ]
}

function entryOf(topic: string, ts: number, count: number, times: ReadonlyMap<string, number[]>): Quarantined {
  const payload = times.size > 0 ? timesText(times) : ''
  return {
    ...{ ts, topic, payload, payloadBytes: Buffer.byteLength(payload), code: notKeptCode, count },
    ...toldFaults([{ code: 'TOO_MANY_REFUSALS', params: {} }]),
  }
}

const sizeOf = (times: ReadonlyMap<string, readonly number[]>) =>
  [...times.values()].reduce((sum, all) => sum + all.length, 0)

function inParts(times: ReadonlyMap<string, readonly number[]>): Map<string, number[]>[] {
  const parts: Map<string, number[]>[] = []
  let room = 0
  for (const [topic, all] of times)
    for (let from = 0; from < all.length; ) {
      if (room === 0) {
        parts.push(new Map())
        room = maxTimesOfEntry
      }
      const piece = all.slice(from, from + room)
      parts.at(-1)?.set(topic, piece)
      from += piece.length
      room -= piece.length
    }
  return parts
}
