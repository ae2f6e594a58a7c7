import { join } from 'node:path'
import { startApi } from '#api/api.ts'
import { apiConfig } from '#api/config.ts'
import { openIdOptionsOf } from '#api/sign-in/openid-options.ts'
import { webOptionsOf } from '#api/web-options.ts'
import { loadCity } from '#city/city.ts'
import { storageConfig } from '#storage/config.ts'
import { openStore } from '#storage/open-store.ts'
import { figureSettingsOf } from '#telemetry/figures/figure-settings.ts'
import { apiListener } from './api-listener.ts'
import { findBaseMap } from './base-map.ts'
import { cityMap } from './map.ts'
import { root } from './prepare.mjs'
import { requireShared, runService, secretOf } from './service.ts'
import { watchTls } from './tls.ts'

await runService('api', apiConfig.extend(storageConfig.shape), async ({ config, parts, registry, faults, log }) => {
  requireShared({ STORE: config.STORE })
  const city = await loadCity(config.CITY_DIR)
  const store = await parts.add(openStore(config, log))
  const tls = await watchTls(config, log)
  if (tls) await parts.add(Promise.resolve(tls))
  const api = await parts.add(
    startApi({
      ...apiListener(config, tls, log),
      port: config.HTTP_PORT,
      store,
      mqtt: { url: config.MQTT_URL, username: 'api', password: await secretOf(config, 'api') },
      districts: city.districts,
      map: cityMap(city),
      ...(await findBaseMap(config, log)),
      adminToken: await secretOf(config, 'admin'),
      auditLogDir: join(config.DATA_DIR, 'trail'),
      dashboardDir: join(root, 'dashboard/dist'),
      web: webOptionsOf(config),
      correctionsNeedConfirmation: config.CORRECTIONS_NEED_CONFIRMATION === 'true',
      figures: figureSettingsOf(config),
      ...openIdOptionsOf(config),
      registry,
      faults,
      log,
    }),
  )
  return `${api.url} (sign in with ADMIN_TOKEN)`
})
