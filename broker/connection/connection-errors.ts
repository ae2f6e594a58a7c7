import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { disconnectReason } from './disconnect-reason.ts'

/** Reports the error that ended a connection. */
export type ReportConnectionError = (connection: Duplex, error: Error, clientId?: string) => void

/** Makes what counts and logs the errors of connections, each connection once: Aedes reports one several times, and so does the connection. */
export function connectionErrors(metrics: Pick<BrokerMetrics, 'refused'>, log: Logger): ReportConnectionError {
  const reported = new WeakSet<Duplex>()
  return (connection, error, clientId) => {
    if (reported.has(connection)) return
    reported.add(connection)
    const what = disconnectReason(error)
    if (what) metrics.refused.inc({ what })
    log.debug({ client: clientId, what, err: error }, 'a connection failed')
  }
}
