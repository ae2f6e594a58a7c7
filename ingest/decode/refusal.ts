import type { JournalRecord } from '#journal/journal.ts'

/** What is wrong with a message, or with one reading of a gateway's batch. */
export interface Fault {
  code: 'TOPIC' | 'JSON' | 'SHAPE' | 'VALUE' | 'PLACE' | 'FUTURE' | 'PAST' | 'STORE' | 'FAULT'
  /** plain words: which value, what it holds, what it may hold */
  reason: string
  /** what else is wrong with it */
  more?: readonly string[]
  /** its other values are good and stored */
  partial?: true
}

/** Why a message, or some readings of a gateway's batch, were not taken. */
export interface Refusal extends Fault {
  topic: string
  payload: Uint8Array
  /** who published it, where a credential speaks for many sensors */
  user?: string
  /** epoch ms */
  arrivedAt: number
  /** readings that it stands for */
  count: number
}

/** most reasons of one message that are told besides the first */
const maxMore = 4

/** Some faults of one message as one: their code and reason are the first one's. */
export function oneFault(faults: readonly [Fault, ...Fault[]]): Fault {
  const [first] = faults
  const reasons = new Set(faults.flatMap(({ reason, more = [] }) => [reason, ...more]))
  reasons.delete(first.reason)
  const more = [...reasons].slice(0, maxMore)
  return {
    code: first.code,
    reason: first.reason,
    ...(more.length > 0 && { more }),
    ...(faults.every(({ partial }) => partial) && { partial: true }),
  }
}

/** The refusal of a record, or of so many readings of it of which `payload` is the text. */
export function refusalOf(record: JournalRecord, fault: Fault, payload = record.payload, count = 1): Refusal {
  const { topic, user, arrivedAt } = record
  return { ...fault, topic, payload, arrivedAt, count, ...(user !== undefined && { user }) }
}
