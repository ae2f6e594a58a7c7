import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import type { Peer, Reception } from '../listeners.ts'
import type { BrokerMetrics } from '../metrics.ts'
import { Admission } from './admission.ts'
import { Intake, type IntakeOptions, type Lane, type Waking } from './intake.ts'
import type { BrokerLimits } from './limits.ts'
import type { Rates } from './rates.ts'

export interface ReceptionOptions {
  limits: BrokerLimits
  maxPacketBytes: number
  metrics: BrokerMetrics
  log: Logger
}

/** Makes the lane of a client, which wakes the reading. */
export type LaneOf = (client: Client, intake: Waking) => Lane

/** Where connections come in, with the doors behind which clients wait. */
export interface BrokerReception extends Reception {
  /** The other end of this client's connection. */
  peerOf(client: Client): Peer
  /** Reads on behind the CONNECT, at most at these rates; the lane may take packets. */
  release(client: Client, rates: Rates, laneOf: LaneOf): void
}

/** Opens the way to `broker`, which is asked for with the first connection. */
export function openReception(broker: () => Aedes, options: ReceptionOptions): BrokerReception {
  const { limits, maxPacketBytes, metrics, log } = options
  const peers = new WeakMap<Duplex, Peer>()
  const intakes = new WeakMap<Duplex, Intake>()
  let warnedAt = 0
  const admission = new Admission(limits, metrics.connections, (what, address) => {
    metrics.refused.inc({ what })
    if (Date.now() - warnedAt < 1_000) return // refusing must stay cheap
    warnedAt = Date.now()
    log.warn({ what, address }, 'refused: too many connections')
  })
  const shared: IntakeOptions = {
    maxPacketBytes,
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
      if (Date.now() - warnedAt < 1_000) return
      warnedAt = Date.now()
      log.warn({ what, address }, `refused: ${why}`)
    },
    accept(connection, peer) {
      peers.set(connection, peer)
      const intake = new Intake(connection, shared)
      intakes.set(connection, intake)
      broker().handle(connection)
      intake.begin()
    },
    release(client, rates, laneOf) {
      const intake = intakes.get(client.conn)
      intake?.release(rates, laneOf(client, intake))
    },
  }
}
