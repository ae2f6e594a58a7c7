import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Journal } from '#journal/journal.ts'
import { isReadingTopic } from '#telemetry/topics.ts'
import { Accounts, type Passwords } from './accounts.ts'
import { journalGate } from './journal-gate.ts'
import { watchJournal } from './journal-watch.ts'
import { listenTcp, listenWebSocket } from './listeners.ts'
import { brokerMetrics } from './metrics.ts'
import { limitPackets } from './packet-limit.ts'
import { RetainedMessages } from './retained.ts'
import { mayPublish, maySubscribe, type Role } from './rights.ts'

export interface BrokerOptions {
  host: string
  /** 0 takes a free one */
  mqttPort: number
  wsPort: number
  maxPacketBytes: number
  journal: Journal
  passwords: Passwords
  /** folder of the retained messages */
  retainedPath: string
  registry: Registry
  log: Logger
}

export interface Broker {
  mqttPort: number
  wsPort: number
  /** Closes the listeners and every connection. Idempotent. */
  close(): Promise<void>
}

/** s between two packets of a client at the most; 0 (none) is refused */
const keepaliveLimitS = 1_200

const badCredentials = (): AuthenticateError =>
  Object.assign(new Error('wrong user name or password'), { returnCode: 4 })

/** Starts the MQTT broker: a reading is in the journal before its PUBACK goes out. Rejects with ConfigError when a port is taken. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { journal, log } = options
  const metrics = brokerMetrics(options.registry)
  const accounts = new Accounts(options.passwords)
  const roleOf = new WeakMap<Client, Role>()
  const stopping = new AbortController()
  const retained = await RetainedMessages.open(options.retainedPath)
  let warnedAt = 0
  const gate = journalGate(journal, metrics, stopping.signal, (error) => {
    if (Date.now() - warnedAt < 5_000) return
    warnedAt = Date.now()
    log.warn({ err: error }, 'the journal takes nothing now: acknowledgements are withheld')
  })

  const broker = await Aedes.createBroker({
    // one subscriber that stops reading must not hold up the others (measured: 60 s at the default of 100)
    concurrency: 0,
    connectTimeout: 10_000,
    drainTimeout: 10_000,
    keepaliveLimit: keepaliveLimitS,
    maxTopicLevels: 10,
    authenticate(client, username, password, done) {
      const role = accounts.check(username, password)
      if (!role) {
        metrics.refused.inc({ what: 'credentials' })
        log.warn({ client: client.id, username }, 'refused: wrong user name or password')
        return done(badCredentials(), false)
      }
      roleOf.set(client, role)
      done(null, true)
    },
    authorizePublish(client, packet, done) {
      const role = client ? roleOf.get(client) : undefined
      if (client && (!role || !mayPublish(role, packet.topic))) {
        metrics.refused.inc({ what: 'publish' })
        log.warn({ client: client.id, role, topic: packet.topic }, 'refused: no right to publish there')
        return done(new Error(`no right to publish to ${packet.topic}`))
      }
      const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
      if (isReadingTopic(packet.topic)) {
        // a retained reading would reach every later subscriber as if it were new
        packet.retain = false
        gate(packet.topic, payload).then(() => done(), done)
      } else if (packet.retain)
        retained.keep(packet.topic, payload).then((kept) => {
          metrics.retained.set(retained.size)
          done(kept ? null : new Error('no room for another retained topic'))
        }, done)
      else done()
    },
    authorizeSubscribe(client, subscription, done) {
      const role = roleOf.get(client)
      if (role && maySubscribe(role, subscription.topic)) return done(null, subscription)
      metrics.refused.inc({ what: 'subscribe' })
      done(null, null)
    },
  })
  broker.on('clientReady', () => metrics.clients.set(broker.connectedClients))
  broker.on('clientDisconnect', () => metrics.clients.set(broker.connectedClients))
  broker.on('clientError', (client, error) => log.debug({ client: client.id, err: error }, 'client failed'))
  broker.on('connectionError', (_client, error) => log.debug({ err: error }, 'connection failed'))
  await retained.restore(broker)
  metrics.retained.set(retained.size)

  const accept = (connection: Duplex) => {
    const limited = limitPackets(connection, options.maxPacketBytes, (length) => {
      metrics.refused.inc({ what: 'packet-size' })
      log.warn({ length }, 'refused: packet too large (MAX_PACKET_BYTES)')
    })
    broker.handle(limited)
  }
  const closeBroker = () => new Promise<void>((resolve) => broker.close(() => resolve()))
  const tcp = await listenTcp(accept, options.host, options.mqttPort).catch(async (error) => {
    await closeBroker()
    await retained.close()
    throw error
  })
  const ws = await listenWebSocket(accept, options.host, options.wsPort, options.maxPacketBytes).catch(
    async (error) => {
      await tcp.close()
      await closeBroker()
      await retained.close()
      throw error
    },
  )

  const watch = watchJournal(journal, options.registry, log)
  let closing: Promise<void> | undefined
  const close = async () => {
    stopping.abort()
    watch.close()
    await Promise.all([tcp.close(), ws.close()])
    await closeBroker()
    await retained.close()
  }
  return {
    mqttPort: tcp.port,
    wsPort: ws.port,
    close() {
      closing ??= close()
      return closing
    },
  }
}
