import type { BrokerLimits } from '../limits/limits.ts'
import type { OriginOptions } from './allowed-origins.ts'
import { type ConnectionHandler, type Listener, listenMqtt, listenWebSocket } from './listeners.ts'
import type { TlsSource } from './tls-source.ts'

/** Where the broker listens. */
export interface ListenerOptions {
  host: string
  /** 0 for a free one */
  mqttPort: number
  wsPort: number
  /** pages that may open MQTT over WebSocket; those of the listener's own origin where absent */
  pages?: OriginOptions
  /** the listeners with TLS; none without it */
  tls?: { source: TlsSource; host: string; mqttPort: number; wsPort: number } | undefined
}

/** The ports in use. */
export interface BrokerPorts {
  mqttPort: number
  wsPort: number
  /** the ports with TLS */
  tls?: { mqttPort: number; wsPort: number }
}

interface StartOptions extends ListenerOptions {
  limits: BrokerLimits
  maxPacketBytes: number
  /** Called with each listener once it listens. */
  opened(listener: Listener): void
}

/** Starts the listeners: MQTT over TCP and over WebSocket, each with and without TLS. Rejects with ConfigError when a port is in use. */
export async function startListeners(handler: ConnectionHandler, options: StartOptions): Promise<BrokerPorts> {
  const { host, tls, limits, maxPacketBytes, opened } = options
  const pages = options.pages ?? { publicUrl: undefined, allowedHosts: [], dashboardPort: 0 }
  const connectTimeoutMs = limits.CONNECT_TIMEOUT_S * 1_000
  const portOf = async (starting: Promise<Listener>): Promise<number> => {
    const listener = await starting
    opened(listener)
    return listener.port
  }
  const mqtt = (port: number, variable: string, secure?: typeof tls) =>
    portOf(listenMqtt(handler, { host: secure?.host ?? host, port, variable, connectTimeoutMs, tls: secure?.source }))
  const webSocket = (port: number, variable: string, secure?: typeof tls) =>
    portOf(
      listenWebSocket(handler, {
        ...{ host: secure?.host ?? host, port, variable, connectTimeoutMs, tls: secure?.source },
        ...{ maxPacketBytes, pages },
      }),
    )
  return {
    mqttPort: await mqtt(options.mqttPort, 'MQTT_PORT'),
    wsPort: await webSocket(options.wsPort, 'MQTT_WS_PORT'),
    ...(tls && {
      tls: {
        mqttPort: await mqtt(tls.mqttPort, 'MQTTS_PORT', tls),
        wsPort: await webSocket(tls.wsPort, 'MQTT_WSS_PORT', tls),
      },
    }),
  }
}
