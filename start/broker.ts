import { join } from 'node:path'
import { startBroker } from '#broker/broker.ts'
import { brokerConfig } from '#broker/config.ts'
import { openJournal } from './open-journal.ts'
import { identityFiles, openSecrets } from './secrets.ts'
import { requireShared, runService } from './service.ts'

await runService('broker', brokerConfig, async ({ config, parts, registry, log }) => {
  requireShared({ JOURNAL: config.JOURNAL })
  const journal = await parts.add(openJournal(config, log))
  const broker = await parts.add(
    startBroker({
      host: config.HOST,
      mqttPort: config.MQTT_PORT,
      wsPort: config.MQTT_WS_PORT,
      maxPacketBytes: config.MAX_PACKET_BYTES,
      limits: config,
      journal,
      passwords: await openSecrets(config),
      retainedPath: join(config.DATA_DIR, 'retained'),
      ...identityFiles(config),
      registry,
      log,
    }),
  )
  return `MQTT on port ${broker.mqttPort}, over WebSocket on port ${broker.wsPort}`
})
