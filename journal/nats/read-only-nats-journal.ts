import { jetstream } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import type { ReadOnlyJournal } from '../backlog.ts'
import { findStream } from './journal-stream.ts'
import { connectNats, journalName, openJetStream, requestMs, toJournalError } from './nats-connection.ts'
import { NatsOffsets } from './nats-offsets.ts'
import { NatsReader } from './nats-reader.ts'

/**
 * Looks into the journal on NATS and changes nothing there; undefined when there is none.
 * @throws UnreachableError when no server answers
 * @throws ConfigError when the server refuses the user, or has no JetStream
 */
export async function openReadOnlyNatsJournal(options: {
  url: string
  log: Logger
  stream?: string
}): Promise<ReadOnlyJournal | undefined> {
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
    const offsets = new NatsOffsets(client, stream)
    await offsets.find()
    return {
      end: async () => (await info())?.state.last_seq ?? 0,
      committed: (consumer) => offsets.get(consumer),
      readRaw: async (offset) =>
        new NatsReader(offset, { jetstream: client, manager, stream, usable: () => true, log }),
      close: () => connection.close(),
    }
  } catch (error) {
    await connection.close()
    throw toJournalError(error)
  }
}
