import type { Aedes } from 'aedes'
import type { Logger } from 'pino'
import type { JournalRecord } from '#journal/journal.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'

/** Makes what delivers a reading of the fast path to its subscribers; without any it costs nothing. */
export function readingDelivery(
  aedes: Aedes,
  subscriptions: Pick<Subscriptions, 'hasReadingSubscribers'>,
  log: Logger,
): (record: JournalRecord, qos: 0 | 1) => void {
  return ({ topic, payload }, qos) => {
    if (!subscriptions.hasReadingSubscribers) return
    const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const
    aedes.publish(packet, (error) => {
      if (error) log.debug({ topic, err: error }, 'a reading was not delivered')
    })
  }
}
