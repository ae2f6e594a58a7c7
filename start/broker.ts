import { startBroker } from '#broker/broker.ts'
import { brokerConfig } from '#broker/config.ts'
import { reportAppendHealth } from '#journal/append-health.ts'
import { brokerOptions, brokerTls, otherPorts } from './broker-options.ts'
import { openJournal } from './open-journal.ts'
import { loadSecrets } from './secrets.ts'
import { requireShared, runService } from './service.ts'

await runService('broker', brokerConfig, async ({ config, parts, registry, faults, log }) => {
  requireShared({ JOURNAL: config.JOURNAL })
  const options = brokerOptions(config, await loadSecrets(config), log)
  const tls = await brokerTls(config, parts, log)
  const journal = reportAppendHealth(await parts.add(openJournal(config, log)), faults.switchOf('JOURNAL_WRITE'))
  const broker = await parts.add(startBroker({ ...options, ...tls, journal, registry, log }))
  return `MQTT on port ${broker.mqttPort}${otherPorts(broker)}`
})
