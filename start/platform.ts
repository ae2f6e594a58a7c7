import { join } from 'node:path'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { startAlerts } from '#alerts/alerts.ts'
import { startApi } from '#api/api.ts'
import { apiConfig } from '#api/config.ts'
import type { Passwords } from '#broker/accounts.ts'
import { brokerConfig } from '#broker/config.ts'
import { loadCity } from '#city/city.ts'
import { startIngest } from '#ingest/ingest.ts'
import { simulatorsConfig } from '#simulators/config.ts'
import { placeSensors } from '#simulators/placement.ts'
import { startSimulators } from '#simulators/simulators.ts'
import { storageConfig } from '#storage/config.ts'
import { openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { type BrokerThread, startBrokerThread } from './broker-thread.ts'
import { platformConfig } from './config.ts'
import { fillHistory } from './fill-history.ts'
import { openLog } from './log.ts'
import { cityMap } from './map.ts'
import { PlatformRegistry } from './platform-registry.ts'
import { root } from './prepare.mjs'
import { run } from './run.ts'
import { newSecret, openDataFolder, openSecrets } from './secrets.ts'
import { Stack } from './stack.ts'

const settings = platformConfig
  .extend(brokerConfig.shape)
  .extend(storageConfig.shape)
  .extend(apiConfig.shape)
  .extend(simulatorsConfig.shape)

function openBroker(config: z.infer<typeof settings>, passwords: Passwords, log: Logger): Promise<BrokerThread> {
  return startBrokerThread(
    {
      config,
      broker: {
        host: config.HOST,
        mqttPort: config.MQTT_PORT,
        wsPort: config.MQTT_WS_PORT,
        maxPacketBytes: config.MAX_PACKET_BYTES,
        passwords,
        retainedPath: join(config.DATA_DIR, 'retained'),
      },
    },
    log,
  )
}

/** Everything in one process: what `npm start` runs. */
async function startPlatform(parts: Stack, signal: AbortSignal): Promise<string> {
  const config = parseConfig(settings, process.env)
  const log = openLog(config)
  await openDataFolder(config.DATA_DIR)
  const passwords = await openSecrets(config)
  const city = await loadCity()
  const store = await parts.add(openStore(config, log))
  const sensors = placeSensors(city, config.SENSORS, config.SEED)
  await fillHistory(store, sensors, { days: config.BACKFILL_DAYS, seed: config.SEED, now: Date.now(), signal })

  const broker = await parts.add(openBroker(config, passwords, log))
  const registry = new PlatformRegistry(() => broker.metrics())
  const own = config.HOST === '0.0.0.0' || config.HOST === '::' ? '127.0.0.1' : config.HOST
  const url = `mqtt://${own.includes(':') ? `[${own}]` : own}:${broker.mqttPort}`
  const as = (username: 'ingest' | 'alerts' | 'api' | 'simulators') => ({
    url,
    username,
    password: passwords[username],
  })

  await parts.add(
    startIngest({ journal: broker.journal, store, mqtt: as('ingest'), registry, log: log.child({ room: 'ingest' }) }),
  )
  await parts.add(startAlerts({ mqtt: as('alerts'), registry, log: log.child({ room: 'alerts' }) }))
  const loginToken = newSecret()
  const api = await parts.add(
    startApi({
      host: config.HOST,
      port: config.HTTP_PORT,
      store,
      mqtt: as('api'),
      districts: city.districts,
      map: cityMap(city),
      adminToken: passwords.admin,
      loginToken,
      dashboardDir: join(root, 'dashboard/dist'),
      ...(config.MAP_STYLE_URL ? { mapStyleUrl: config.MAP_STYLE_URL } : {}),
      registry,
      log: log.child({ room: 'api' }),
    }),
  )
  if (config.SENSORS > 0)
    await parts.add(
      startSimulators({
        ...as('simulators'),
        count: config.SENSORS,
        seed: config.SEED,
        ledger: config.LEDGER,
        city,
        registry,
        log: log.child({ room: 'simulators' }),
      }),
    )
  console.error(
    `MQTT on ${url}, over WebSocket on port ${broker.wsPort}; ${config.SENSORS} simulated sensors. Ctrl-C stops all.`,
  )
  return `${api.url}/?token=${loginToken}`
}

await run(async () => {
  const parts = new Stack()
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  process.once('SIGTERM', () => stopping.abort())
  try {
    console.log(await startPlatform(parts, stopping.signal))
  } catch (error) {
    await parts.close().catch(() => {}) // the fault at the start is the one to tell
    throw error
  }
  return parts
})
