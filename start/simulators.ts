import { loadCity } from '#city/city.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { startSimulators } from '#simulators/simulators.ts'
import { runService, secretOf } from './service.ts'

await runService('simulators', simulatorsConfig, async ({ config, parts, registry, log }) => {
  await parts.add(
    startSimulators({
      url: config.MQTT_URL,
      username: 'simulators',
      password: await secretOf(config, 'simulators'),
      count: config.SENSORS,
      samples: config.SAMPLE_SENSORS === 'true',
      seed: config.SEED,
      ledger: config.LEDGER,
      deafLamps: config.DEAF_LAMPS,
      city: await loadCity(config.CITY_DIR),
      registry,
      log,
    }),
  )
  return `${config.SENSORS} sensors on ${config.MQTT_URL}`
})
