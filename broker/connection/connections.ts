import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { Allowance } from '../limits/user-rates.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { type ConnectionLimitFault, ConnectionLimits } from './connection-limits.ts'
import type { FastPath, PausedReader } from './fast-path.ts'
import type { ConnectionHandler, Peer } from './listeners.ts'
import type { PrepareClient } from './prepare-client.ts'
import { SocketReader, type SocketReaderOptions } from './socket-reader.ts'
import { sparseWarning } from './sparse-warning.ts'

export interface ConnectionsOptions {
  aedes: Pick<Aedes, 'handle'>
  limits: BrokerLimits
  /** Handles a whole CONNECT of a connection; false when Aedes must have it. */
  acceptConnect(connect: Buffer, connection: Duplex): boolean
  /** Makes Aedes listen to a connection that has something for it. */
  attachAedes(connection: Duplex): void
  prepareClient: PrepareClient
  /** Called with a connection that failed. */
  failed(connection: Duplex, error: Error): void
  /** Called for connections of an address that were refused before a CONNECT. */
  refused(code: 'connections' | 'tls' | 'connect-timeout', address: string): void
  maxPacketBytes: number
  metrics: BrokerMetrics
  log: Logger
}

/** Makes the fast path of a client, which resumes the reading of its connection. */
export type FastPathOf = (client: ConnectedClient, reader: PausedReader) => FastPath

/** All connections, from their opening on. */
export interface BrokerConnections extends ConnectionHandler {
  /** The other end of this client's connection. */
  peerOf(client: ConnectedClient): Peer
  /** Reads on behind the CONNECT, at most as much as allowed. */
  release(client: ConnectedClient, allowance: Allowance, fastPathOf: FastPathOf): void
  /** Gives a connection to Aedes, which makes a client of it. */
  attachAedes(connection: Duplex): Client
  /** Gives Aedes a CONNECT that `acceptConnect` has handled. */
  passConnect(connection: Duplex, connect: Buffer): void
}

/** What is logged of a connection that was refused, or ended before its CONNECT. */
const limitWords: Record<ConnectionLimitFault, string> = {
  connections: 'too many connections (MAX_CONNECTIONS), and all have sent a CONNECT',
  address: 'too many connections of this address (MAX_CONNECTIONS_PER_ADDRESS), and all have sent a CONNECT',
  'connect-rate': 'too many new connections of this address (CONNECTS_PER_SECOND)',
  displaced: 'too many connections: the oldest one without a CONNECT made room for a new one',
  'connect-bytes': 'too many bytes of CONNECTs that do not end: the oldest connection without a whole one is ended',
  'connect-timeout': 'no whole CONNECT in time (CONNECT_TIMEOUT_S), handshakes of TLS and WebSocket included',
}

/** Makes what admits connections within the limits and reads each of them. */
export function createConnections(options: ConnectionsOptions): BrokerConnections {
  const { aedes, limits, maxPacketBytes, metrics, log } = options
  const peers = new WeakMap<Duplex, Peer>()
  const readers = new WeakMap<Duplex, SocketReader>()
  const sockets = new WeakMap<Duplex, Socket>()
  const warn = sparseWarning(log)
  const connectionLimits = new ConnectionLimits(limits, metrics.connections, (what, address) => {
    metrics.refused.inc({ what })
    options.refused(what === 'connect-timeout' ? what : 'connections', address)
    warn(what, address, limitWords[what])
  })
  const failed = function (this: Duplex, error: Error) {
    options.failed(this, error)
  }
  const shared: SocketReaderOptions = {
    maxPacketBytes,
    acceptConnect: options.acceptConnect,
    attachAedes: options.attachAedes,
    connectBytesReceived(connection, bytes) {
      const socket = sockets.get(connection)
      if (socket) connectionLimits.connectBytesReceived(socket, bytes)
    },
    connectReceived(connection) {
      const socket = sockets.get(connection)
      if (socket) connectionLimits.connectReceived(socket)
    },
    refused(what, length, connection) {
      metrics.refused.inc({ what })
      const why = `a packet of ${length} bytes is too large (MAX_PACKET_BYTES), before CONNECT, or of an unknown version`
      warn(what, peers.get(connection)?.address ?? '', why)
    },
    delayed: (waitMs) => metrics.delayed.inc(waitMs / 1_000),
  }
  return {
    admit: (socket: Socket) => connectionLimits.admit(socket),
    peerOf: (client) => peers.get(client.conn) ?? { address: '' },
    handshakeFailed(what, address, why) {
      metrics.refused.inc({ what })
      if (what === 'tls' || what === 'certificate') options.refused('tls', address)
      warn(what, address, why)
    },
    accept(connection, peer, socket) {
      peers.set(connection, peer)
      if (socket) sockets.set(connection, socket)
      const reader = new SocketReader(connection, shared)
      readers.set(connection, reader)
      connection.on('error', failed)
      reader.start()
    },
    attachAedes(connection) {
      const client = aedes.handle(connection)
      const reader = readers.get(connection)
      options.prepareClient(client, reader)
      reader?.intercept()
      return client
    },
    passConnect: (connection, connect) => readers.get(connection)?.passConnect(connect),
    release(client, allowance, fastPathOf) {
      const reader = readers.get(client.conn)
      reader?.release(client, allowance, fastPathOf(client, reader))
    },
  }
}
