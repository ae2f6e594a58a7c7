import type { z } from 'zod'
import type { webSettings } from '#telemetry/web-settings.ts'
import { brokerConfig } from '../config.ts'

/** The bounds of the broker, named as their variables; config.ts says what each means. */
export type BrokerLimits = Omit<
  z.infer<typeof brokerConfig>,
  keyof typeof webSettings | 'HOST' | 'MQTT_PORT' | 'MQTT_WS_PORT' | 'MQTTS_PORT' | 'MQTT_WSS_PORT' | 'MAX_PACKET_BYTES'
>

/** What holds when nothing is set. */
export const defaultLimits: BrokerLimits = brokerConfig.parse({})
