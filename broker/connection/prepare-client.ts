import type { Client } from 'aedes'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import { deliverWithoutBlocking } from '../delivery/deliver-without-blocking.ts'
import { deliverWithGrantedQos } from '../delivery/granted-qos.ts'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import { plain, shown } from '../diagnostics/safe-text.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'
import { packetFault, packetWeight } from '../wire/packet-fault.ts'
import { checkPackets } from './packet-checks.ts'
import type { SocketReader } from './socket-reader.ts'

interface PrepareClientOptions {
  subscriptions: Pick<Subscriptions, 'qosOf'>
  clients: Pick<AuthenticatedClients, 'identityOf'>
  metrics: Pick<BrokerMetrics, 'refused'>
  clientLog: Pick<RateLimitedLog, 'warn'>
}

/** Prepares a client that Aedes has made, before it receives anything. */
export type PrepareClient = (client: Client, reader: Pick<SocketReader, 'charge'> | undefined) => void

/** Makes what changes each of Aedes' clients: how messages are delivered to it, and how its packets are checked and counted. */
export function clientPreparer({ subscriptions, clients, metrics, clientLog }: PrepareClientOptions): PrepareClient {
  const refused = ({ id, conn }: Client, fault: string) => {
    metrics.refused.inc({ what: 'protocol' })
    const { user = '' } = clients.identityOf({ conn }) ?? {}
    const details = { client: plain(id, shown.id), username: user }
    clientLog.warn(user, details, `refused: a packet that breaks the protocol: ${fault}`)
  }
  return (client, reader) => {
    deliverWithGrantedQos(client, (topic) => subscriptions.qosOf(client, topic))
    deliverWithoutBlocking(client)
    checkPackets(
      client,
      (packet) => {
        const weight = packetWeight(packet)
        if (weight > 1) reader?.charge(weight - 1)
        return packetFault(packet)
      },
      refused,
    )
  }
}
