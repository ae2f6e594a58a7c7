import type { Connection } from './sensor.ts'

/** What is known of whether a sensor is connected: what it said, and whether it has reported since. */
export interface ConnectionState {
  /** what its status said last */
  said: Connection
  /** when that was heard, epoch ms */
  at: number
  /** whether it was said before anybody listened: the broker had kept it, and it does not tell since when */
  isOld?: true
  /** a reading that arrived after it said `offline` has ended that */
  isEnded?: true
}

/** A status, and how it came. */
export interface HeardStatus {
  said: Connection
  /** when it came, epoch ms */
  at: number
  /** whether the broker had kept it */
  isRetained: boolean
}

/**
 * Takes a status. One that is retained comes again with every connection to the broker: then it says nothing new, unless the
 * sensor had said something else before.
 */
export function hearStatus(held: ConnectionState | undefined, { said, at, isRetained }: HeardStatus): ConnectionState {
  if (isRetained && held?.said === said) return held
  return { said, at, ...(isRetained && !held && { isOld: true }) }
}

/** A reading arrived (epoch ms): one that came after `offline` ends it, for many devices have a last will and no word of their return. */
export function hearReading(held: ConnectionState, arrivedAt: number): ConnectionState {
  return held.said === 'offline' && !held.isEnded && arrivedAt > held.at ? { ...held, isEnded: true } : held
}

/** What is known from the store of a sensor. */
export interface KnownPast {
  /** since when it is noted to be offline, epoch ms; undefined when it is not */
  offlineSince: number | undefined
  /** time of its newest reading, epoch ms; undefined when there is none */
  newestAt: number | undefined
  /** until when that reading counts as fresh, epoch ms */
  staleAt: number
  /** epoch ms */
  now: number
}

/**
 * Judges an `offline` that is old by the past: it is ended where the newest reading is later than the moment noted, or, with
 * none noted, where that reading is still fresh; a sensor that is gone indeed is then stale soon.
 */
export function recallReading(held: ConnectionState, past: KnownPast): ConnectionState {
  const { offlineSince, newestAt, staleAt, now } = past
  if (held.said !== 'offline' || !held.isOld || held.isEnded || newestAt === undefined) return held
  const isOver = offlineSince === undefined ? now <= staleAt : newestAt > offlineSince
  return isOver ? { ...held, isEnded: true } : held
}

/** Whether a sensor is connected, as far as is known. */
export function connectionOf(state: ConnectionState | undefined): Connection | undefined {
  return state?.isEnded ? 'online' : state?.said
}
