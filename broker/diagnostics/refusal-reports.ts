import type { Aedes } from 'aedes'
import type { Logger } from 'pino'
import type { JournalBroadcast } from '#journal/journal.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { refusalPublisher } from './publish-refusals.ts'
import { joinRefusals } from './refusal-exchange.ts'
import { Refusals, type Refused } from './refusals.ts'

/** Records what was refused, and reports it to the subscribers of all brokers that share the journal. */
export interface RefusalReports {
  add(refused: Refused): void
  /** A client has subscribed to diagnostics: all brokers report again what they have recorded. */
  diagnosticsSubscribed(): void
  close(): void
}

/** Starts recording and reporting. */
export function startRefusalReports(
  aedes: Aedes,
  broadcast: JournalBroadcast | undefined,
  metrics: BrokerMetrics,
  log: Logger,
): RefusalReports {
  const publish = refusalPublisher(aedes, log)
  const refusals = new Refusals({
    metrics,
    send(batch) {
      publish(batch)
      exchange.send(batch)
    },
  })
  const exchange = joinRefusals(broadcast, {
    own: refusals.broker,
    received: publish,
    requested: () => refusals.sendAgain(),
  })
  return {
    add: (refused) => refusals.add(refused),
    diagnosticsSubscribed() {
      refusals.sendAgain()
      exchange.request()
    },
    close() {
      exchange.close()
      refusals.close()
    },
  }
}
