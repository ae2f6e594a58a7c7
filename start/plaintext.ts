import type { Logger } from 'pino'
import { ConfigError } from '#telemetry/errors.ts'
import { isLoopbackAddress } from '#telemetry/network.ts'
import type { PlatformConfig } from './config.ts'

/** Whether only this machine reaches what listens on `host`. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host)
}

/**
 * The address on which a listener without TLS may listen: that of `HOST` when it is this machine alone, or with
 * `ALLOW_PLAINTEXT=true` and a warning; with TLS beside it, loopback.
 * @throws ConfigError when passwords would cross a network in the clear
 */
export function plainHost(config: Pick<PlatformConfig, 'HOST' | 'TLS_CERT' | 'ALLOW_PLAINTEXT'>, log: Logger): string {
  const { HOST, TLS_CERT, ALLOW_PLAINTEXT } = config
  if (isLoopbackHost(HOST)) return HOST
  if (ALLOW_PLAINTEXT === 'true') {
    log.warn(
      { host: HOST },
      'ALLOW_PLAINTEXT: listening without TLS beyond this machine; anyone on the way reads passwords',
    )
    return HOST
  }
  if (TLS_CERT) return '127.0.0.1'
  throw new ConfigError(
    `HOST is "${HOST}": without TLS passwords would cross the network in the clear; set TLS_CERT and TLS_KEY, leave HOST at 127.0.0.1, or set ALLOW_PLAINTEXT=true where the network itself is safe`,
  )
}
