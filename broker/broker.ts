import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Journal } from '#journal/journal.ts'
import { type Closable, closeAll } from '#telemetry/concurrency/close-all.ts'
import { closeAedes, createAedes, setHandlers } from './aedes/aedes-broker.ts'
import { AuthenticatedClients } from './auth/authenticated-clients.ts'
import { Authentication } from './auth/authentication.ts'
import { type CredentialPaths, openCredentialStores } from './auth/credential-stores.ts'
import type { Passwords } from './auth/service-accounts.ts'
import { ConnectHandler } from './connection/connect-handler.ts'
import { connectionErrors } from './connection/connection-errors.ts'
import { createConnections } from './connection/connections.ts'
import { clientPreparer } from './connection/prepare-client.ts'
import { type BrokerPorts, type ListenerOptions, startListeners } from './connection/start-listeners.ts'
import { readingDelivery } from './delivery/deliver-reading.ts'
import { forwardHandler } from './delivery/slow-consumers.ts'
import { forbiddenTopics } from './diagnostics/forbidden-topics.ts'
import { RateLimitedLog } from './diagnostics/log-rate-limit.ts'
import { startRefusalReports } from './diagnostics/refusal-reports.ts'
import { type BrokerLimits, defaultLimits } from './limits/limits.ts'
import { maxPacketSize } from './limits/max-packet-size.ts'
import { UserConnections } from './limits/user-connections.ts'
import { brokerMetrics } from './metrics/broker-metrics.ts'
import { showCertificateExpiry } from './metrics/certificate-expiry.ts'
import { watchJournal } from './metrics/journal-watch.ts'
import { registerQuotaMetrics } from './metrics/quota-metrics.ts'
import { createJournalWriter } from './publish/journal-writer.ts'
import { journalWriterReports } from './publish/journal-writer-log.ts'
import { PublishFastPath } from './publish/publish-fast-path.ts'
import { publishHandler } from './publish/publish-handler.ts'
import { RetainedMessages } from './retained/retained-messages.ts'
import { retainedWriter } from './retained/store-retained.ts'
import { Sessions } from './sessions/sessions.ts'
import { subscribeHandler } from './subscribe/subscribe-handler.ts'
import { Subscriptions } from './subscribe/subscriptions.ts'

export interface BrokerOptions extends CredentialPaths, ListenerOptions {
  /** of the services and of admin */
  passwords: Passwords
  maxPacketBytes: number
  /** the defaults of config.ts where absent */
  limits?: Partial<BrokerLimits>
  journal: Pick<Journal, 'append' | 'stats' | 'broadcast' | 'maxMessageBytes' | 'recent'>
  /** folder of the retained messages */
  retainedPath: string
  registry: Registry
  log: Logger
}

export interface Broker extends BrokerPorts {
  /** Closes the listeners and every connection. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts the MQTT broker (3.1 and 3.1.1): a reading is in the journal before its PUBACK goes out. A publish that is
 * forbidden, or whose topic is wrong, is not delivered and closes its client, for 3.1.1 has no other way to say no; a
 * forbidden subscription is answered 0x80. A client gets a message once, however many of its subscriptions match.
 * Rejects with ConfigError when a port is in use or the file of credentials is damaged.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const opened: Closable[] = []
  let closing: Promise<void> | undefined
  const stopping = new AbortController()
  const close = () => {
    stopping.abort()
    closing ??= closeAll(opened)
    return closing
  }
  try {
    const ports = await assemble(options, stopping.signal, (part) => {
      opened.push(part)
      return part
    })
    return { ...ports, close }
  } catch (error) {
    await close().catch((err: unknown) => options.log.warn({ err }, 'the broker cannot close all that it had started'))
    throw error
  }
}

/** Makes the parts and connects them. `stopping` is aborted when they are closed. `opened` is called with each that must be closed; the last one is closed first. */
async function assemble(
  options: BrokerOptions,
  stopping: AbortSignal,
  opened: <T extends Closable>(part: T) => T,
): Promise<BrokerPorts> {
  const { journal, registry, log, passwords, tls } = options
  const limits = { ...defaultLimits, ...options.limits }
  const maxPacketBytes = maxPacketSize(options.maxPacketBytes, journal.maxMessageBytes, log)
  const metrics = brokerMetrics(registry)
  const clientLog = new RateLimitedLog(log)
  const { credentials, lastSeen } = opened(await openCredentialStores(options, log))
  const retained = opened(await RetainedMessages.open(options.retainedPath, limits))
  const aedes = await createAedes(limits)
  opened({ close: () => closeAedes(aedes) })
  const refusals = opened(startRefusalReports(aedes, journal.broadcast, metrics, log))

  const clients = new AuthenticatedClients(credentials, lastSeen, metrics)
  const subscriptions = new Subscriptions(limits)
  const sessions = opened(new Sessions(aedes.persistence, subscriptions, limits, metrics))
  const userConnections = new UserConnections(limits)
  credentials.onChange((ended) => {
    clients.credentialsChanged()
    void sessions.endSessionsOf(ended)
  })
  clients.credentialsChanged()
  const connectionFailed = connectionErrors(metrics, log)
  const connections = createConnections({
    ...{ aedes, limits, maxPacketBytes, metrics, log },
    acceptConnect: (connect, connection) => connectHandler.acceptConnect(connect, connection),
    attachAedes: (connection) => connectHandler.attachAedes(connection),
    prepareClient: clientPreparer({ subscriptions, clients, metrics, clientLog }),
    failed: (connection, error) => connectionFailed(connection, error, connectHandler.clientIdOf(connection)),
    refused: (code, address) => refusals.add({ code, address, isKnown: false }),
  })
  const journalWriter = createJournalWriter(journal, metrics, stopping, journalWriterReports(log, clientLog))
  const fastPath = { journalWriter, clients, limits, deliver: readingDelivery(aedes, subscriptions, log) }
  const authentication = new Authentication({
    ...{ passwords, credentials, clients, limits, metrics, clientLog, connections, refusals },
    openSession: (client, user, role) =>
      userConnections.add(client.conn, user, role, sessions.isConnected(client.id, user)) ??
      sessions.open(client, user, role),
    fastPathOf: (client, reader) => new PublishFastPath(client, reader, fastPath),
  })
  const connectHandler = new ConnectHandler({ aedes, connections, authentication, sessions, limits })
  const forbidden = forbiddenTopics({ refusals, clients, connections, log, clientLog })
  const storeRetained = retainedWriter(retained, aedes.persistence, metrics, log)
  setHandlers(aedes, {
    preConnect: connectHandler.preConnect,
    authenticate: connectHandler.authenticate,
    authorizePublish: publishHandler({ clients, journalWriter, storeRetained, forbidden, limits, metrics }),
    authorizeSubscribe: subscribeHandler({ clients, subscriptions, forbidden, refusals, limits, metrics }),
    authorizeForward: forwardHandler(limits, metrics),
  })
  // Aedes' own count is wrong when a client id is taken over while the older client is being closed
  aedes.on('clientReady', (client) => clients.connected(client))
  aedes.on('unsubscribe', (filters, client) => subscriptions.remove(client, filters))
  aedes.on('clientError', ({ conn, id }, error) => connectionFailed(conn, error, id))
  aedes.on('connectionError', ({ conn, id }, error) => connectionFailed(conn, error, id))
  await retained.restore(aedes)
  registerQuotaMetrics(registry, limits, { connections: userConnections, sessions, subscriptions, retained })
  if (tls) showCertificateExpiry(tls.source, metrics)

  const ports = await startListeners(connections, { ...options, limits, maxPacketBytes, opened })
  opened(watchJournal(journal, registry, log))
  return ports
}
