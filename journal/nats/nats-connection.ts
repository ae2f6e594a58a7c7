import { JetStreamApiError, JetStreamError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { type ConnectionOptions, connect, errors, type NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { ConfigError, JournalFullError, PlatformError, UnreachableError } from '#telemetry/errors.ts'

/** the stream, and the bucket of its offsets, unless told otherwise */
export const journalName = 'nhip-journal'
/** ms that one request may take */
export const requestMs = 4_000
const connectMs = 5_000
const pingMs = 5_000

/** What of NATS_URL goes to the client: several servers may be named, separated by commas; user and password, or a token, once. */
function connectionOptions(url: string): ConnectionOptions & { servers: string[] } {
  const wrong = () =>
    new ConfigError('NATS_URL is not a URL such as nats://127.0.0.1:4222 or nats://user:password@host')
  const parts = url.split(',').map((one) => (URL.canParse(one.trim()) ? new URL(one.trim()) : undefined))
  const known = parts.filter((part) => part !== undefined)
  const [first] = known
  if (!first || known.length < parts.length || known.some((part) => !part.host)) throw wrong()
  const user = decodeURIComponent(first.username)
  const pass = decodeURIComponent(first.password)
  return {
    servers: known.map((part) => part.host),
    ...(user && pass ? { user, pass } : user ? { token: user } : {}),
    ...(first.protocol === 'tls:' ? { tls: {} } : {}),
  }
}

/**
 * Connects, and connects again for ever once it was connected.
 * @throws UnreachableError when no server answers
 * @throws ConfigError when the url is none, or the server refuses who it names
 */
export async function connectNats(url: string, log: Logger): Promise<NatsConnection> {
  const options = connectionOptions(url)
  try {
    const connection = await connect({
      ...options,
      name: 'nhip journal',
      timeout: connectMs,
      pingInterval: pingMs,
      maxPingOut: 2,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 500,
      reconnectJitterTLS: 500,
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
    })
    logFaults(connection, log)
    return connection
  } catch (error) {
    const where = options.servers.join(', ')
    if (error instanceof errors.AuthorizationError)
      throw new ConfigError(`NATS_URL: the server at ${where} refuses this user, password or token`, error)
    throw new UnreachableError(`NATS_URL: no NATS server answers at ${where} (${firstLineOf(error)})`, error)
  }
}

function logFaults(connection: NatsConnection, log: Logger): void {
  const follow = async () => {
    for await (const status of connection.status())
      if (status.type === 'error') log.error({ err: status.error }, 'NATS says that something is wrong')
  }
  follow().catch((error) => log.error({ err: error }, 'the state of NATS is not followed any more'))
}

/**
 * The administration of JetStream.
 * @throws ConfigError when the server runs without JetStream
 */
export async function openJetStream(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection, { timeout: requestMs })
  } catch (error) {
    if (error instanceof errors.TimeoutError) throw toJournalError(error)
    throw new ConfigError(
      `NATS_URL: the server at ${connection.getServer()} gives no JetStream (${firstLineOf(error)}); start it with --jetstream`,
      error,
    )
  }
}

/** What NATS refused, as an error of ours: full, or worth another try. */
export function toJournalError(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error
  if (error instanceof JetStreamApiError && error.message === 'maximum bytes exceeded') return createJournalFullError()
  const who = error instanceof JetStreamApiError || error instanceof JetStreamError ? 'JetStream refuses' : 'NATS_URL'
  return new UnreachableError(`${who}: ${firstLineOf(error)}`, error)
}

/** The stream has no room. */
export function createJournalFullError(): JournalFullError {
  return new JournalFullError('the journal holds all the bytes that JOURNAL_MAX_BYTES allows')
}

/** What went wrong, in one line. */
export function firstLineOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.split('\n', 1)[0] ?? text
}
