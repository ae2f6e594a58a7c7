import { loadCity } from '#city/city.ts'
import { ingestConfig } from '#ingest/config.ts'
import { startIngest } from '#ingest/ingest.ts'
import { storageConfig } from '#storage/config.ts'
import { openStore } from '#storage/open-store.ts'
import { keptSooner } from './kept.ts'
import { damagedPath, openJournal } from './open-journal.ts'
import { retentionDaysOf } from './retention-days.ts'
import { startRollUpUpkeep } from './roll-up-upkeep.ts'
import { requireShared, runService, secretOf } from './service.ts'

await runService(
  'ingest',
  ingestConfig.extend(storageConfig.shape),
  async ({ config, parts, registry, faults, log }) => {
    requireShared(config)
    const retentionDays = retentionDaysOf(config)
    const { districts } = await loadCity(config.CITY_DIR)
    const mqtt = { url: config.MQTT_URL, username: 'ingest', password: await secretOf(config, 'ingest') }
    const journal = await parts.add(openJournal(config, log))
    const store = await parts.add(openStore(config, log))
    const sooner = keptSooner(store, config)
    if (sooner) console.error(sooner)
    const upkeep = await parts.add(startRollUpUpkeep(config, { store, registry, faults, log }))
    await parts.add(
      startIngest({
        journal,
        store,
        mqtt,
        districts,
        damagedDir: damagedPath(config.DATA_DIR),
        ...retentionDays,
        beforeTrim: (before) => upkeep.rollUpBefore(before),
        registry,
        faults,
        log,
      }),
    )
    return `from ${config.NATS_URL} to ${config.INFLUX_URL}`
  },
)
