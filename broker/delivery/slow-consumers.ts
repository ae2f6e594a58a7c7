import type { AedesOptions } from 'aedes'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'

/**
 * Makes Aedes' forward handler, which bounds what waits in memory for a client that does not read (MAX_UNSENT_BYTES): beyond it a QoS 0 message
 * is dropped for this client, and one of QoS 1 or 2 closes its connection.
 */
export function forwardHandler(
  limits: Pick<BrokerLimits, 'MAX_UNSENT_BYTES'>,
  metrics: Pick<BrokerMetrics, 'dropped' | 'refused'>,
): NonNullable<AedesOptions['authorizeForward']> {
  return (client, packet) => {
    const { destroyed, writableLength } = client.conn
    if (destroyed || writableLength <= limits.MAX_UNSENT_BYTES) return packet
    if (packet.qos === 0) {
      metrics.dropped.inc()
      return null
    }
    metrics.refused.inc({ what: 'slow-consumer' })
    client.conn.destroy()
    return packet
  }
}
