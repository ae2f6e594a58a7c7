import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import type { ConnectedClient } from '../aedes-client.ts'
import type { Peer, Reception } from '../listeners.ts'
import type { BrokerMetrics } from '../metrics.ts'
import { Admission } from './admission.ts'
import { Intake, type IntakeOptions, type Lane, type Waking } from './intake.ts'
import type { BrokerLimits } from './limits.ts'
import type { Rates } from './rates.ts'

export interface ReceptionOptions {
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
export type LaneOf = (client: ConnectedClient, intake: Waking) => Lane

/** Where connections come in, with the doors behind which clients wait. */
export interface BrokerReception extends Reception {
  /** The other end of this client's connection. */
  peerOf(client: ConnectedClient): Peer
  /** Reads on behind the CONNECT, at most at these rates; the lane may take packets. */
  release(client: ConnectedClient, rates: Rates, laneOf: LaneOf): void
  /** Gives a connection to Aedes. */
  handle(connection: Duplex): Client
  /** Gives Aedes a CONNECT that was shown to `welcome`. */
  handOver(connection: Duplex, connect: Buffer): void
}

/** Opens the way to `broker`, which is asked for with the first connection. */
export function openReception(broker: () => Aedes, options: ReceptionOptions): BrokerReception {
  const { limits, maxPacketBytes, metrics, log } = options
  const peers = new WeakMap<Duplex, Peer>()
  const intakes = new WeakMap<Duplex, Intake>()
  let warnedAt = 0
  const admission = new Admission(limits, metrics.connections, (what, address) => {
    metrics.refused.inc({ what })
    options.refused('connections', address)
    if (Date.now() - warnedAt < 1_000) return // refusing must stay cheap
    warnedAt = Date.now()
    log.warn({ what, address }, 'refused: too many connections')
  })
  const failed = function (this: Duplex, error: Error) {
    options.failed(this, error)
  }
  const shared: IntakeOptions = {
    maxPacketBytes,
    connectTimeoutMs: limits.CONNECT_TIMEOUT_S * 1_000,
    welcome: options.welcome,
    listen: options.listen,
    refused(what, length) {
      metrics.refused.inc({ what })
      log.warn(
        { what, length },
        'refused: a packet too large (MAX_PACKET_BYTES), before CONNECT, or of an unknown version',
      )
    },
    delayed: (waitMs) => metrics.delayed.inc(waitMs / 1_000),
  }
  return {
    admit: (socket: Socket) => admission.admit(socket),
    peerOf: (client) => peers.get(client.conn) ?? { address: '' },
    failed(what, address, why) {
      metrics.refused.inc({ what })
      options.refused(what === 'connect-timeout' ? what : 'tls', address)
      if (Date.now() - warnedAt < 1_000) return
      warnedAt = Date.now()
      log.warn({ what, address }, `refused: ${why}`)
    },
    accept(connection, peer) {
      peers.set(connection, peer)
      const intake = new Intake(connection, shared)
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
    release(client, rates, laneOf) {
      const intake = intakes.get(client.conn)
      intake?.release(client, rates, laneOf(client, intake))
    },
  }
}
