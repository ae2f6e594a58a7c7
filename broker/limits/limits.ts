import type { z } from 'zod'
import { brokerConfig } from '../config.ts'

/** The bounds of the broker, named as their variables; config.ts says what each means. */
export type BrokerLimits = Omit<
  z.infer<typeof brokerConfig>,
  'HOST' | 'MQTT_PORT' | 'MQTT_WS_PORT' | 'MQTTS_PORT' | 'MQTT_WSS_PORT' | 'MAX_PACKET_BYTES'
>

/** What holds when nothing is set. */
export const defaultLimits: BrokerLimits = brokerConfig.parse({})
