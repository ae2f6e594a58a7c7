import { jetstream } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import type { JournalView } from '../backlog.ts'
import { findStream } from './journal-stream.ts'
import { connectNats, journalName, natsFault, openJetStream, requestMs } from './nats-connection.ts'
import { Positions } from './nats-offsets.ts'
import { NatsReader } from './nats-reader.ts'

/**
 * Looks into the journal on NATS and changes nothing there; undefined when there is none.
 * @throws UnreachableError when no server answers
 * @throws ConfigError when the server refuses the user, or has no JetStream
 */
export async function viewNatsJournal(options: {
  url: string
  log: Logger
  stream?: string
}): Promise<JournalView | undefined> {
  const { url, log, stream = journalName } = options
  const connection = await connectNats(url, log)
  try {
    const manager = await openJetStream(connection)
    const info = () => findStream(manager, stream)
    if (!(await info())) {
      await connection.close()
      return undefined
    }
    const client = jetstream(connection, { timeout: requestMs })
    const positions = new Positions(client, stream)
    await positions.find()
    return {
      end: async () => (await info())?.state.last_seq ?? 0,
      committed: (consumer) => positions.get(consumer),
      readRaw: async (position) =>
        new NatsReader(position, { jetstream: client, manager, stream, usable: () => true, log }),
      close: () => connection.close(),
    }
  } catch (error) {
    await connection.close()
    throw natsFault(error)
  }
}
