import { startAlerts } from '#alerts/alerts.ts'
import { alertsConfig } from '#alerts/config.ts'
import { runService, secretOf } from './service.ts'

await runService('alerts', alertsConfig, async ({ config, parts, registry, log }) => {
  const mqtt = { url: config.MQTT_URL, username: 'alerts', password: await secretOf(config, 'alerts') }
  await parts.add(startAlerts({ mqtt, registry, log }))
  return `watching ${config.MQTT_URL}`
})
