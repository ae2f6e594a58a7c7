import { connect, type MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import type { MqttAccess } from '#telemetry/mqtt-access.ts'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'

/** Connects to the broker, and again for ever; while it is away nothing is queued for the live feed. */
export function connectLiveFeed({ url, username, password }: MqttAccess, log: Logger): MqttClient {
  const mqtt = connect(url, {
    ...{ username, password, protocolVersion: 4 },
    clientId: `ingest-${process.pid}-${Math.random().toString(36).slice(2, 8)}`,
    ...{ reconnectPeriod: 500, reconnectOnConnackError: true, queueQoSZero: false },
  })
  sendWithoutDelay(mqtt)
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'the live feed has no broker')
  })
  return mqtt
}
