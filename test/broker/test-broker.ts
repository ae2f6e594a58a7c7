import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { type Broker, type BrokerOptions, startBroker } from '#broker/broker.ts'
import type { BrokerLimits } from '#broker/limits/limits.ts'
import type { Journal } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { listeningLog, silent } from '../journal/journal-parts.ts'
import { testPassword } from './raw-mqtt.ts'

/** The real broker with a real journal on free ports, in a folder of its own. */
export interface TestBroker extends Broker {
  journal: Journal
  /** file of its credentials; not there at first */
  credentialsPath: string
  lastSeenPath: string
  /** what it has logged */
  readonly log: string
  /** A number that it shows: the sum over `labels`. */
  metric(name: string, labels?: Record<string, string>): Promise<number>
}

/** Starts a broker whose users all have {@link testPassword}. */
export async function startTestBroker(
  limits: Partial<BrokerLimits> = {},
  more: Partial<Pick<BrokerOptions, 'tls' | 'mqttPort' | 'maxPacketBytes'>> & {
    /** what stands between the broker and its journal */
    through?: (journal: Journal) => BrokerOptions['journal']
    /** a folder that outlives it, for a broker that starts again */
    keptFolder?: string
  } = {},
): Promise<TestBroker> {
  const folder = more.keptFolder ?? (await mkdtemp(join(tmpdir(), 'nhip-broker-')))
  const path = join(folder, 'journal')
  const journal = await openLocalJournal({ path, consumers: ['store'], maxBytes: 1_073_741_824, log: silent })
  const registry = new Registry()
  const { log, lines } = listeningLog()
  const lastSeenPath = join(folder, 'last-seen.json')
  const credentialsPath = join(folder, 'credentials.json')
  const broker = await startBroker({
    ...{ host: '127.0.0.1', mqttPort: 0, wsPort: 0, maxPacketBytes: 65_536, limits, registry, log },
    journal: more.through?.(journal) ?? journal,
    passwords: {
      ...{ admin: testPassword, ingest: testPassword, alerts: testPassword },
      ...{ api: testPassword, simulators: testPassword },
    },
    retainedPath: join(folder, 'retained'),
    ...{ credentialsPath, lastSeenPath },
    ...more,
  })
  return {
    ...broker,
    ...{ journal, credentialsPath, lastSeenPath },
    get log() {
      return lines.join('')
    },
    async metric(name, labels = {}) {
      const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {}
      const wanted = values.filter(
        (value) =>
          Object.entries(labels).every(([label, text]) => (value.labels as Record<string, unknown>)[label] === text), // labels are a record of texts
      )
      return wanted.reduce((sum, { value }) => sum + value, 0)
    },
    async close() {
      await broker.close()
      await journal.close()
      if (!more.keptFolder) await rm(folder, { recursive: true, force: true })
    },
  }
}
