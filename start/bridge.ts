import { startBridge } from '#broker/bridge/bridge.ts'
import { bridgeConfig } from '#broker/bridge/config.ts'
import { reportAppendHealth } from '#journal/append-health.ts'
import { openJournal } from './open-journal.ts'
import { requireShared, runService } from './service.ts'

await runService('bridge', bridgeConfig, async ({ config, parts, registry, faults, log }) => {
  requireShared({ JOURNAL: config.JOURNAL })
  const journal = reportAppendHealth(await parts.add(openJournal(config, log)), faults.switchOf('JOURNAL_WRITE'))
  await parts.add(
    Promise.resolve(
      startBridge({
        url: config.MQTT_URL,
        username: config.BRIDGE_USERNAME,
        password: config.BRIDGE_PASSWORD,
        clientId: config.BRIDGE_CLIENT_ID,
        shareGroup: config.BRIDGE_SHARE_GROUP,
        ...{ journal, registry, log },
      }),
    ),
  )
  return `from ${new URL(config.MQTT_URL).host} to the journal`
})
