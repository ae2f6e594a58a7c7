import type { Logger } from 'pino'
import type { TlsSource } from '#broker/connection/tls-source.ts'
import type { PlatformConfig } from './config.ts'
import { isLoopbackHost, plainHost } from './plaintext.ts'

/** Where the api listens, and whether with TLS. */
export interface ApiListener {
  host: string
  tls?: TlsSource
}

/**
 * The api has one listener: plain on this machine, where nobody else hears it, and with the certificate of `TLS_CERT` beyond.
 * @throws ConfigError when it would listen beyond this machine without TLS and without `ALLOW_PLAINTEXT=true`
 */
export function apiListener(
  config: Pick<PlatformConfig, 'HOST' | 'TLS_CERT' | 'ALLOW_PLAINTEXT'>,
  tls: TlsSource | undefined,
  log: Logger,
): ApiListener {
  if (tls && !isLoopbackHost(config.HOST)) return { host: config.HOST, tls }
  return { host: plainHost(config, log) }
}
