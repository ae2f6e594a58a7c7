import { minuteMs } from '#telemetry/durations.ts'
import type { Refusal } from '../decode/refusal.ts'
import type { QuarantineLimits } from './quarantine-limits.ts'

interface Usage {
  entries: number
  bytes: number
}

/** minutes of arrival whose usages are remembered: blocks that several processes take do not come quite in order */
const maxMinutes = 5

interface Minute {
  all: Usage
  topics: Map<string, Usage>
  users: Map<string, Usage>
}

/**
 * What of the quarantine's room is taken of each minute of arrival: by all, by each sensor, and by each credential that speaks for
 * many. Not of the minute now: what waited in the journal for hours has as much room as if it had been taken at once.
 */
export class QuarantineQuotas {
  readonly #limits: QuarantineLimits
  readonly #minutes = new Map<number, Minute>()

  constructor(limits: QuarantineLimits) {
    this.#limits = limits
  }

  /** How many bytes of its payload there is room for; undefined when there is none for an entry. Takes nothing yet. */
  roomFor({ topic, user, payload, arrivedAt }: Refusal): number | undefined {
    const limits = this.#limits
    const { all, topics, users } = this.#minuteOf(arrivedAt)
    const ofTopic = usageOf(topics, topic)
    const ofUser = usageOf(users, user)
    if (all.entries >= limits.maxPerMinute || ofTopic.entries >= limits.maxTopicPerMinute) return undefined
    if (ofUser.entries >= limits.maxUserPerMinute) return undefined
    const isBeyond = ({ bytes }: Usage, most: number) => bytes > 0 && bytes + payload.byteLength > most
    const isHeavy =
      isBeyond(ofTopic, limits.maxTopicBytesPerMinute) ||
      isBeyond(ofUser, limits.maxUserBytesPerMinute) ||
      isBeyond(all, limits.maxBytesPerMinute)
    return isHeavy ? limits.cutPayloadBytes : limits.maxPayloadBytes
  }

  record({ topic, user, arrivedAt }: Refusal, bytes: number): void {
    const minute = this.#minuteOf(arrivedAt)
    minute.all = { entries: minute.all.entries + 1, bytes: minute.all.bytes + bytes }
    add(minute.topics, topic, bytes)
    add(minute.users, user, bytes)
  }

  #minuteOf(arrivedAt: number): Minute {
    const at = Math.floor(arrivedAt / minuteMs)
    const known = this.#minutes.get(at)
    if (known) return known
    const minute = { all: { entries: 0, bytes: 0 }, topics: new Map(), users: new Map() }
    this.#minutes.set(at, minute)
    const [first = at] = this.#minutes.keys()
    if (this.#minutes.size > maxMinutes) this.#minutes.delete(first)
    return minute
  }
}

function usageOf(usages: ReadonlyMap<string, Usage>, name: string | undefined): Usage {
  return (name !== undefined && usages.get(name)) || { entries: 0, bytes: 0 }
}

function add(usages: Map<string, Usage>, name: string | undefined, bytes: number): void {
  if (name === undefined) return
  const usage = usageOf(usages, name)
  usages.set(name, { entries: usage.entries + 1, bytes: usage.bytes + bytes })
}
