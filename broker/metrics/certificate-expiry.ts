import type { TlsSource } from '../connection/tls-source.ts'
import type { BrokerMetrics } from './broker-metrics.ts'

/** Shows when the certificate of the broker ends, also after its files have changed. */
export function showCertificateExpiry(source: TlsSource, metrics: Pick<BrokerMetrics, 'certificateExpires'>): void {
  const show = () => metrics.certificateExpires.set(source.current.expiresAt / 1_000)
  source.onChange(show)
  show()
}
