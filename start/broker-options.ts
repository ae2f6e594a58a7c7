import { join } from 'node:path'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Passwords } from '#broker/auth/service-accounts.ts'
import type { BrokerOptions } from '#broker/broker.ts'
import type { brokerConfig } from '#broker/config.ts'
import type { PlatformConfig } from './config.ts'
import { plainHost } from './plaintext.ts'
import { identityFiles } from './secrets.ts'
import type { Stack } from './stack.ts'
import { watchTls } from './tls.ts'

type Config = PlatformConfig & z.infer<typeof brokerConfig>

/**
 * What the broker is told by the settings, as plain data, TLS apart.
 * @throws ConfigError when it would listen in the clear where it must not
 */
export function brokerOptions(
  config: Config,
  passwords: Passwords,
  log: Logger,
): Omit<BrokerOptions, 'journal' | 'registry' | 'log' | 'tls'> {
  return {
    host: plainHost(config, log),
    mqttPort: config.MQTT_PORT,
    wsPort: config.MQTT_WS_PORT,
    maxPacketBytes: config.MAX_PACKET_BYTES,
    limits: config,
    pages: { publicUrl: config.PUBLIC_URL, allowedHosts: config.ALLOWED_HOSTS ?? [], dashboardPort: config.HTTP_PORT },
    passwords,
    ...identityFiles(config),
    retainedPath: join(config.DATA_DIR, 'retained'),
  }
}

/** Its listeners with TLS, when the settings ask for them. */
export async function brokerTls(config: Config, parts: Stack, log: Logger): Promise<Pick<BrokerOptions, 'tls'>> {
  const source = await watchTls(config, log)
  if (!source) return {}
  await parts.add(Promise.resolve(source))
  return { tls: { source, host: config.HOST, mqttPort: config.MQTTS_PORT, wsPort: config.MQTT_WSS_PORT } }
}

/** The ports on which a broker listens. */
export interface Ports {
  mqttPort: number
  wsPort: number
  tls?: { mqttPort: number; wsPort: number }
}

/** Where the broker listens beside its first port, for the reader. */
export function otherPorts({ wsPort, tls }: Ports): string {
  const secure = tls ? `; with TLS on port ${tls.mqttPort}, over WebSocket with TLS on port ${tls.wsPort}` : ''
  return `, over WebSocket on port ${wsPort}${secure}`
}
