import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import type { Logger } from 'pino'
import type { Peer, Reception } from '../listeners.ts'
import type { BrokerMetrics } from '../metrics.ts'
import { Admission } from './admission.ts'
import { openIntake } from './intake.ts'
import type { BrokerLimits } from './limits.ts'
import type { Rates } from './rates.ts'

export interface ReceptionOptions {
  limits: BrokerLimits
  maxPacketBytes: number
  metrics: BrokerMetrics
  log: Logger
}

/** Where connections come in, with the doors behind which clients wait. */
export interface BrokerReception extends Reception {
  /** The other end of this client's connection. */
  peerOf(client: Client): Peer
  /** Reads nothing more of this client until it is released: between CONNECT and its answer. */
  hold(client: Client): void
  /** Reads on, at most at these rates. */
  release(client: Client, rates: Rates): void
}

/** Opens the way to `broker`, which is asked for with the first connection. */
export function openReception(broker: () => Aedes, options: ReceptionOptions): BrokerReception {
  const { limits, maxPacketBytes, metrics, log } = options
  const peers = new WeakMap<Duplex, Peer>()
  const intakes = new WeakMap<Duplex, ReturnType<typeof openIntake>>()
  let warnedAt = 0
  const admission = new Admission(limits, metrics.connections, (what, address) => {
    metrics.refused.inc({ what })
    if (Date.now() - warnedAt < 1_000) return // refusing must stay cheap
    warnedAt = Date.now()
    log.warn({ what, address }, 'refused: too many connections')
  })
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
      const intake = openIntake(connection, {
        maxPacketBytes,
        refused(what, length) {
          metrics.refused.inc({ what })
          log.warn({ what, length }, 'refused: a packet too large (MAX_PACKET_BYTES), or before CONNECT')
        },
        delayed: (waitMs) => metrics.delayed.inc(waitMs / 1_000),
      })
      intakes.set(connection, intake)
      broker().handle(connection)
    },
    hold: (client) => intakes.get(client.conn)?.hold(),
    release: (client, rates) => intakes.get(client.conn)?.release(rates),
  }
}
