import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import type { Packet } from 'mqtt-packet'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Journal } from '#journal/journal.ts'
import { isReadingTopic } from '#telemetry/topics.ts'
import { aedesClient, checkPackets, deliverWithGrantedQos, deliverWithoutBlocking } from './aedes/aedes-client.ts'
import { sessionStoreOf } from './aedes/session-store.ts'
import { type AuthenticationFiles, openAuthentication } from './auth/authentication.ts'
import type { OriginOptions } from './connection/allowed-origins.ts'
import { type ConnectRequest, limitKeepalive } from './connection/connect-fault.ts'
import { openConnections } from './connection/connections.ts'
import { disconnectReason } from './connection/disconnect-reason.ts'
import { type Listener, listenMqtt, listenWebSocket, type TlsSource } from './connection/listeners.ts'
import { SessionlessClient } from './connection/sessionless-client.ts'
import { forbiddenTopics } from './diagnostics/forbidden-topics.ts'
import { RateLimitedLog } from './diagnostics/log-rate-limit.ts'
import { refusalPublisher } from './diagnostics/publish-refusals.ts'
import { joinRefusals } from './diagnostics/refusal-exchange.ts'
import { plain, shown } from './diagnostics/refusal-words.ts'
import { Refusals } from './diagnostics/refusals.ts'
import { type BrokerLimits, defaultLimits } from './limits/limits.ts'
import { packetLimit } from './limits/max-packet-size.ts'
import { UserConnections } from './limits/user-connections.ts'
import { brokerMetrics } from './metrics/broker-metrics.ts'
import { watchJournal } from './metrics/journal-watch.ts'
import { registerQuotaMetrics } from './metrics/quota-metrics.ts'
import { publishAuthorization, subscribeAuthorization } from './publish/authorize-publish.ts'
import { createJournalWriter } from './publish/journal-writer.ts'
import { journalWriterReports } from './publish/journal-writer-log.ts'
import { type FastPathOptions, PublishFastPath } from './publish/publish-fast-path.ts'
import { indexRetained } from './retained/retained-lookup.ts'
import { RetainedMessages } from './retained/retained-messages.ts'
import { limitIncomingQos2 } from './sessions/qos2-limit.ts'
import { Sessions } from './sessions/sessions.ts'
import { hideSystemTopics } from './sessions/system-topics.ts'
import { hasLevelsOfReading, Subscriptions } from './subscribe/subscriptions.ts'
import { parseSessionlessConnect } from './wire/connect-packet.ts'
import { packetFault, packetWeight } from './wire/packet-fault.ts'
import { headerLength } from './wire/packet-length.ts'
import { topicFault } from './wire/topic-fault.ts'

export interface BrokerOptions extends AuthenticationFiles {
  host: string
  /** 0 takes a free one */
  mqttPort: number
  wsPort: number
  /** pages that may open MQTT over WebSocket; those of the listener's own origin where absent */
  pages?: OriginOptions
  /** the listeners with TLS; none without it */
  tls?: { source: TlsSource; host: string; mqttPort: number; wsPort: number } | undefined
  maxPacketBytes: number
  /** the defaults of config.ts where absent */
  limits?: Partial<BrokerLimits>
  journal: Pick<Journal, 'append' | 'stats' | 'broadcast' | 'maxMessageBytes'>
  /** folder of the retained messages */
  retainedPath: string
  registry: Registry
  log: Logger
}

export interface Broker {
  mqttPort: number
  wsPort: number
  /** the ports with TLS */
  tls?: { mqttPort: number; wsPort: number }
  /** Closes the listeners and every connection. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts the MQTT broker (3.1 and 3.1.1): a reading is in the journal before its PUBACK goes out. A publish that is
 * forbidden, or whose topic is wrong, is not delivered and closes its client, for 3.1.1 has no other way to say no; a
 * forbidden subscription is answered 0x80. A client gets a message once, however many of its subscriptions match.
 * Rejects with ConfigError when a port is taken or the file of credentials is damaged.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { journal, log } = options
  const metrics = brokerMetrics(options.registry)
  const limits = { ...defaultLimits, ...options.limits }
  const maxPacketBytes = packetLimit(options.maxPacketBytes, journal.maxMessageBytes, log)
  const fresh = new WeakMap<Duplex, SessionlessClient>()
  /** CONNECTs that Aedes has read, until their clients are let in */
  const asked = new WeakMap<Duplex, ConnectRequest>()
  /** what the door said to clients that Aedes is to accept or refuse: why not, or null */
  const answers = new WeakMap<Duplex, AuthenticateError | null>()
  const ended = new WeakSet<Duplex>()
  /** Aedes tells of one end as often as something waited for it, and the connection does too. */
  const end = (conn: Duplex, error: Error, client?: string) => {
    if (ended.has(conn)) return
    ended.add(conn)
    const what = disconnectReason(error)
    if (what) metrics.refused.inc({ what })
    log.debug({ client, what, err: error }, 'a connection failed')
  }
  const publishRefusals = refusalPublisher(() => broker, log)
  const said = new RateLimitedLog(log)
  const refusals = new Refusals({
    metrics,
    tell(batch) {
      publishRefusals(batch)
      exchange.tell(batch)
    },
  })
  const exchange = joinRefusals(journal.broadcast, {
    own: refusals.broker,
    take: publishRefusals,
    asked: () => refusals.tellAgain(),
  })
  const reception = openConnections(() => broker, {
    ...{ limits, maxPacketBytes, metrics, log },
    refused: (code, address) => refusals.add({ code, address, isKnown: false }),
    welcome(connect, connection) {
      const packet = parseSessionlessConnect(connect, headerLength(connect, 0))
      if (!packet) return false
      const keepalive = limitKeepalive(packet.keepalive, limits)
      const client = new SessionlessClient(connection, packet, keepalive, broker, reception.handle)
      fresh.set(connection, client)
      door.enter(client, packet, (error, success) => {
        if (client.closed || broker.closed) return
        if (success && sessions.isFresh(client)) {
          client.accept()
          signedIn.accepted(client)
          return
        }
        answers.set(connection, error)
        reception.handOver(connection, connect)
      })
      return true
    },
    prepare(client) {
      deliverWithGrantedQos(client, (topic) => subscriptions.qosOf(client, topic))
      deliverWithoutBlocking(client)
      checkPackets(client, faultOf(client), ({ id, conn }, fault) => {
        metrics.refused.inc({ what: 'protocol' })
        const { user = '' } = signedIn.identityOf({ conn }) ?? {}
        const told = { client: plain(id, shown.id), username: user }
        said.warn(user, told, `refused: a packet that breaks the protocol: ${fault}`)
      })
    },
    listen: (connection) => void (fresh.get(connection)?.registerWithAedes() ?? reception.handle(connection)),
    failed: (connection, error) => end(connection, error, fresh.get(connection)?.id),
  })
  const faultOf = (client: Client) => (packet: Packet) => {
    const weight = packetWeight(packet)
    if (weight > 1) reception.charge(client, weight - 1)
    return packetFault(packet)
  }
  const subscriptions = new Subscriptions(limits)
  const userConnections = new UserConnections(limits)
  const stopping = new AbortController()
  const door = await openAuthentication({
    ...options,
    ...{ limits, metrics, reception, refusals, said },
    claim: (client, user, role) =>
      userConnections.claim(client.conn, user, role, sessions.isConnected(client.id, user)) ??
      sessions.claim(client, user, role),
    forget: (users) => void sessions.forget(users),
    fastPathOf: (client, intake) => new PublishFastPath(client, intake, lanes),
  })
  const { signedIn } = door
  const forbidden = forbiddenTopics({ refusals, signedIn, reception, log, said })
  const opened: { close(): Promise<unknown> }[] = [
    { close: async () => refusals.close() },
    { close: async () => exchange.close() },
    door,
  ]
  const closeAll = async () => {
    for (let part = opened.pop(); part; part = opened.pop()) await part.close()
  }
  const retained = await RetainedMessages.open(options.retainedPath, limits).catch(async (error) => {
    await closeAll()
    throw error
  })
  opened.push(retained)
  const gate = createJournalWriter(journal, metrics, stopping.signal, journalWriterReports(log, said))
  const authorization = {
    ...{ signedIn, subscriptions, retained, gate, forbidden, refusals, limits, metrics, log },
    listened: () => {
      refusals.tellAgain()
      exchange.ask()
    },
    store: () => store,
  }

  const lanes: FastPathOptions = {
    gate,
    rightsOf: (client) => signedIn.rightsOf(client),
    sharedUserOf: (client) => signedIn.sharedUserOf(client),
    admits: (client, topic) =>
      isReadingTopic(topic) &&
      hasLevelsOfReading(topic) &&
      !/[#+]/.test(topic) &&
      !topicFault(topic, limits) &&
      signedIn.rightsOf(client)?.mayPublish(topic) === true,
    kept({ topic, payload }, qos) {
      if (!subscriptions.hasReadingSubscribers) return
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: false, dup: false } as const
      broker.publish(packet, (error) => {
        if (error) log.debug({ topic, err: error }, 'a reading was not delivered')
      })
    },
  }

  const broker = await Aedes.createBroker({
    // one subscriber that stops reading must not hold up the others (measured: 60 s at the default of 100)
    concurrency: 0,
    connectTimeout: limits.CONNECT_TIMEOUT_S * 1_000,
    drainTimeout: limits.SLOW_CONSUMER_TIMEOUT_S * 1_000,
    maxInflightInbound: limits.MAX_INFLIGHT,
    preConnect(client, packet, done) {
      packet.keepalive = limitKeepalive(packet.keepalive ?? 0, limits)
      asked.set(client.conn, packet)
      done(null, true)
    },
    authenticate(client, _username, _password, done) {
      const { conn } = client
      const packet = asked.get(conn)
      asked.delete(conn) // it holds the password
      const answer = answers.get(conn)
      if (answer !== undefined) done(answer, answer === null)
      else if (packet) door.enter(aedesClient(client), packet, done)
    },
    authorizePublish: publishAuthorization(authorization),
    authorizeSubscribe: subscribeAuthorization(authorization),
    authorizeForward(client, packet) {
      const { destroyed, writableLength } = client.conn
      if (destroyed || writableLength <= limits.MAX_UNSENT_BYTES) return packet
      if (packet.qos === 0) {
        metrics.dropped.inc()
        return null
      }
      metrics.refused.inc({ what: 'slow-consumer' })
      client.conn.destroy()
      return packet
    },
  })
  const store = sessionStoreOf(broker)
  hideSystemTopics(store)
  indexRetained(store)
  limitIncomingQos2(store, limits)
  const sessions = new Sessions(store, subscriptions, limits, metrics)
  // Aedes' own count goes wrong when a client id is taken over while the older client is being closed
  broker.on('clientReady', (client) => signedIn.accepted(client))
  broker.on('unsubscribe', (filters, client) => subscriptions.forget(client, filters))
  broker.on('clientError', ({ conn, id }, error) => end(conn, error, id))
  broker.on('connectionError', ({ conn, id }, error) => end(conn, error, id))
  await retained.restore(broker)
  registerQuotaMetrics(options.registry, {
    subscriptions: () => subscriptions.size,
    retainedMessages: () => retained.size,
    retainedBytes: () => retained.bytes,
    shares: {
      connections: { limit: limits.MAX_CONNECTIONS_PER_USER, largest: () => userConnections.largest },
      sessions: { limit: limits.MAX_SESSIONS_PER_USER, largest: () => sessions.largest },
      subscriptions: { limit: limits.MAX_SUBSCRIPTIONS_PER_USER, largest: () => subscriptions.largest },
      retainedMessages: { limit: limits.MAX_RETAINED_PER_USER, largest: () => retained.largest },
      retainedBytes: { limit: limits.MAX_RETAINED_BYTES_PER_USER, largest: () => retained.largestBytes },
    },
  })

  opened.push({
    close() {
      sessions.close()
      return new Promise<void>((resolve) => broker.close(() => resolve()))
    },
  })
  const listening = async (starting: Promise<Listener>): Promise<number> => {
    const listener = await starting.catch(async (error) => {
      await closeAll()
      throw error
    })
    opened.push(listener)
    return listener.port
  }
  const { host, tls } = options
  const pages = options.pages ?? { publicUrl: undefined, allowedHosts: [], dashboardPort: 0 }
  const common = { maxPacketBytes, connectTimeoutMs: limits.CONNECT_TIMEOUT_S * 1_000 }
  const mqtt = (port: number, variable: string, secure?: typeof tls) =>
    listening(listenMqtt(reception, { ...common, host: secure?.host ?? host, port, variable, tls: secure?.source }))
  const webSocket = (port: number, variable: string, secure?: typeof tls) =>
    listening(
      listenWebSocket(reception, { ...common, pages, host: secure?.host ?? host, port, variable, tls: secure?.source }),
    )
  const ports = {
    mqttPort: await mqtt(options.mqttPort, 'MQTT_PORT'),
    wsPort: await webSocket(options.wsPort, 'MQTT_WS_PORT'),
    ...(tls && {
      tls: {
        mqttPort: await mqtt(tls.mqttPort, 'MQTTS_PORT', tls),
        wsPort: await webSocket(tls.wsPort, 'MQTT_WSS_PORT', tls),
      },
    }),
  }
  if (tls) {
    const showExpiry = () => metrics.certificateExpires.set(tls.source.current.expiresAt / 1_000)
    tls.source.onChange(showExpiry)
    showExpiry()
  }

  const watch = watchJournal(journal, options.registry, log)
  let closing: Promise<void> | undefined
  return {
    ...ports,
    close() {
      stopping.abort()
      watch.close()
      closing ??= closeAll()
      return closing
    },
  }
}
