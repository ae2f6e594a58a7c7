import type { QuarantineLimits } from './quarantine.ts'
import type { Refusal } from './refusal.ts'

interface Share {
  entries: number
  bytes: number
}

/** What of the quarantine's minute is taken: by all, by each sensor, and by each credential that speaks for many. */
export class QuarantineShares {
  readonly #limits: QuarantineLimits
  #kept = 0
  readonly #topics = new Map<string, Share>()
  readonly #users = new Map<string, Share>()

  constructor(limits: QuarantineLimits) {
    this.#limits = limits
  }

  newMinute(): void {
    this.#kept = 0
    this.#topics.clear()
    this.#users.clear()
  }

  /** How many bytes of its payload there is room for; undefined when there is none for an entry. Takes nothing yet. */
  roomFor({ topic, user, payload }: Refusal): number | undefined {
    const limits = this.#limits
    const ofTopic = shareOf(this.#topics, topic)
    const ofUser = shareOf(this.#users, user)
    if (this.#kept >= limits.maxPerMinute || ofTopic.entries >= limits.maxTopicPerMinute) return undefined
    if (ofUser.entries >= limits.maxUserPerMinute) return undefined
    const isHeavy =
      ofTopic.bytes + payload.byteLength > limits.maxTopicBytesPerMinute ||
      ofUser.bytes + payload.byteLength > limits.maxUserBytesPerMinute
    return isHeavy ? limits.cutPayloadBytes : limits.maxPayloadBytes
  }

  take({ topic, user }: Refusal, bytes: number): void {
    this.#kept += 1
    add(this.#topics, topic, bytes)
    add(this.#users, user, bytes)
  }
}

function shareOf(shares: ReadonlyMap<string, Share>, name: string | undefined): Share {
  return (name !== undefined && shares.get(name)) || { entries: 0, bytes: 0 }
}

function add(shares: Map<string, Share>, name: string | undefined, bytes: number): void {
  if (name === undefined) return
  const share = shareOf(shares, name)
  shares.set(name, { entries: share.entries + 1, bytes: share.bytes + bytes })
}
