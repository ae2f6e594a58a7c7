import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import type { StreamPlace } from './nats-reader.ts'
import { PullReader } from './pull-reader.ts'

/** name of the consumer that all followers share */
const followers = 'followers'
/** ms without anybody after which the server forgets the followers: who comes then begins with what is new */
const inactiveMs = 60_000

/** Reads new blocks as they come; each goes to one of all processes that follow. What gets lost is not given again. */
export function subscribeToNewBlocks({ jetstream, manager, stream, usable, log }: StreamPlace): PullReader {
  return new PullReader({
    open: async () => {
      await manager.consumers.add(stream, {
        durable_name: followers,
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.New,
        inactive_threshold: inactiveMs * 1_000_000,
      })
      return jetstream.consumers.get(stream, followers)
    },
    usable,
    accept: () => true,
    log,
  })
}
