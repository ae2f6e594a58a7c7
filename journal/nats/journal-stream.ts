import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream'
import { ConfigError } from '#telemetry/errors.ts'
import { toJournalError } from './nats-connection.ts'

/** The stream that holds the journal: a message a block, an offset its sequence. */
export interface JournalStreamOptions {
  stream: string
  subject: string
  maxBytes: number
}

/** s within which a block that was sent twice is kept once; longer than all tries of one take */
const duplicateWindowS = 30
/** what others may append between a look at the stream and a lower limit */
const marginBytes = 67_108_864
const insufficientStorage = 10_047

/** Makes the stream, or gives one that is there these limits. It refuses what goes beyond them and discards nothing. */
export async function prepareStream(manager: JetStreamManager, options: JournalStreamOptions): Promise<StreamInfo> {
  const limits = {
    subjects: [options.subject],
    discard: DiscardPolicy.New,
    max_bytes: options.maxBytes,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    duplicate_window: duplicateWindowS * 1_000_000_000,
  }
  try {
    const found = await findStream(manager, options.stream)
    if (!found)
      return await manager.streams.add({
        ...limits,
        name: options.stream,
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
      })
    if (found.config.retention !== RetentionPolicy.Limits || found.config.storage !== StorageType.File)
      throw new ConfigError(`NATS_URL: the stream "${options.stream}" there is not one of files and limits; rename it`)
    return await manager.streams.update(options.stream, { ...limits, max_bytes: safeLimit(found, options.maxBytes) })
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === insufficientStorage)
      throw new ConfigError(
        `JOURNAL_MAX_BYTES: JetStream cannot set ${options.maxBytes} bytes aside (${error.message}); lower it, or raise the server's max_file_store`,
        error,
      )
    throw toJournalError(error)
  }
}

/** Undefined when there is none of this name. */
export async function findStream(manager: JetStreamManager, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined
    throw error
  }
}

/** A limit below what the stream holds makes JetStream delete the oldest messages, "discard: new" or not. */
function safeLimit({ config, state }: StreamInfo, maxBytes: number): number {
  const before = config.max_bytes < 0 ? Number.MAX_SAFE_INTEGER : config.max_bytes
  return Math.max(maxBytes, Math.min(before, state.bytes + marginBytes))
}
