import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import type { StreamPlace } from './nats-reader.ts'
import { PullReader } from './pull-reader.ts'

/** name, on the server, of the consumer that all subscribers share */
const subscribers = 'followers'
/** ms without any subscriber after which the server deletes the consumer: the next subscriber starts with new blocks */
const inactiveMs = 60_000

/** Reads new blocks as they come; each goes to one of all processes that subscribe. A block that is lost on the way is not sent again. */
export function subscribeToNewBlocks({ jetstream, manager, stream, usable, log }: StreamPlace): PullReader {
  return new PullReader({
    open: async () => {
      await manager.consumers.add(stream, {
        durable_name: subscribers,
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.New,
        inactive_threshold: inactiveMs * 1_000_000,
      })
      return jetstream.consumers.get(stream, subscribers)
    },
    usable,
    accept: () => true,
    log,
  })
}
