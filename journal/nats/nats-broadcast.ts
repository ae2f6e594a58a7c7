import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { JournalBroadcast } from '../journal.ts'

/** Tells all processes at a NATS server something now, over a plain subject: nothing of it is kept. */
export function createNatsBroadcast(connection: NatsConnection, subject: string, log: Logger): JournalBroadcast {
  return {
    publish(text) {
      try {
        connection.publish(subject, text)
      } catch (error) {
        log.debug({ err: error }, 'nothing can be told to the other processes now')
      }
    },
    subscribe(listener) {
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) log.warn({ err: error }, 'the other processes cannot be heard')
          else listener(message.string())
        },
      })
      return () => subscription.unsubscribe()
    },
  }
}
