import { startAlerts } from '#alerts/alerts.ts'
import { alertsConfig, notifyOptions } from '#alerts/config.ts'
import { loadCity } from '#city/city.ts'
import { storageConfig } from '#storage/config.ts'
import { openStore } from '#storage/open-store.ts'
import { requireShared, runService, secretOf } from './service.ts'

await runService(
  'alerts',
  alertsConfig.extend(storageConfig.shape),
  async ({ config, parts, registry, faults, log }) => {
    requireShared({ STORE: config.STORE })
    const { districts } = await loadCity(config.CITY_DIR)
    const notify = notifyOptions(config)
    const mqtt = { url: config.MQTT_URL, username: 'alerts', password: await secretOf(config, 'alerts') }
    const store = await parts.add(openStore(config, log))
    await parts.add(startAlerts({ store, mqtt, districts, notify, registry, faults, log }))
    return `watching ${config.MQTT_URL}`
  },
)
