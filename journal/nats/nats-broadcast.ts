import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { JournalBroadcast } from '../journal.ts'

/** Publishes to all processes connected to a NATS server now, over a plain subject: nothing is stored. */
export function createNatsBroadcast(connection: NatsConnection, subject: string, log: Logger): JournalBroadcast {
  return {
    publish(text) {
      try {
        connection.publish(subject, text)
      } catch (error) {
        log.debug({ err: error }, 'nothing can be published to the other processes now')
      }
    },
    subscribe(listener) {
      const subscription = connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) log.warn({ err: error }, 'messages of the other processes cannot be received')
          else listener(message.string())
        },
      })
      return () => subscription.unsubscribe()
    },
  }
}
