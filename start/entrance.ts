import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { Passwords } from '#broker/auth/service-accounts.ts'
import { startBridge } from '#broker/bridge/bridge.ts'
import { reportAppendHealth } from '#journal/append-health.ts'
import type { JournalSource } from '#journal/journal.ts'
import { brokerOptions, otherPorts } from './broker-options.ts'
import { startBrokerThread } from './broker-thread.ts'
import { openJournal } from './open-journal.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { Stack } from './stack.ts'

/** Where readings come in, and the broker that everyone else uses. */
export interface Entrance {
  /** address of the broker */
  url: string
  /** what to tell about it */
  says: string
  journal: JournalSource
  /** its metrics as Prometheus reads them */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** Called with whether the journal refuses readings. */
type ReportJournal = (takesNothing: boolean) => void

/** Starts the own broker; with MQTT_URL the bridge to an outside broker instead. */
export function startEntrance(
  config: PlatformSettings,
  passwords: Passwords,
  reportJournal: ReportJournal,
  log: Logger,
): Promise<Entrance> {
  return config.MQTT_URL === undefined
    ? startBrokerEntrance(config, passwords, reportJournal, log)
    : startBridgeEntrance(config, config.MQTT_URL, reportJournal, log)
}

async function startBrokerEntrance(
  config: PlatformSettings,
  passwords: Passwords,
  reportJournal: ReportJournal,
  log: Logger,
): Promise<Entrance> {
  const broker = brokerOptions(config, passwords, log)
  const { ports, ...thread } = await startBrokerThread({ config, broker }, reportJournal, log)
  const own = broker.host === '0.0.0.0' || broker.host === '::' ? '127.0.0.1' : broker.host
  const url = `mqtt://${own.includes(':') ? `[${own}]` : own}:${ports.mqttPort}`
  return { ...thread, url, says: `MQTT on ${url}${otherPorts(ports)}` }
}

async function startBridgeEntrance(
  config: PlatformSettings,
  url: string,
  reportJournal: ReportJournal,
  log: Logger,
): Promise<Entrance> {
  const parts = new Stack()
  const registry = new Registry()
  const journal = await parts.add(openJournal(config, log))
  const bridge = startBridge({
    url,
    username: config.BRIDGE_USERNAME,
    password: config.BRIDGE_PASSWORD,
    clientId: config.BRIDGE_CLIENT_ID,
    shareGroup: config.BRIDGE_SHARE_GROUP,
    journal: reportAppendHealth(journal, reportJournal),
    ...{ registry, log: log.child({ room: 'bridge' }) },
  })
  await parts.add(Promise.resolve(bridge))
  const says = `MQTT of the outside broker on ${new URL(url).host}`
  return { url, says, journal, metrics: () => registry.metrics(), close: () => parts.close() }
}
