import type { z } from 'zod'
import { alertsConfig } from '#alerts/config.ts'
import { apiConfig } from '#api/config.ts'
import { bridgeConfig } from '#broker/bridge/config.ts'
import { brokerConfig } from '#broker/config.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { storageConfig } from '#storage/config.ts'
import { platformConfig } from './config.ts'

/** Settings of the whole platform in one process. Without MQTT_URL it has a broker of its own. */
export const platformSettings = platformConfig
  .extend(brokerConfig.shape)
  .extend(bridgeConfig.shape)
  .extend(storageConfig.shape)
  .extend(alertsConfig.omit({ MQTT_URL: true, ALERTS_PASSWORD: true }).shape)
  .extend(apiConfig.shape)
  .extend(simulatorsConfig.shape)
  .extend({ MQTT_URL: bridgeConfig.shape.MQTT_URL.optional() })

export type PlatformSettings = z.infer<typeof platformSettings>
