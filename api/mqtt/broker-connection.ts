import mqtt, { type MqttClient } from 'mqtt'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'

/** What the broker did not grant. */
export interface RefusedSubscription {
  err: Error | null
  /** topics that it refused; none when it could not be asked */
  refused: string[]
}

/**
 * Connects to the broker, and again by itself. After each connect it subscribes to `topics` at QoS 1 and reports whether the broker
 * granted them.
 */
export function connectBroker(
  { url, username, password }: MqttAccess,
  topics: string[],
  onSubscribed: (refusal: RefusedSubscription | undefined) => void,
): MqttClient {
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clean: true,
    username,
    password,
    connectTimeout: 10_000,
    reconnectPeriod: 1_000,
    reconnectOnConnackError: true,
    // subscribed by hand after each connect: only then does the broker send what it retains again
    resubscribe: false,
    queueQoSZero: false,
  })
  sendWithoutDelay(client)
  client.on('connect', () => {
    client.subscribe(topics, { qos: 1 }, (err, granted) => {
      const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? []
      onSubscribed(err || refused.length > 0 ? { err, refused } : undefined)
    })
  })
  return client
}
