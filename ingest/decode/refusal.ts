import type { JournalRecord } from '#journal/journal.ts'
import { reasonOf, type SomeFaults } from '#telemetry/faults/message-reasons.ts'
import { messageOf, quotableText } from '#telemetry/faults/quotable-text.ts'

/** What is wrong with a message, or with one reading of a gateway's batch: the kind of refusal, and the faults themselves. */
export interface Fault {
  code: 'TOPIC' | 'JSON' | 'SHAPE' | 'VALUE' | 'PLACE' | 'FUTURE' | 'PAST' | 'STORE' | 'FAULT'
  /** which value, what it holds, what it may hold; the first is the one that counts */
  faults: SomeFaults
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

/** most faults of one message that are told besides the first */
const maxMore = 4

/** What is wrong with some readings of one message as one: the kind of refusal is the first one's. */
export function oneFault(some: readonly [Fault, ...Fault[]]): Fault {
  const [first] = some
  const [told] = first.faults
  const different = new Map(some.flatMap(({ faults }) => faults.map((fault) => [reasonOf(fault), fault])))
  different.delete(reasonOf(told))
  return {
    code: first.code,
    faults: [told, ...[...different.values()].slice(0, maxMore)],
    ...(some.every(({ partial }) => partial) && { partial: true }),
  }
}

/** What nobody foresaw when a message was decoded. */
export function unforeseen(error: unknown): Fault {
  return { code: 'FAULT', faults: [{ code: 'UNDECODABLE', params: { said: quotableText(messageOf(error)) } }] }
}

/** The refusal of a record, or of so many readings of it of which `payload` is the text. */
export function refusalOf(record: JournalRecord, fault: Fault, payload = record.payload, count = 1): Refusal {
  const { topic, user, arrivedAt } = record
  return { ...fault, topic, payload, arrivedAt, count, ...(user !== undefined && { user }) }
}
