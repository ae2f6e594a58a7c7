import { startBroker } from '#broker/broker.ts'
import { brokerConfig } from '#broker/config.ts'
import { brokerOptions, brokerTls, otherPorts } from './broker-options.ts'
import { openJournal } from './open-journal.ts'
import { openSecrets } from './secrets.ts'
import { requireShared, runService } from './service.ts'

await runService('broker', brokerConfig, async ({ config, parts, registry, log }) => {
  requireShared({ JOURNAL: config.JOURNAL })
  const options = brokerOptions(config, await openSecrets(config), log)
  const tls = await brokerTls(config, parts, log)
  const journal = await parts.add(openJournal(config, log))
  const broker = await parts.add(startBroker({ ...options, ...tls, journal, registry, log }))
  return `MQTT on port ${broker.mqttPort}${otherPorts(broker)}`
})
