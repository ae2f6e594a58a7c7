import { notKeptCode, type Quarantined } from '#telemetry/rest.ts'
import type { Refusal } from './refusal.ts'

interface Count {
  ts: number
  count: number
  /** an entry of this minute has told some already */
  isTold: boolean
}

/** Counts what the quarantine has no room for, by topic and minute, and tells it: at once when it begins, the rest after the minute. */
export class NotKept {
  readonly #maxTopics: number
  readonly #counts = new Map<string, Count>()

  constructor(maxTopics: number) {
    this.#maxTopics = maxTopics
  }

  add({ topic, arrivedAt, count }: Refusal): void {
    // of further topics together, under none
    const name = this.#counts.has(topic) || this.#counts.size < this.#maxTopics ? topic : ''
    const counted = this.#counts.get(name) ?? { ts: arrivedAt, count: 0, isTold: false }
    this.#counts.set(name, { ...counted, ts: arrivedAt, count: counted.count + count })
  }

  /** Of topics of which nothing is told this minute. */
  untold(): Quarantined[] {
    return this.#tell(({ isTold }) => !isTold)
  }

  /** What is left of the minute that is over. */
  newMinute(): Quarantined[] {
    const rest = this.#tell(() => true)
    this.#counts.clear()
    return rest
  }

  #tell(isAsked: (count: Count) => boolean): Quarantined[] {
    const entries: Quarantined[] = []
    for (const [topic, counted] of this.#counts) {
      if (counted.count === 0 || !isAsked(counted)) continue
      entries.push({
        ...{ ts: counted.ts, topic, payload: '', payloadBytes: 0, code: notKeptCode },
        ...{ reason: 'refused, not kept: too many in this minute', count: counted.count },
      })
      this.#counts.set(topic, { ts: counted.ts, count: 0, isTold: true })
    }
    return entries
  }
}
