import { join } from 'node:path'
import { startAlerts } from '#alerts/alerts.ts'
import { notifyOptions } from '#alerts/config.ts'
import { startApi } from '#api/api.ts'
import { openIdOptionsOf } from '#api/sign-in/openid-options.ts'
import { webOptionsOf } from '#api/web-options.ts'
import { newSecret } from '#broker/auth/secret.ts'
import { loadCity } from '#city/city.ts'
import { ReadingSorting } from '#history/reading-sorting.ts'
import { startIngest } from '#ingest/ingest.ts'
import { simulatedCity } from '#simulators/placement.ts'
import { startSimulators } from '#simulators/simulators.ts'
import { openStore } from '#storage/open-store.ts'
import { parseConfig } from '#telemetry/config.ts'
import { figureSettingsOf } from '#telemetry/figures/figure-settings.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { apiListener } from './api-listener.ts'
import { findBaseMap } from './base-map.ts'
import { watchClock } from './clock-watch.ts'
import { startEntrance } from './entrance.ts'
import { fillHistory } from './fill-history.ts'
import { keptSooner } from './kept.ts'
import { createLog } from './log.ts'
import { cityMap } from './map.ts'
import { damagedPath } from './open-journal.ts'
import { PlatformRegistry } from './platform-registry.ts'
import { platformSettings } from './platform-settings.ts'
import { root } from './prepare.mjs'
import { retentionDaysOf } from './retention-days.ts'
import { startRollUpUpkeep } from './roll-up-upkeep.ts'
import { run } from './run.ts'
import { loadSecrets, logMendedPermissions, openDataFolder } from './secrets.ts'
import { Stack } from './stack.ts'
import { watchTls } from './tls.ts'

/** Everything in one process: what `npm start` runs. */
async function startPlatform(parts: Stack, signal: AbortSignal): Promise<string> {
  const config = parseConfig(platformSettings, process.env)
  const log = await createLog(config)
  const notify = notifyOptions(config)
  const retentionDays = retentionDaysOf(config)
  logMendedPermissions(log, await openDataFolder(config.DATA_DIR))
  const passwords = await loadSecrets(config)
  const city = await loadCity(config.CITY_DIR)
  const store = await parts.add(openStore(config, log))
  const sooner = keptSooner(store, config)
  if (sooner) console.error(sooner)
  const plan = { count: config.SENSORS, samples: config.SAMPLE_SENSORS === 'true', seed: config.SEED }
  const sensors = simulatedCity(city, plan)
  await fillHistory(store, sensors, { days: config.BACKFILL_DAYS, seed: config.SEED, now: Date.now(), signal })

  const faults = new HealthFaults()
  const entrance = await parts.add(startEntrance(config, passwords, faults.switchOf('JOURNAL_WRITE'), log))
  const registry = new PlatformRegistry(() => entrance.metrics())
  await parts.add(Promise.resolve(watchClock({ registry, log })))
  const as = (username: 'ingest' | 'alerts' | 'api' | 'simulators') => ({
    url: entrance.url,
    username,
    password: passwords[username],
  })

  const upkeep = await parts.add(
    startRollUpUpkeep(config, { store, registry, faults, log: log.child({ room: 'history' }) }),
  )
  if (config.STORE === 'duckdb')
    await parts.add(Promise.resolve(new ReadingSorting({ store, registry, log: log.child({ room: 'history' }) })))
  await parts.add(
    startIngest({
      ...{ journal: entrance.journal, store, mqtt: as('ingest'), districts: city.districts, registry, faults },
      ...retentionDays,
      beforeTrim: (before) => upkeep.rollUpBefore(before),
      damagedDir: damagedPath(config.DATA_DIR),
      log: log.child({ room: 'ingest' }),
    }),
  )
  // alerts reads its past while the api starts
  const alerts = startAlerts({
    store,
    mqtt: as('alerts'),
    districts: city.districts,
    notify,
    registry,
    faults,
    log: log.child({ room: 'alerts' }),
  })
  await parts.add(Promise.resolve({ close: async () => (await alerts).close() }))
  const tls = await watchTls(config, log)
  if (tls) await parts.add(Promise.resolve(tls))
  const loginToken = newSecret()
  const api = await parts.add(
    startApi({
      ...apiListener(config, tls, log),
      port: config.HTTP_PORT,
      store,
      mqtt: as('api'),
      districts: city.districts,
      map: cityMap(city),
      ...(await findBaseMap(config, log)),
      adminToken: passwords.admin,
      loginToken,
      auditLogDir: join(config.DATA_DIR, 'trail'),
      dashboardDir: join(root, 'dashboard/dist'),
      web: webOptionsOf(config),
      correctionsNeedConfirmation: config.CORRECTIONS_NEED_CONFIRMATION === 'true',
      figures: figureSettingsOf(config),
      ...openIdOptionsOf(config),
      registry,
      faults,
      log: log.child({ room: 'api' }),
    }),
  )
  if (config.SENSORS > 0)
    await parts.add(
      startSimulators({
        ...as('simulators'),
        ...plan,
        ledger: config.LEDGER,
        deafLamps: config.DEAF_LAMPS,
        city,
        registry,
        log: log.child({ room: 'simulators' }),
      }),
    )
  await alerts
  console.error(`${entrance.says}; ${sensors.length} simulated sensors. Ctrl-C stops all.`)
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
