import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { Allowance } from '../limits/user-rates.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { type ConnectionLimitFault, ConnectionLimits } from './connection-limits.ts'
import type { Peer, Reception } from './listeners.ts'
import { type FastPath, type ResumableReader, SocketReader, type SocketReaderOptions } from './socket-reader.ts'

export interface ConnectionsOptions {
  limits: BrokerLimits
  /** Takes a whole CONNECT of a connection; false when Aedes must have it. */
  welcome(connect: Buffer, connection: Duplex): boolean
  /** Makes Aedes listen to a connection that has something for it. */
  listen(connection: Duplex): void
  /** Is told of each client that Aedes has made, before it hears anything. */
  prepare(client: Client): void
  /** Is told of a connection that failed. */
  failed(connection: Duplex, error: Error): void
  /** Is told of connections of an address that were refused before a CONNECT. */
  refused(code: 'connections' | 'tls' | 'connect-timeout', address: string): void
  maxPacketBytes: number
  metrics: BrokerMetrics
  log: Logger
}

/** Makes the lane of a client, which wakes the reading. */
export type FastPathOf = (client: ConnectedClient, intake: ResumableReader) => FastPath

/** Where connections come in, with the doors behind which clients wait. */
export interface BrokerConnections extends Reception {
  /** The other end of this client's connection. */
  peerOf(client: ConnectedClient): Peer
  /** Reads on behind the CONNECT, at most as allowed; the lane may take packets. */
  release(client: ConnectedClient, allowance: Allowance, fastPathOf: FastPathOf): void
  /** Counts a packet of this client as so many more, for the work that it makes. */
  charge(client: { conn: Duplex }, packets: number): void
  /** Gives a connection to Aedes. */
  handle(connection: Duplex): Client
  /** Gives Aedes a CONNECT that was shown to `welcome`. */
  handOver(connection: Duplex, connect: Buffer): void
}

/** What is logged of a connection that was not taken, or ended while it was silent. */
const limitWords: Record<ConnectionLimitFault, string> = {
  connections: 'too many connections (MAX_CONNECTIONS), and all have sent a CONNECT',
  address: 'too many connections of this address (MAX_CONNECTIONS_PER_ADDRESS), and all have sent a CONNECT',
  'connect-rate': 'too many new connections of this address (CONNECTS_PER_SECOND)',
  displaced: 'too many connections: the oldest one without a CONNECT made room for a new one',
  'connect-bytes': 'too many bytes of CONNECTs that do not end: the oldest connection without a whole one is ended',
  'connect-timeout': 'no whole CONNECT in time (CONNECT_TIMEOUT_S), handshakes of TLS and WebSocket included',
}

/** ms between two log lines about one sort of refusal: refusing must stay cheap */
const warnEveryMs = 1_000

/** Logs refusals, each sort at most once a second, with how many there were since its last line. */
function sparseWarning(log: Logger): (what: string, address: string, why: string) => void {
  const sorts = new Map<string, { at: number; unsaid: number }>()
  return (what, address, why) => {
    const sort = sorts.get(what) ?? { at: Number.NEGATIVE_INFINITY, unsaid: 0 }
    sorts.set(what, sort)
    sort.unsaid += 1
    const now = performance.now()
    if (now - sort.at < warnEveryMs) return
    log.warn({ what, address, count: sort.unsaid }, `refused: ${why}`)
    Object.assign(sort, { at: now, unsaid: 0 })
  }
}

/** Opens the way to `broker`, which is asked for with the first connection. */
export function openConnections(broker: () => Aedes, options: ConnectionsOptions): BrokerConnections {
  const { limits, maxPacketBytes, metrics, log } = options
  const peers = new WeakMap<Duplex, Peer>()
  const intakes = new WeakMap<Duplex, SocketReader>()
  const sockets = new WeakMap<Duplex, Socket>()
  const warn = sparseWarning(log)
  const admission = new ConnectionLimits(limits, metrics.connections, (what, address) => {
    metrics.refused.inc({ what })
    options.refused(what === 'connect-timeout' ? what : 'connections', address)
    warn(what, address, limitWords[what])
  })
  const failed = function (this: Duplex, error: Error) {
    options.failed(this, error)
  }
  const shared: SocketReaderOptions = {
    maxPacketBytes,
    welcome: options.welcome,
    listen: options.listen,
    cameInPart(connection, bytes) {
      const socket = sockets.get(connection)
      if (socket) admission.came(socket, bytes)
    },
    connected(connection) {
      const socket = sockets.get(connection)
      if (socket) admission.connected(socket)
    },
    refused(what, length, connection) {
      metrics.refused.inc({ what })
      const why = `a packet of ${length} bytes is too large (MAX_PACKET_BYTES), before CONNECT, or of an unknown version`
      warn(what, peers.get(connection)?.address ?? '', why)
    },
    delayed: (waitMs) => metrics.delayed.inc(waitMs / 1_000),
  }
  return {
    admit: (socket: Socket) => admission.admit(socket),
    peerOf: (client) => peers.get(client.conn) ?? { address: '' },
    failed(what, address, why) {
      metrics.refused.inc({ what })
      if (what === 'tls' || what === 'certificate') options.refused('tls', address)
      warn(what, address, why)
    },
    accept(connection, peer, socket) {
      peers.set(connection, peer)
      if (socket) sockets.set(connection, socket)
      const intake = new SocketReader(connection, shared)
      intakes.set(connection, intake)
      connection.on('error', failed)
      intake.begin()
    },
    handle(connection) {
      const client = broker().handle(connection)
      options.prepare(client)
      intakes.get(connection)?.stepBetween()
      return client
    },
    handOver: (connection, connect) => intakes.get(connection)?.handOver(connect),
    release(client, allowance, fastPathOf) {
      const intake = intakes.get(client.conn)
      intake?.release(client, allowance, fastPathOf(client, intake))
    },
    charge: (client, packets) => intakes.get(client.conn)?.charge(packets),
  }
}
